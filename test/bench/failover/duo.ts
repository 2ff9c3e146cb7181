/**
 * A cluster of one primary and one replica: who serves 5438 depends on who leads. The inventory's leader hands over, and
 * gets it back afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { settled } from '../../lab/real/cluster.ts'
import { etcdEndpoint } from '../../lab/real/etcd.ts'
import type { Bench } from './bench.ts'
import { nowMs } from './clock.ts'
import { poolersAnswer } from './scene.ts'
import { switchOver } from './strike.ts'
import { DUO } from './targets.ts'
import type { ClientKind, ClientRecord, ClientSpec } from './writers/record.ts'

export interface DuoResult {
  /** From the new leader's `/primary` = 200 until 5438 of each host was answered by the new replica; Infinity for never. */
  readonly offlineBackMs: readonly number[]
  /** Reads through 5434 of both hosts, and those that failed. */
  readonly reads: number
  readonly readFailures: number
}

/** Long enough for HAProxy's own checks, the agents' 3 s and a reload. */
const LOOK_ON_MS = 15_000
const LINGER_MS = 2_000

export async function runDuo(bench: Bench): Promise<DuoResult> {
  const { system, writers, watcher } = bench
  const members = system.cluster(DUO.cluster)
  const [leader, other] = DUO.members
  await settleAs(bench, leader)
  await poolersAnswer(system, members)
  const round = ++bench.rounds
  const clients = (firstId: number, kind: ClientKind, port: number): readonly ClientSpec[] =>
    members.map(({ address: host }, index) => ({ id: firstId + index, kind, host, port, round }))
  const offline = clients(1, 'reading', DUO.offline)
  const replica = clients(11, 'reading', DUO.replica)
  // A pgbouncer that could not reach its PostgreSQL remembers that for a while: somebody has to have asked it.
  const primary = clients(21, 'fresh', DUO.primary)
  await writers.ask({ do: 'start', clients: [...offline, ...replica, ...primary] })
  const order = { round, cluster: DUO.cluster, leader, candidates: members, askEveryMs: 20 }
  await watcher.ask({ do: 'start', etcd: etcdEndpoint(system.admin), ...order })
  await sleep(1_000)
  await switchOver(system, leader, other)
  const isBack = async () => {
    const { progress = [] } = await writers.ask({ do: 'progress' })
    return offline.every(({ id }) => progress.find((one) => one.id === id)?.instance === leader)
  }
  const deadlineMs = nowMs() + LOOK_ON_MS
  while (!(await isBack()) && nowMs() < deadlineMs) await sleep(100)
  await sleep(LINGER_MS)
  const { records = [] } = await writers.ask({ do: 'stop' })
  const { marks } = await watcher.ask({ do: 'stop', cluster: DUO.cluster })
  await settled(system.probe, members)
  await settleAs(bench, leader)
  const recordOf = ({ id }: ClientSpec): ClientRecord | undefined => records.find((one) => one.id === id)
  const sum = (of: (record: ClientRecord) => number) =>
    replica.map(recordOf).reduce((all, record) => all + (record ? of(record) : 0), 0)
  return {
    offlineBackMs: offline.map((spec) => {
      const first = recordOf(spec)?.acks.find(({ instance }) => instance === leader)
      return (first?.ackMs ?? Number.POSITIVE_INFINITY) - (marks.primaryMs ?? Number.NaN)
    }),
    reads: sum(({ acks }) => acks.length),
    readFailures: sum(({ failures }) => failures.length),
  }
}

async function settleAs({ system }: Bench, leader: string): Promise<void> {
  const members = system.cluster(DUO.cluster)
  const now = await settled(system.probe, members)
  if (now !== leader) await switchOver(system, now, leader)
  await settled(system.probe, members)
}
