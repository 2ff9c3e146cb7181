/** What became of the clients of a round. */
import { settled } from '../../lab/real/cluster.ts'
import type { RealSystem } from '../../lab/real/real-system.ts'
import { doubleAcks, lostAcks, overwritten, strays } from './double-acks.ts'
import type { Mode } from './modes.ts'
import type { Scene } from './scene.ts'
import { type Split, splitOf } from './split.ts'
import type { Fault } from './strike.ts'
import type { Target, Way } from './targets.ts'
import type { Marks } from './watcher/marks.ts'
import type { Ack, ClientKind, ClientRecord, ClientSpec } from './writers/record.ts'

export interface WriterResult extends Split {
  readonly kind: ClientKind
  readonly database: Way['database']
}

export interface RoundResult {
  readonly mode: Mode
  readonly fault: Fault
  readonly cluster: string
  readonly place: Target['place']
  /** Of each client that writes through the worker of the moment. */
  readonly writers: readonly WriterResult[]
  /**
   * From the new leader's `/primary` = 200 until each session with the old one was gone; Infinity when it never was. Through
   * pgbouncer: PostgreSQL ends its own when it restarts.
   */
  readonly sessionsGoneMs: readonly number[]
  /** How many of them are left that came through a worker of an earlier reload. */
  readonly oldWorkerSessionsLeft: number
  readonly doubleAcks: number
  /** Acknowledged writes that are not there afterwards, but for those of the next two. */
  readonly lostAcks: number
  /** Acknowledged by the leader before it was killed, and not there: replication is asynchronous. */
  readonly unreplicatedAcks: number
  /** Not there because Patroni put the lock of a leader over that of the one which had taken them. */
  readonly overwrittenAcks: number
  readonly strays: number
  readonly readFailures: Readonly<Record<'replica' | 'offline', number>>
  readonly reads: number
}

export interface Seen {
  readonly mode: Mode
  readonly fault: Fault
  readonly round: number
  readonly faultMs: number
  readonly marks: Marks
  readonly records: readonly ClientRecord[]
}

export async function resultOf(system: RealSystem, scene: Scene, seen: Seen): Promise<RoundResult> {
  const { mode, fault, marks, records, round, faultMs } = seen
  const { target, leader } = scene
  const of = (specs: readonly ClientSpec[]) =>
    records.filter(({ id }) => specs.some((spec) => spec.id === id))
  const everyWriter = [...of(scene.writers), ...of(scene.strandedWriters)]
  const kept = await keptRows(system, scene, round)
  const lost = everyWriter.flatMap(({ id, acks }) => lostAcks(id, acks, kept))
  const isUnreplicated = ({ instance, sentMs }: Ack) =>
    fault === 'kill' && instance === leader && sentMs <= faultMs + 1_000
  const unreplicatedAcks = lost.filter(isUnreplicated).length
  const losers = overwritten(leader, marks.lock)
  const isOverwritten = (ack: Ack) => !isUnreplicated(ack) && losers.has(ack.instance)
  const overwrittenAcks = lost.filter(isOverwritten).length
  const goneMs = (record: ClientRecord) =>
    Math.max(0, (record.closedMs ?? Number.POSITIVE_INFINITY) - (marks.primaryMs ?? faultMs))
  const readers = scene.readers.map((spec) => ({ name: spec.name, record: of([spec])[0] }))
  const failedReads = (name: string) =>
    readers
      .filter((reader) => reader.name === name)
      .reduce((sum, { record }) => sum + (record?.failures.length ?? 0), 0)
  return {
    ...{ mode, fault, cluster: target.cluster, place: target.place },
    writers: scene.writers.flatMap((spec) => {
      const split = splitOf(of([spec])[0]?.acks ?? [], marks)
      return split === undefined ? [] : [{ kind: spec.kind, database: spec.database, ...split }]
    }),
    sessionsGoneMs: [...of(scene.old), ...of(scene.current)].map(goneMs),
    oldWorkerSessionsLeft: of(scene.old).filter(({ closedMs }) => closedMs === undefined).length,
    doubleAcks: everyWriter.reduce((sum, { acks }) => sum + doubleAcks(acks, leader, marks.lock).length, 0),
    lostAcks: lost.length - unreplicatedAcks - overwrittenAcks,
    ...{ unreplicatedAcks, overwrittenAcks },
    strays: scene.writers
      .filter(({ kind }) => kind === 'fresh')
      .flatMap((spec) => of([spec]))
      .reduce((sum, { acks, failures }) => sum + strays(acks, failures, marks.next ?? '').length, 0),
    readFailures: { replica: failedReads('replica'), offline: failedReads('offline') },
    reads: readers.reduce((sum, { record }) => sum + (record?.acks.length ?? 0), 0),
  }
}

/** `<client>/<seq>` of what the final leader has. */
async function keptRows(
  { probe }: RealSystem,
  { members }: Scene,
  round: number,
): Promise<ReadonlySet<string>> {
  const name = await settled(probe, members)
  const address = members.find((member) => member.name === name)?.address ?? ''
  const statement = `SELECT client || '/' || seq FROM bench_write WHERE round = ${round}`
  const rows = await probe.sql(address, statement, { timeoutMs: 60_000 })
  return new Set(rows.map(([key]) => key ?? ''))
}
