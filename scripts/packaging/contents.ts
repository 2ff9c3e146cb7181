/** What is installed and where: the one description from which both kinds of package are made. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../bundle.ts'
import { documents } from './documents.ts'
import type { Arch, Item } from './item.ts'
import { manuals } from './manuals.ts'

export interface Description {
  readonly name: string
  readonly version: string
  readonly summary: string
  /** Paragraphs. */
  readonly text: readonly string[]
  readonly homepage: string
  readonly maintainer: string
  readonly licence: string
  readonly depends: { readonly deb: readonly string[]; readonly rpm: readonly string[] }
  readonly items: readonly Item[]
}

const units = ['pgsvc-agent.service', 'pgsvc-controller.service', 'pgsvc-recover.service'] as const
const unitDir = '/usr/lib/systemd/system'

/** @param epochS - time that the documents bear, seconds since 1970 */
export async function describe(arch: Arch, program: string, epochS: number): Promise<Description> {
  const about: unknown = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  const { version } = Object(about) as Record<string, unknown>
  if (typeof version !== 'string') throw new Error('package.json has no version')
  return {
    name: 'pgsvc',
    version,
    summary: "publishes Pigsty's PostgreSQL services to HAProxy on every node",
    text: [
      'The controller on the admin node reads pigsty.yml and publishes services with pgsql-svc; the agent on every node checks them with the HAProxy there, puts them in place, and follows when the leader of a cluster changes.',
      'Both, and all commands, are one program file that brings its own runtime. Nothing starts before it is configured and enabled: see pgsvc-agent(8) and pgsvc-controller(8).',
    ],
    homepage: 'https://pigsty.io',
    maintainer: 'pgsvc maintainers <maintainers@pgsvc.invalid>',
    licence: 'LicenseRef-pgsvc',
    // What Node 24 was built for, and systemd-notify.
    depends: {
      deb: ['libc6 (>= 2.28)', 'libstdc++6 (>= 8)', 'systemd'],
      rpm: ['glibc >= 2.28', 'libstdc++ >= 8', 'systemd'],
    },
    items: [
      ...programItems(program),
      ...systemItems(),
      ...documents(arch, epochS),
      ...(await manuals(version, epochS)),
    ],
  }
}

function programItems(program: string): readonly Item[] {
  const ours = ['/opt/pgsvc', '/opt/pgsvc/bin', '/usr/share/doc/pgsvc', '/usr/share/doc/pgsvc/examples']
  return [
    ...ours.map((path): Item => ({ kind: 'directory', path, mode: 0o755 })),
    { kind: 'file', path: '/opt/pgsvc/bin/pgsvc', from: program, mode: 0o755 },
    { kind: 'link', path: '/opt/pgsvc/bin/pgsql-svc', to: 'pgsvc' },
    { kind: 'link', path: '/usr/bin/pgsvc', to: '/opt/pgsvc/bin/pgsvc' },
    { kind: 'link', path: '/usr/bin/pgsql-svc', to: '/opt/pgsvc/bin/pgsvc' },
  ]
}

function systemItems(): readonly Item[] {
  const from = (name: string) => join(projectDir, 'packaging', name)
  const file = (path: string, name: string): Item => ({ kind: 'file', path, from: from(name), mode: 0o644 })
  return [
    ...units.map((unit) => file(`${unitDir}/${unit}`, `systemd/${unit}`)),
    file(`${unitDir}/haproxy.service.d/pgsvc.conf`, 'systemd/haproxy.service.d/pgsvc.conf'),
    file('/usr/lib/sysusers.d/pgsvc.conf', 'sysusers/pgsvc.conf'),
    { kind: 'config', path: '/etc/default/pgsvc-agent', from: from('default/pgsvc-agent') },
    { kind: 'config', path: '/etc/default/pgsvc-controller', from: from('default/pgsvc-controller') },
    // agent.yml and controller.yml are the operator's own, or the enrollment's: not even a sample stands there.
    { kind: 'directory', path: '/etc/pgsvc', mode: 0o755 },
    file('/usr/share/doc/pgsvc/examples/agent.yml', 'examples/agent.yml'),
    file('/usr/share/doc/pgsvc/examples/controller.yml', 'examples/controller.yml'),
  ]
}
