/** A follower of one cluster with three members, in a world that the test decides. */
import type { Assigned } from '../../agent/follow/assigned.ts'
import { createFollower, type Follower, type FollowerPorts } from '../../agent/follow/follower.ts'
import { type Routing, routingOf } from '../../agent/follow/routing.ts'
import type { Rows } from '../../agent/follow/server-rows.ts'
import { parseServersState } from '../../agent/server-state/rows.ts'
import type { LeaderReport } from '../../shared/model/leader.ts'
import type { FollowPolicy } from '../../shared/model/snapshot.ts'
import { systemClock } from '../../shared/ports/clock.ts'

export const owner = 'pg-test'
const names = ['pg-test-1', 'pg-test-2', 'pg-test-3']

const members = names.map((instance, index) => ({
  instance,
  address: `10.10.10.1${index + 1}`,
  patroniPort: 8008,
  patroniTls: false,
}))

function serviceText(name: string, path: string, servers: readonly string[]): string {
  return `listen ${name}
    bind *:5433
    mode tcp
    option httpchk
    http-check send meth OPTIONS uri ${path}
    http-check expect status 200
    default-server inter 3s fastinter 1s rise 3 fall 3 on-marked-down shutdown-sessions
${members
  .filter(({ instance }) => servers.includes(instance))
  .map(({ instance, address }) => `    server ${instance} ${address}:5432 check port 8008 weight 100`)
  .join('\n')}
`
}

/** A service for the primary. */
export function primaryRouting(servers: readonly string[] = names): Routing {
  return routingOf(members, [serviceText('pg-test-primary', '/primary', servers)])
}

/** @param how - whose variant is in place, and what is to be done about another leader */
export function assignedOf(
  routing: Routing,
  how: Pick<World, 'policy' | 'running'> = { policy: 'on', running: 'pg-test-1' },
): Assigned {
  return {
    assignment: {
      ...{
        owner,
        revision: 1,
        leader: 'pg-test-1',
        inventoryLeader: 'pg-test-1',
        outsideNodes: 0,
        members,
        services: [],
        follow: how.policy,
      },
      variants: names.map((leader) => ({ leader, files: [] })),
    },
    running: how.running,
    routing,
  }
}

const header =
  '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'

/** As HAProxy sees the primary's service while these are up. */
export function rowsWith(up: readonly string[]): Rows {
  const lines = names.map((name, index) => {
    const isUp = up.includes(name)
    return `2 pg-test-primary ${index + 1} ${name} 10.10.10.1${index + 1} ${isUp ? 2 : 0} 0 100 100 5 6 ${isUp ? 3 : 2} ${isUp ? 4 : 0} 6 0 0 0 - 5432 - 0 8008 - - 0`
  })
  return parseServersState([header, ...lines, ''].join('\n')) ?? new Map()
}

export interface World {
  /** Paths that a member answers well, by name. */
  passes: Readonly<Record<string, readonly string[]>>
  /** What HAProxy believes; undefined when it does not answer. */
  rows: Rows | undefined
  policy: FollowPolicy
  /** Whose variant is in place. */
  running: string
  /** Servers of the primary's service. */
  servers: readonly string[]
}

export interface TestFollower {
  readonly follower: Follower
  readonly world: World
  readonly reports: LeaderReport[]
  /** What HAProxy was told, `server up` or `server down`. */
  readonly told: string[]
  /** `<step> <leader>` of what was reported. */
  steps(): string[]
  /** Until it has come to its end. */
  stop(): Promise<void>
}

/** Leads at first: `pg-test-1`, whose variant is in place. */
export function startFollower(change: Partial<World> = {}, ports: Partial<FollowerPorts> = {}): TestFollower {
  const world: World = {
    passes: { 'pg-test-1': ['/primary', '/leader'] },
    rows: rowsWith(['pg-test-1']),
    policy: 'on',
    running: 'pg-test-1',
    servers: names,
    ...change,
  }
  const assigned = () => assignedOf(primaryRouting(world.servers), world)
  const reports: LeaderReport[] = []
  const told: string[] = []
  const follower = createFollower(
    {
      clock: systemClock(),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
      asker: {
        async ask({ host, path }) {
          const name = members.find(({ address }) => address === host)?.instance ?? ''
          return world.passes[name]?.includes(path) ? 'passes' : 'fails'
        },
      },
      patroni: { status: async () => undefined },
      assigned: { read: async () => assigned() },
      rows: async () => world.rows,
      async tell(servers) {
        told.push(...servers.map(({ server, health }) => `${server.name} ${health}`))
        world.rows = rowsWith(
          servers.filter(({ health }) => health === 'up').map(({ server }) => server.name),
        )
        return { kind: 'told', servers: servers.length }
      },
      spare: async () => undefined,
      move: async (_owner, leader) => {
        world.running = leader
        return undefined
      },
      report: (report) => void reports.push(report),
      ...ports,
    },
    { stableMs: 3_000, policy: 'on' },
    owner,
    { leader: 'pg-test-1', sinceMs: 0 },
  )
  const stop = new AbortController()
  const done = follower.run(stop.signal)
  return {
    ...{ follower, world, reports, told },
    steps: () => reports.map(({ step, leader }) => `${step} ${leader}`),
    async stop() {
      stop.abort()
      await done
    },
  }
}
