/** The real lab: PostgreSQL, Patroni, pgbouncer, HAProxy and etcd of Debian's packages, and pgsvc as it is built. */
import { startHaproxy } from '../haproxy.ts'
import type { HostProcess } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { mustShell, startAgent } from '../pgsvc.ts'
import { type Probe, startProbe } from '../probe.ts'
import { orLogs, type System, startPgsvc } from '../system.ts'
import { startCluster } from './cluster.ts'
import { etcdEndpoint, startEtcd } from './etcd.ts'
import { askInstances } from './instance.ts'
import { prepareMember, startPatroni, startPgbouncer } from './member.ts'
import { type PatroniOptions, PIGSTY_TIMINGS } from './patroni-config.ts'
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
}

export interface RealOptions extends PatroniOptions {
  /** Default: all. */
  readonly parts?: readonly Part[]
}

/** Starts everything; nothing is published yet. Every cluster has a leader and all its replicas. */
export async function startRealSystem({ parts = PARTS, ...patroni }: RealOptions = {}): Promise<RealSystem> {
  const members = parts.flatMap(membersOf)
  const nodes = parts.flatMap(nodesOf)
  const specs = new Map([ADMIN, ...members, ...nodes].map((spec) => [spec.name, spec]))
  const lab = await startLab([...specs.values()])
  return await orLogs(lab, async () => {
    const pgsvc = startPgsvc(lab, { inventory: inventoryOf(parts), nodes })
    const [databases, system] = await Promise.all([startDatabases(lab, parts, patroni), pgsvc])
    return makeReal(system, members, databases)
  })
}

interface Databases {
  readonly etcd: HostProcess
  readonly probe: Probe
  readonly patroni: Map<string, HostProcess>
}

async function startDatabases(lab: Lab, parts: readonly Part[], options: PatroniOptions): Promise<Databases> {
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

function makeReal(system: System, members: readonly MemberSpec[], databases: Databases): RealSystem {
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
