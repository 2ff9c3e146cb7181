/** The real lab: PostgreSQL, Patroni, pgbouncer, HAProxy and etcd of Debian's packages, and pgsvc as it is built. */
import { startHaproxy } from '../haproxy.ts'
import type { HostProcess } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { mustShell, startAgent } from '../pgsvc.ts'
import { type Probe, startProbe } from '../probe.ts'
import { type NodeOptions, orLogs, type System, startPgsvc } from '../system.ts'
import { leaders, nudge, settled, startCluster, startMember } from './cluster.ts'
import { etcdEndpoint, startEtcd } from './etcd.ts'
import { askInstances } from './instance.ts'
import { type MemberOptions, prepareMember, startPatroni, startPgbouncer } from './member.ts'
import { PIGSTY_TIMINGS } from './patroni-config.ts'
import { ADMIN, inventoryOf, type MemberSpec, membersOf, nodesOf, PARTS, type Part } from './topology.ts'

export interface RealSystem extends System {
  /** Hosts with a PostgreSQL, in the order of the inventory. */
  readonly members: readonly MemberSpec[]
  /** Asks from the admin host. */
  readonly probe: Probe
  /** Etcd; replace it after `startEtcd`. */
  etcd: HostProcess
  /** Patroni by member's name; replace it after `startPatroni`. */
  readonly patroni: Map<string, HostProcess>
  /** Members of one cluster. */
  cluster(name: string): readonly MemberSpec[]
  /** Starts a host that was killed with the disk it had, and its programs as a boot does. */
  powerOn(name: string): Promise<void>
  /** Starts a host with one more replica, HAProxy and agent. The inventory has to be told. */
  addReplica(member: MemberSpec): Promise<void>
}

export interface RealOptions extends MemberOptions, NodeOptions {
  /** Default: all. */
  readonly parts?: readonly Part[]
}

/** Starts everything; nothing is published yet. Every cluster has a leader and all its replicas. */
export async function startRealSystem({ parts = PARTS, ...options }: RealOptions = {}): Promise<RealSystem> {
  const members = parts.flatMap(membersOf)
  const nodes = parts.flatMap(nodesOf)
  const specs = new Map([ADMIN, ...members, ...nodes].map((spec) => [spec.name, spec]))
  const lab = await startLab([...specs.values()])
  return await orLogs(lab, async () => {
    const pgsvc = startPgsvc(lab, { inventory: inventoryOf(parts), nodes, ...options })
    const [databases, system] = await Promise.all([startDatabases(lab, parts, options), pgsvc])
    return makeReal(system, members, databases, options)
  })
}

interface Databases {
  readonly etcd: HostProcess
  readonly probe: Probe
  readonly patroni: Map<string, HostProcess>
}

async function startDatabases(lab: Lab, parts: readonly Part[], options: MemberOptions): Promise<Databases> {
  const admin = lab.host(ADMIN.name)
  const endpoint = etcdEndpoint(admin)
  const [etcd, probe] = await Promise.all([startEtcd(admin), startProbe(admin)])
  const started = await Promise.all(
    parts.map(async (part) => {
      const members = membersOf(part)
      await Promise.all(
        members.map((member) => prepareMember(lab.host(member.name), member, endpoint, options)),
      )
      return await startCluster(lab, members, probe, options.timings ?? PIGSTY_TIMINGS)
    }),
  )
  return { etcd, probe, patroni: new Map(started.flatMap((processes) => [...processes])) }
}

function makeReal(
  system: System,
  members: MemberSpec[],
  databases: Databases,
  options: MemberOptions,
): RealSystem {
  const real: RealSystem = {
    ...system,
    get nodes() {
      return system.nodes
    },
    ...databases,
    ask: (targets, times) => askInstances(databases.probe, targets, times),
    members,
    cluster: (name) => members.filter((member) => member.cluster === name),
    powerOn: (name) => powerOn(real, name),
    addReplica: async (member) => {
      await addReplica(real, member, options)
      members.push(member)
      await settled(real.probe, real.cluster(member.cluster))
    },
  }
  return real
}

async function powerOn(system: RealSystem, name: string): Promise<void> {
  if (name === ADMIN.name) throw new Error('the lab cannot go on without its admin host')
  const host = await system.lab.powerOn(system.lab.host(name))
  const node = async (): Promise<void> => {
    // As the units do.
    await mustShell(host, 'pgsvc agent recover')
    await startHaproxy(host)
    system.agents.set(name, await startAgent(host))
  }
  const member = async (): Promise<void> => {
    system.patroni.set(name, await startPatroni(host))
    await startPgbouncer(host)
  }
  await Promise.all([
    system.agents.has(name) ? node() : undefined,
    system.patroni.has(name) ? member() : undefined,
  ])
}

async function addReplica(system: RealSystem, member: MemberSpec, options: MemberOptions): Promise<void> {
  const host = await system.lab.add(member)
  await prepareMember(host, member, etcdEndpoint(system.admin), options)
  system.patroni.set(member.name, await startMember(host, system.probe, '/replica'))
  await system.addNode(member.name)
  const [leader] = await leaders(system.probe, system.cluster(member.cluster))
  if (leader !== undefined) {
    await nudge(system.probe, system.lab.host(leader), options.timings ?? PIGSTY_TIMINGS)
  }
}
