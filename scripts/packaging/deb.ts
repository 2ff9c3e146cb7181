/** Makes the .deb with dpkg-deb. Source: Debian policy manual, chapters 5 and 6. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../bundle.ts'
import type { Description } from './contents.ts'
import type { Arch } from './item.ts'
import { settle, stage } from './stage.ts'

const machines = { x64: 'amd64', arm64: 'arm64' } as const

export interface PackageOptions {
  readonly arch: Arch
  readonly epochS: number
  readonly outDir: string
  /** Scratch directory. */
  readonly work: string
  /** Not compressed. */
  readonly fast: boolean
}

/** @returns the package file */
export function makeDeb(description: Description, options: PackageOptions): string {
  const root = join(options.work, 'deb')
  stage(description, root, options.epochS)
  const control = join(root, 'DEBIAN')
  mkdirSync(control)
  chmodSync(control, 0o755)
  writeFileSync(join(control, 'control'), controlText(description, options.arch))
  const configs = description.items.filter(({ kind }) => kind === 'config').map(({ path }) => `${path}\n`)
  writeFileSync(join(control, 'conffiles'), configs.join(''))
  for (const [name, text] of Object.entries(scripts())) {
    writeFileSync(join(control, name), text)
    chmodSync(join(control, name), 0o755)
  }
  settle(root, options.epochS)
  const file = join(
    options.outDir,
    `${description.name}_${description.version}_${machines[options.arch]}.deb`,
  )
  // One thread: the bytes must not depend on how many processors built them.
  const compression = options.fast ? ['-Znone'] : ['-Zxz', '--threads-max=1']
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(options.epochS) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return file
}

function controlText(description: Description, arch: Arch): string {
  const bytes = description.items.reduce((sum, item) => sum + sizeOf(item), 0)
  const fields = {
    Package: description.name,
    Version: description.version,
    Architecture: machines[arch],
    Maintainer: description.maintainer,
    'Installed-Size': String(Math.ceil(bytes / 1024)),
    Depends: description.depends.deb.join(', '),
    Section: 'database',
    Priority: 'optional',
    Homepage: description.homepage,
    Description: [description.summary, description.text.map(folded).join('\n .\n')].join('\n'),
  }
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

function sizeOf(item: Description['items'][number]): number {
  if (item.kind === 'link' || item.kind === 'directory') return 0
  return typeof item.from === 'string' ? statSync(item.from).size : item.from.length
}

function folded(paragraph: string): string {
  return paragraph.replace(/(.{1,76})(?:\s+|$)/g, ' $1\n').trimEnd()
}

/** dpkg tells by the first argument what is going on, and by the second from or to which version. */
function scripts(): Readonly<Record<string, string>> {
  const actions = readFileSync(join(projectDir, 'packaging/scripts/actions.sh'), 'utf8')
  const script = (choices: string) => `#!/bin/sh\nset -e\n${actions}\ncase "$1" in\n${choices}\nesac\n`
  return {
    preinst: script('install | upgrade) unpacking "$1" ;;'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
    postinst: script('configure) configured "${2-}" ;;\nabort-remove) stayed ;;'),
    prerm: script('remove) removing ;;'),
    postrm: script('remove) removed ;;\npurge) purged ;;'),
  }
}
