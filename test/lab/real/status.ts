/** What runs in a real lab right now, seen from outside by the pids of its hosts: for people. */
import { serverStates, workerPid } from '../haproxy.ts'
import type { HostAccess } from '../host.ts'
import { type Program, processesOn } from '../host-processes.ts'
import { type Probe, startProbe } from '../probe.ts'
import { connectedNodes } from '../system.ts'
import { textTable } from '../text-table.ts'
import { clusterView } from './cluster.ts'
import { ADMIN, type MemberSpec } from './topology.ts'

export interface HostStatus {
  readonly name: string
  readonly address: string
  /** What runs; empty when the host is dead. */
  readonly programs: readonly Program[]
  /** Role and state by Patroni; undefined without one, or when nobody tells. */
  readonly patroni: string | undefined
  /** Services that HAProxy has, or that it does not answer; undefined on hosts without one. */
  readonly haproxy: string | undefined
  /** Whether the agent is connected with the controller; undefined on hosts without HAProxy. */
  readonly agent: string | undefined
}

/** One row per host. `members` are those with a Patroni, `nodes` the names of those with HAProxy. */
export async function labStatus(
  hosts: readonly HostAccess[],
  members: readonly MemberSpec[],
  nodes: readonly string[],
): Promise<readonly HostStatus[]> {
  const admin = hosts.find((host) => host.name === ADMIN.name)
  const alive = admin !== undefined && processesOn(admin).length > 0
  const connected = alive ? await connectedNodes(admin) : []
  const roles = alive ? await patroniRoles(admin, members) : new Map<string, string>()
  return await Promise.all(
    hosts.map(async (host) => {
      const isNode = nodes.includes(host.name)
      return {
        name: host.name,
        address: host.address,
        programs: [...new Set(processesOn(host).map(({ program }) => program))].sort(),
        patroni: roles.get(host.name),
        haproxy: isNode ? await haproxyState(host) : undefined,
        agent: isNode ? (connected.includes(host.address) ? 'connected' : 'not connected') : undefined,
      }
    }),
  )
}

async function patroniRoles(
  admin: HostAccess,
  members: readonly MemberSpec[],
): Promise<ReadonlyMap<string, string>> {
  if (members.length === 0) return new Map()
  const probe = await startProbe(admin)
  try {
    const clusters = [...new Set(members.map((member) => member.cluster))]
    const views = await Promise.all(
      clusters.map((cluster) =>
        rolesOf(
          probe,
          members.filter((member) => member.cluster === cluster),
        ),
      ),
    )
    return new Map(views.flat())
  } finally {
    await probe.stop()
  }
}

async function rolesOf(probe: Probe, members: readonly MemberSpec[]): Promise<readonly [string, string][]> {
  const view = await clusterView(probe, members)
  return view.map(({ name, role, state }) => [name, `${role}, ${state}`])
}

async function haproxyState(host: HostAccess): Promise<string> {
  if ((await workerPid(host)) === undefined) return 'does not answer'
  const services = new Set([...(await serverStates(host)).keys()].map((server) => server.split('/')[0]))
  return `${services.size} services`
}

/** The rows as a table. */
export function statusTable(rows: readonly HostStatus[]): string {
  const lines = rows.map(({ name, address, programs, patroni, haproxy, agent }) => [
    name,
    address,
    patroni ?? '-',
    haproxy ?? '-',
    agent ?? '-',
    programs.join(' ') || 'dead, or nothing runs',
  ])
  return textTable([['host', 'address', 'Patroni', 'HAProxy', 'agent', 'programs'], ...lines])
}
