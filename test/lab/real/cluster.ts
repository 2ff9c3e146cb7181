/** What Patroni's clusters of the lab are told and asked. */
import type { Host, HostProcess } from '../host.ts'
import type { Lab } from '../lab.ts'
import type { Probe } from '../probe.ts'
import { waitFor } from '../process.ts'
import { asPostgres, startPatroni, startPgbouncer } from './member.ts'
import { PATRONI_FILE, type PatroniTimings } from './patroni-config.ts'
import type { MemberSpec } from './topology.ts'

/** Generous: a machine that is busy with other labs takes long over it. */
const START_MS = 120_000

/** A member as Patroni's `/cluster` tells of it. */
export interface MemberState {
  readonly name: string
  /** `leader`, `replica`, `sync_standby`, `standby_leader`. */
  readonly role: string
  /** `running`, `streaming`, `starting`, `stopped`, ... */
  readonly state: string
  readonly timeline?: number
}

/** Starts a cluster of prepared members: the first alone, the others when it leads. Resolves when all serve. */
export async function startCluster(
  lab: Lab,
  members: readonly MemberSpec[],
  probe: Probe,
  timings: PatroniTimings,
): Promise<ReadonlyMap<string, HostProcess>> {
  const patroni = new Map<string, HostProcess>()
  const start = async (member: MemberSpec, check: '/primary' | '/replica'): Promise<void> => {
    patroni.set(member.name, await startMember(lab.host(member.name), probe, check))
  }
  const [first, ...others] = members
  if (first === undefined) return patroni
  await start(first, '/primary')
  await Promise.all(others.map((member) => start(member, '/replica')))
  await nudge(probe, first, timings)
  await settled(probe, members)
  return patroni
}

/** Starts the programs of one prepared member; resolves with its Patroni when that answers `check` with 200. */
export async function startMember(
  host: Host,
  probe: Probe,
  check: '/primary' | '/replica',
): Promise<HostProcess> {
  const started = await startPatroni(host)
  await startPgbouncer(host)
  await serves(probe, host, check, started)
  return started
}

async function serves(probe: Probe, member: Host, check: string, patroni: HostProcess): Promise<void> {
  let ended = false
  void patroni.exited.then(() => {
    ended = true
  })
  await waitFor(
    `${member.name} to answer ${check}`,
    async () => {
      if (ended) throw new Error(`Patroni of ${member.name} ended`)
      return (await answers(probe, member, check)) || undefined
    },
    { timeoutMs: START_MS, everyMs: 100 },
  )
}

/** Whether a member's Patroni answers a health check (`/primary`, `/replica`, ...) with 200. */
export async function answers(
  probe: Probe,
  member: { readonly address: string },
  check: string,
): Promise<boolean> {
  const url = `http://${member.address}:8008${check}`
  const answer = await probe.http(url, { method: 'OPTIONS' }).catch(() => undefined)
  return answer?.status === 200
}

/** Names of the members whose own Patroni says `/primary`: one at rest; none or, wrongly, several in between. */
export async function leaders(probe: Probe, members: readonly MemberSpec[]): Promise<readonly string[]> {
  const says = await Promise.all(members.map((member) => answers(probe, member, '/primary')))
  return members.filter((_member, index) => says[index]).map((member) => member.name)
}

/** The cluster as the first member that answers sees it; empty when none does. */
export async function clusterView(
  probe: Probe,
  members: readonly MemberSpec[],
): Promise<readonly MemberState[]> {
  for (const { address } of members) {
    const answer = await probe.http(`http://${address}:8008/cluster`).catch(() => undefined)
    if (answer?.status !== 200) continue
    const view: { members?: readonly MemberState[] } = JSON.parse(answer.body)
    return view.members ?? []
  }
  return []
}

/** Waits until one member leads and all others stream from it. Resolves with the leader's name. */
export function settled(probe: Probe, members: readonly MemberSpec[], timeoutMs = START_MS): Promise<string> {
  const cluster = members[0]?.cluster ?? 'a cluster'
  return waitFor(`${cluster} to settle`, () => settledNow(probe, members), { timeoutMs, everyMs: 200 })
}

async function settledNow(probe: Probe, members: readonly MemberSpec[]): Promise<string | undefined> {
  const view = await clusterView(probe, members)
  const running = view.filter(({ state }) => ['running', 'streaming'].includes(state))
  if (running.length !== members.length) return undefined
  const [name, ...more] = await leaders(probe, members)
  const leader = members.find((member) => member.name === name)
  if (leader === undefined || more.length > 0) return undefined
  const streaming = await streamingFrom(probe, leader.address)
  return streaming.length === members.length - 1 ? leader.name : undefined
}

/**
 * Names of the replicas that stream from a primary. Patroni 3 calls one running that does not; and one whose history is
 * another is seen streaming for an instant, twice a second, until it finds that it is ahead.
 */
export async function streamingFrom(probe: Probe, address: string): Promise<readonly string[]> {
  const query = `SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'
    AND replay_lsn <= pg_current_wal_lsn() AND backend_start < clock_timestamp() - interval '1 second'`
  const rows = await probe.sql(address, query, POSTGRES).catch(() => [])
  return rows.map(([name]) => name ?? '')
}

/** The superuser: others do not see the state of a replication. */
const POSTGRES = { user: 'postgres', database: 'postgres' }

/** Makes the leader's Patroni look again now, and not only after `loop_wait`: it makes slots for new members. */
export async function nudge(
  probe: Probe,
  leader: { readonly address: string },
  { ttl }: { readonly ttl: number },
): Promise<void> {
  // A setting that is what it was changes nothing, and wakes Patroni up.
  const body = JSON.stringify({ ttl })
  await probe.http(`http://${leader.address}:8008/config`, { method: 'PATCH', body })
}

/** Runs `patronictl` on a member's host. An error with its words unless it succeeds. */
export function patronictl(host: Host, args: readonly string[]): Promise<string> {
  return host.must(asPostgres(['patronictl', '-c', PATRONI_FILE, ...args]), { timeoutMs: 120_000 })
}

/**
 * A planned switchover, at once or at `scheduled` (ISO 8601 with its offset). Resolves when Patroni has said it is done, or
 * scheduled; an error with Patroni's words when it refuses.
 */
export async function switchover(
  host: Host,
  {
    cluster,
    from,
    to,
    scheduled,
  }: {
    readonly cluster: string
    readonly from: string
    readonly to: string
    readonly scheduled?: string
  },
): Promise<string> {
  const when = scheduled === undefined ? [] : ['--scheduled', scheduled]
  const args = ['switchover', cluster, '--leader', from, '--candidate', to, ...when, '--force']
  const said = await patronictl(host, args)
  // Its status is 0 all the same (seen with 3.0.2).
  if (/^\w+ failed/m.test(said)) throw new Error(said)
  return said
}
