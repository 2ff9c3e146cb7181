/** What is installed beside the program to be read: licences, list of components. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { projectDir } from '../bundle.ts'
import type { Arch, Item } from './item.ts'
import { nodePackage } from './node-program.ts'

const docDir = '/usr/share/doc/pgsvc'

export function documents(arch: Arch, epochS: number): readonly Item[] {
  const sbom = componentList(epochS)
  const text = (path: string, content: string | Buffer): Item => ({
    ...{ kind: 'file', path, mode: 0o644 },
    from: Buffer.from(content),
  })
  return [
    text(`${docDir}/sbom.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`),
    text(`${docDir}/copyright`, licences(sbom, arch)),
    text(`${docDir}/changelog.gz`, gzipSync(readFileSync(join(projectDir, 'CHANGELOG.md')), { level: 9 })),
  ]
}

interface Component {
  readonly name: string
  readonly version: string
  readonly 'bom-ref': string
  readonly purl: string
}

interface ComponentList {
  readonly components: readonly Component[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * CycloneDX, by npm from the lockfile. What npm makes up anew each time (serial number, time, the name of the directory)
 * is replaced by what is always the same for the same content.
 */
function componentList(epochS: number): ComponentList & Readonly<Record<string, unknown>> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only']
  const made = execFileSync('npm', args, { cwd: projectDir, encoding: 'utf8', maxBuffer: 1 << 26 })
  const list = JSON.parse(made) as ComponentList & { metadata: { component: Record<string, unknown> } }
  list.metadata.component.name = 'pgsvc'
  const digest = createHash('sha256').update(JSON.stringify(list.components)).digest('hex')
  const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
  return {
    ...list,
    serialNumber: `urn:uuid:${uuid}`,
    metadata: { ...list.metadata, timestamp: new Date(epochS * 1_000).toISOString() },
  }
}

/** Every component's own words; its package.json's when it has none. */
function licences({ components }: ComponentList, arch: Arch): string {
  const parts = components
    .filter(({ name }) => !name.startsWith('node-linux-'))
    .map(({ name, version }) => ({
      title: `${name} ${version}`,
      directory: join(projectDir, 'node_modules', name),
    }))
  const node = { title: 'Node.js, with what is part of it', directory: nodePackage(arch) }
  const texts = [...parts, node].map(
    ({ title, directory }) => `${title}\n${'='.repeat(title.length)}\n\n${licence(directory)}\n`,
  )
  return `pgsvc is one program file that holds the following components.\n\n${texts.join('\n')}`
}

function licence(directory: string): string {
  const names = existsSync(directory) ? readdirSync(directory) : []
  const files = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort()
  if (files.length > 0)
    return files.map((name) => readFileSync(join(directory, name), 'utf8').trim()).join('\n\n')
  if (names.length === 0) throw new Error(`${directory} is not installed: its licence is not to be had`)
  const about = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { license?: string }
  return `Licence: ${about.license ?? 'not told'}`
}
