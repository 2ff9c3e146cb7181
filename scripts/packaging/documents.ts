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
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * CycloneDX, by npm from the lockfile. It is asked for all packages, and those for development are left out here: npm 11
 * itself leaves out what they and the program have in common, too (`yaml`, `zod`). What npm makes up anew each time (serial number, time, the name of the directory)
 * is replaced by what is always the same for the same content.
 */
function componentList(epochS: number): ComponentList & Readonly<Record<string, unknown>> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  const made = execFileSync('npm', args, { cwd: projectDir, encoding: 'utf8', maxBuffer: 1 << 26 })
  const list = JSON.parse(made) as ComponentList & { metadata: { component: Record<string, unknown> } }
  list.metadata.component.name = 'pgsvc'
  const ours = shippedPackages()
  const own = String(list.metadata.component['bom-ref'])
  const isOurs = (reference: string) => reference === own || ours.has(reference)
  const components = list.components.filter((one) => isOurs(one['bom-ref']))
  const dependencies = list.dependencies
    .filter(({ ref }) => isOurs(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isOurs) }))
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex')
  const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
  return {
    ...list,
    components,
    dependencies,
    serialNumber: `urn:uuid:${uuid}`,
    metadata: { ...list.metadata, timestamp: new Date(epochS * 1_000).toISOString() },
  }
}

/** `name@version` of every package in the lockfile that is not there for development alone. */
function shippedPackages(): ReadonlySet<string> {
  const lock = JSON.parse(readFileSync(join(projectDir, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly dev?: boolean; readonly version: string }>>
  }
  const directory = 'node_modules/'
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  return new Set(
    shipped.map(
      ([path, { version }]) => `${path.slice(path.lastIndexOf(directory) + directory.length)}@${version}`,
    ),
  )
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
