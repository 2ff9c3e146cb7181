/** One cluster under clients while something befalls it: what they meet, and what pgsvc does and says. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reloadsOf } from '../haproxy.ts'
import type { Host } from '../host.ts'
import { waitFor } from '../process.ts'
import type { TrafficRecord, TrafficTarget } from '../traffic/record.ts'
import { startTraffic, targetsOf } from '../traffic.ts'
import { failuresOf, takeovers } from '../traffic-verdict.ts'
import { eventsOf, type LabEvent } from './events.ts'
import { followed } from './followed.ts'
import type { RealSystem } from './real-system.ts'
import { nodesOf, type Part } from './topology.ts'

export interface Watch {
  /** What clients have met so far. */
  records(): readonly TrafficRecord[]
  /** What has happened to the cluster since the watch began. */
  events(): Promise<readonly LabEvent[]>
  /** Resolves when every client has got an answer again that it asked for after now; writes from `leader`. */
  served(leader: string, nodes?: readonly string[]): Promise<void>
  /**
   * A member comes back: HAProxy lets one connection in at a time at first (`slowstart`), and the second one may wait in
   * vain where it is the only replica. Reads that fail from now on count for nothing.
   */
  returning(): void
  /**
   * Waits until `leader` is followed by all, and clients are served again by it and by nobody else; ends the clients.
   */
  end(leader: string): Promise<Seen>
  /** Ends the clients, whatever has become of them; a second time it does nothing. */
  stop(): Promise<void>
}

/** What came of it. */
export interface Seen {
  /** Members that took writes over from each other, the first one included. */
  readonly takeovers: readonly string[]
  /**
   * Reads that came to nothing. Not those that pgbouncer refuses because PostgreSQL refused it: after a restart of
   * PostgreSQL it turns at least its first client away, for up to `server_login_retry`, and no check of HAProxy sees it.
   */
  readonly failedReads: readonly TrafficRecord[]
  /** How often each node's HAProxy was reloaded; one that was started anew counts from there. */
  readonly reloads: ReadonlyMap<string, number>
  /** Codes that nodes said kept them from following, or from doing so at once. */
  readonly codes: readonly string[]
  readonly events: readonly LabEvent[]
  readonly records: readonly TrafficRecord[]
}

interface Shape {
  readonly part: Part
  readonly writes: readonly number[]
  /** Whoever leads, somebody is there for these. */
  readonly reads: readonly number[]
  /** Not served from a change of leader until the files follow. */
  readonly laterReads: readonly number[]
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'pg-test': { part: 'test', writes: [5433, 5436], reads: [5434, 5438], laterReads: [] },
  // The one replica of the inventory takes offline queries, and leads for a while.
  'pg-duo': { part: 'duo', writes: [5433, 5436], reads: [5434], laterReads: [5438] },
  'pg-meta': { part: 'proxy', writes: [10016, 10018], reads: [10017], laterReads: [] },
}

const EVERY_MS = 400
/** Checks every 3 s and `rise 3`, on a machine that may be busy. */
const SERVED_MS = 60_000

/** Starts clients of all services of a cluster on all its nodes, and `more`, on the admin host. */
export async function watchCluster(
  system: Pick<RealSystem, 'admin' | 'lab'>,
  cluster: string,
  more: readonly TrafficTarget[] = [],
): Promise<Watch> {
  const { part, writes, reads, laterReads } = shapeOf(cluster)
  const hosts = () => nodesOf(part).map(({ name }) => system.lab.host(name))
  const before = await eventsOf(system, cluster)
  const reloads = await reloadsByNode(hosts())
  const traffic = await startTraffic(system.admin, [
    ...targetsOf('write', hosts(), writes, EVERY_MS),
    ...targetsOf('session', hosts(), writes.slice(0, 1), EVERY_MS),
    ...targetsOf('read', hosts(), [...reads, ...laterReads], EVERY_MS),
    ...more,
  ])
  const events = async () => {
    const seen = new Set(before.map(({ id }) => id))
    return (await eventsOf(system, cluster)).filter(({ id }) => !seen.has(id))
  }
  const served = async (leader: string, nodes?: readonly string[]) => {
    const fromMs = Date.now()
    const addresses = nodes?.map((name) => system.lab.host(name).address)
    await waitFor(
      `clients of ${cluster} to be served, writes by ${leader}`,
      () => isServed(traffic.records(), fromMs, leader, addresses) || undefined,
      { timeoutMs: SERVED_MS, everyMs: 50 },
    )
  }
  let untilMs = Number.POSITIVE_INFINITY
  const isLost = ({ kind, port, fromMs, error }: TrafficRecord) =>
    kind === 'read' && fromMs < untilMs && !laterReads.includes(port) && !isPooler(error)
  return {
    records: traffic.records,
    events,
    served,
    returning: () => {
      untilMs = Date.now()
    },
    async end(leader) {
      await followed(system, cluster, leader)
      await served(leader)
      const records = await traffic.stop()
      const said = await events()
      const codes = said.flatMap((event) => event.leader?.code || [])
      return {
        takeovers: takeovers(records),
        failedReads: failuresOf(records).filter(isLost),
        reloads: difference(await reloadsByNode(hosts()), reloads),
        codes: [...new Set(codes)].sort(),
        events: said,
        records,
      }
    },
    stop: async () => {
      await traffic.stop()
    },
  }
}

function isPooler(error: string): boolean {
  return error.includes('server_login_retry')
}

function shapeOf(cluster: string): Shape {
  const shape = SHAPES[cluster]
  if (shape === undefined) throw new Error(`the real lab has no cluster ${cluster}`)
  return shape
}

/** Every client that was there has an answer to what it began after `fromMs`, and its last one is a good one. */
function isServed(
  records: readonly TrafficRecord[],
  fromMs: number,
  leader: string,
  addresses: readonly string[] | undefined,
): boolean {
  const last = new Map<string, TrafficRecord>()
  for (const record of records) {
    if (addresses !== undefined && !addresses.includes(record.host)) continue
    last.set(`${record.kind} ${record.host}:${record.port}`, record)
  }
  return [...last.values()].every(
    ({ kind, error, instance, fromMs: beganMs }) =>
      beganMs > fromMs && error === '' && (kind === 'read' || instance === leader),
  )
}

async function reloadsByNode(hosts: readonly Host[]): Promise<ReadonlyMap<string, number>> {
  const counts = hosts.map(async (host) => [host.name, (await reloadsOf(host)) ?? 0] as const)
  return new Map(await Promise.all(counts))
}

function difference(
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const since = (name: string, count: number) => {
    const known = before.get(name) ?? 0
    return count >= known ? count - known : count
  }
  return new Map([...now].map(([name, count]) => [name, since(name, count)]))
}

/** Goes on for a while, and throws when `isWrong` says why at any moment of it. */
export async function holds(ms: number, isWrong: () => Promise<string | undefined>): Promise<void> {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs) {
    const wrong = await isWrong()
    if (wrong !== undefined) throw new Error(wrong)
    await sleep(100)
  }
}
