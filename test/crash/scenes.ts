/** What is applied while the agent is killed: an old set, a new one, and the ground both stand on. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testEngine } from '../support/haproxy-agent.ts'
import type { HaproxyLab } from '../support/haproxy-lab.ts'
import { type OwnerFiles, service } from '../support/snapshots.ts'

export type Owners = Readonly<Record<string, OwnerFiles>>

/** Ports of pg-a, pg-b and of a file of others. */
export type Ports = readonly [number, number, number]

export interface Scene {
  readonly name: string
  readonly layout: 'conf.d' | 'flat'
  /** Applied before; undefined when the agent has never been here. */
  readonly old: ((ports: Ports) => Owners) | undefined
  readonly next: (ports: Ports) => Owners
  /** Also without a recovery HAProxy would load exactly old or new. */
  readonly isWholeAlways: boolean
  /** Not published, but followed: the variant of this leader, which `next` begins with. */
  readonly follow?: { readonly owner: string; readonly leader: string }
  /** HAProxy's own check takes the new set, but the reload does not: the old one is to stay. */
  readonly isRefused?: boolean
  /** Written by Ansible before, loaded by HAProxy. */
  readonly before?: (ports: Ports) => Readonly<Record<string, string>>
}

const file = (name: string, text: string): OwnerFiles => ({ '': { [`${name}.cfg`]: text } })
const pgA = (port: number, server = 1) => file('pg-a', service('pg-a', port, server))
const pgB = (port: number) => file('pg-b', service('pg-b', port, 1))
const led = (port: number) => ({ 'pg-a-1': pgA(port)[''] ?? {}, 'pg-a-2': pgA(port, 2)[''] ?? {} })
const ledByTwo = (port: number): OwnerFiles => Object.fromEntries(Object.entries(led(port)).reverse())
const two = { owner: 'pg-a', leader: 'pg-a-2' } as const
// No host has this address: `haproxy -c` does not mind, the reload cannot bind. The agent is kept from seeing it.
const unbindable = (port: number) =>
  file('pg-a', service('pg-a', port, 1).replace('bind 127.0.0.1', 'bind 192.0.2.1'))

export const scenes: readonly Scene[] = [
  {
    name: 'update in conf.d',
    layout: 'conf.d',
    old: ([a, b]) => ({ 'pg-a': pgA(a), 'pg-b': pgB(b) }),
    next: ([a, b]) => ({ 'pg-a': pgA(a, 2), 'pg-b': pgB(b) }),
    isWholeAlways: true,
  },
  {
    name: 'another leader in conf.d',
    layout: 'conf.d',
    old: ([a, b]) => ({ 'pg-a': led(a), 'pg-b': pgB(b) }),
    next: ([a, b]) => ({ 'pg-a': ledByTwo(a), 'pg-b': pgB(b) }),
    follow: two,
    isWholeAlways: true,
  },
  {
    name: 'end of an owner in conf.d',
    layout: 'conf.d',
    old: ([a, b]) => ({ 'pg-a': pgA(a), 'pg-b': pgB(b) }),
    next: ([a]) => ({ 'pg-a': pgA(a) }),
    isWholeAlways: true,
  },
  {
    name: 'refused reload in conf.d',
    layout: 'conf.d',
    old: ([a, b]) => ({ 'pg-a': pgA(a), 'pg-b': pgB(b) }),
    next: ([a]) => ({ 'pg-a': unbindable(a) }),
    isWholeAlways: true,
    isRefused: true,
  },
  {
    name: 'first conversion to a link',
    layout: 'conf.d',
    old: undefined,
    next: ([a]) => ({ 'pg-a': pgA(a) }),
    isWholeAlways: false,
  },
  {
    name: 'adoption of what Ansible wrote',
    layout: 'conf.d',
    old: undefined,
    before: ([a]) => ({ 'pg-a.cfg': `# by Ansible\n${service('pg-a', a, 1)}` }),
    next: ([a]) => ({ 'pg-a': pgA(a) }),
    isWholeAlways: false,
  },
  {
    name: 'refused first conversion',
    layout: 'conf.d',
    old: undefined,
    next: ([a]) => ({ 'pg-a': unbindable(a) }),
    isWholeAlways: false,
    isRefused: true,
  },
  {
    name: 'update in the flat layout',
    layout: 'flat',
    old: ([a, b]) => ({ 'pg-a': pgA(a), 'pg-b': pgB(b) }),
    next: ([a]) => ({ 'pg-a': pgA(a, 2), 'pg-c': file('pg-c', '# nothing yet\n') }),
    isWholeAlways: false,
  },
  {
    name: 'another leader in the flat layout',
    layout: 'flat',
    old: ([a, b]) => ({ 'pg-a': led(a), 'pg-b': pgB(b) }),
    next: ([a, b]) => ({ 'pg-a': ledByTwo(a), 'pg-b': pgB(b) }),
    follow: two,
    isWholeAlways: false,
  },
  {
    name: 'refused reload in the flat layout',
    layout: 'flat',
    old: ([a, b]) => ({ 'pg-a': pgA(a), 'pg-b': pgB(b) }),
    next: ([a]) => ({ 'pg-a': unbindable(a) }),
    isWholeAlways: false,
    isRefused: true,
  },
]

/** The live set as it would be with the new files, whether HAProxy takes them or not. */
export function withNext(
  scene: Scene,
  ports: Ports,
  old: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const mine = new Set([
    ...Object.keys(textsOf(scene.old?.(ports) ?? {})),
    ...Object.keys(scene.before?.(ports) ?? {}),
  ])
  const others = Object.entries(old).filter(([name]) => !mine.has(name))
  return Object.fromEntries([...others, ...Object.entries(textsOf(scene.next(ports)))].sort(byKey))
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Of the leader that each owner begins with. */
function textsOf(owners: Owners): Readonly<Record<string, string>> {
  return Object.assign({}, ...Object.values(owners).map((variants) => Object.values(variants)[0]))
}

/** What the agent remembers says that the scene has come to its end. @param memory - text of its file */
export function hasGoneThrough({ follow }: Scene, memory: string | undefined): boolean {
  const { snapshot, leaders } = JSON.parse(memory ?? '{}')
  return follow ? leaders?.[follow.owner] === follow.leader : snapshot?.version === 2
}

/**
 * Files of others, what Ansible wrote, and what the agent applied before, with HAProxy running all of it.
 *
 * @param server - port of the server behind the file of others; nobody needs to listen unless clients are to be served
 */
export async function setStage(scene: Scene, lab: HaproxyLab, ports: Ports, server = 1): Promise<void> {
  await lab.put('foreign.cfg', service('foreign', ports[2], server))
  if (scene.layout === 'conf.d') {
    await mkdir(join(lab.serviceDir, 'certs'))
    await writeFile(join(lab.serviceDir, 'certs/a.pem'), 'a certificate\n')
  }
  for (const [name, text] of Object.entries(scene.before?.(ports) ?? {})) await lab.put(name, text)
  await lab.start()
  if (!scene.old) return
  const outcome = await (await testEngine(lab)).publish(1, scene.old(ports))
  if (outcome.kind !== 'applied') throw new Error(`${scene.name}: ${outcome.fault.message}`)
}
