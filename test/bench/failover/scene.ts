/** A cluster, the clients that use it, and the workers through which they come. */
import { setTimeout as sleep } from 'node:timers/promises'
import { serverStates } from '../../lab/haproxy.ts'
import type { Host } from '../../lab/host.ts'
import { waitFor } from '../../lab/process.ts'
import { settled } from '../../lab/real/cluster.ts'
import type { RealSystem } from '../../lab/real/real-system.ts'
import type { MemberSpec } from '../../lab/real/topology.ts'
import type { Bench } from './bench.ts'
import { plainReload } from './modes.ts'
import { type Fault, outlives, type Victim } from './strike.ts'
import type { Target, Way } from './targets.ts'
import type { ClientKind, ClientSpec } from './writers/record.ts'

const SESSIONS_EACH = 3
/** Every server of a new worker is up until its first check. */
const FIRST_CHECKS_MS = 1_500

export interface Scene extends Victim {
  readonly target: Target
  readonly through: Host
  /** Sessions that do nothing, in a worker of an earlier reload and in that of the moment. */
  readonly old: readonly ClientSpec[]
  readonly current: readonly ClientSpec[]
  readonly writers: readonly (ClientSpec & Way)[]
  readonly readers: readonly (ClientSpec & { readonly name: 'replica' | 'offline' })[]
  /** They write through a worker of an earlier reload. */
  readonly strandedWriters: readonly ClientSpec[]
}

export async function makeScene(
  { system }: Bench,
  target: Target,
  fault: Fault,
  round: number,
  newId: () => number,
): Promise<Scene> {
  const members = system.cluster(target.cluster)
  const leader = await settled(system.probe, members)
  const [one, two] = target.candidates
  const through = system.lab.host(target.through)
  const client = (kind: ClientKind, port: number): ClientSpec => ({
    ...{ id: newId(), kind, port, round },
    host: through.address,
  })
  const [first] = target.writes
  if (first === undefined) throw new Error(`${target.cluster} has no way to its leader`)
  const hold = () => Array.from({ length: SESSIONS_EACH }, () => client('holding', first.port))
  const kinds = ['reconnecting', 'staying', 'fresh'] as const
  return {
    ...{ target, through, members, leader, other: leader === one ? two : one },
    old: hold(),
    current: hold(),
    writers: target.writes.flatMap((way) => kinds.map((kind) => ({ ...client(kind, way.port), ...way }))),
    readers: target.reads.map(({ name, port }) => ({ ...client('reading', port), name })),
    strandedWriters: outlives(fault) ? target.writes.map(({ port }) => client('staying', port)) : [],
  }
}

/** Some sessions, a reload that anybody may make, more sessions, and everybody else. */
export async function startTraffic({ system, writers }: Bench, scenes: readonly Scene[]): Promise<void> {
  const start = async (of: (scene: Scene) => readonly ClientSpec[]) => {
    const clients = scenes.flatMap(of)
    await writers.ask({ do: 'start', clients })
    await waitFor('all clients to be answered', async () => {
      const { progress = [] } = await writers.ask({ do: 'progress' })
      const answered = new Set(progress.filter(({ instance }) => instance !== '').map(({ id }) => id))
      return clients.every(({ id }) => answered.has(id)) || undefined
    })
  }
  const isRight = async () => {
    for (const { target, through, leader } of scenes) {
      const states = [...(await serverStates(through))].filter(([name]) =>
        name.startsWith(`${target.section}/`),
      )
      const up = states.filter(([, state]) => state === 'UP').map(([name]) => name)
      if (up.length !== 1 || up[0] !== `${target.section}/${leader}`) return undefined
    }
    return true
  }
  const settle = () => waitFor('HAProxy to know who leads', isRight, { timeoutMs: 60_000, everyMs: 100 })
  await settle()
  await poolersAnswer(
    system,
    scenes.flatMap(({ members }) => members),
  )
  await start(({ old, strandedWriters }) => [...old, ...strandedWriters])
  await Promise.all(scenes.map(({ through }) => plainReload(through)))
  await sleep(FIRST_CHECKS_MS)
  await settle()
  await start(({ current, writers, readers }) => [...current, ...writers, ...readers])
}

/** A pgbouncer that could not reach its PostgreSQL refuses everybody for a while: what came before is none of this round's. */
export async function poolersAnswer({ probe }: RealSystem, members: readonly MemberSpec[]): Promise<void> {
  const answers = async ({ address }: MemberSpec) =>
    (await probe.sql(address, 'SELECT 1', { port: 6432 }).catch(() => undefined)) !== undefined || undefined
  await Promise.all(
    members.map((member) =>
      waitFor(`pgbouncer of ${member.name}`, () => answers(member), { timeoutMs: 60_000, everyMs: 200 }),
    ),
  )
}
