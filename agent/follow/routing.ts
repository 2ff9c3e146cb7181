/**
 * How connections find the leader of one cluster: the sections whose check only the leader passes, and what that check
 * asks each member. Pure.
 *
 * Source: Patroni's REST API, health check endpoints; HAProxy 2.6 manual, `option httpchk`.
 */
import type { Member } from '../../shared/model/snapshot.ts'
import { asksForLeader, type Probe } from '../server-state/probe.ts'
import { type Section, type StatefulServer, sectionsOf } from '../server-state/sections.ts'

export interface LeaderServer {
  readonly name: string
  readonly instance: string
  /** How long a server that comes up is held back, milliseconds; 0 for not at all. */
  readonly slowstartMs: number
  /** Most connections that the text allows; 0 for any number. */
  readonly maxconn: number
}

export interface LeaderSection {
  readonly name: string
  readonly servers: readonly LeaderServer[]
}

/** Sections that ask the same of the same members. */
export interface LeaderGroup {
  /** None for members that no service asks whether they lead: they are asked all the same, for the variant. */
  readonly sections: readonly LeaderSection[]
  /** The check, by instance. */
  readonly probes: ReadonlyMap<string, Probe>
}

/** A member as a server of a service. */
export interface Place {
  readonly section: string
  readonly server: string
  readonly instance: string
  readonly weight: number
  /** It stands by for others: as the leader does in the replicas' service. */
  readonly isReserve: boolean
}

export interface Routing {
  readonly groups: readonly LeaderGroup[]
  /** Who holds the lock, of the members that services ask, by instance: for when none of them passes. */
  readonly locks: ReadonlyMap<string, Probe>
  readonly places: readonly Place[]
}

/**
 * @param members - of the cluster
 * @param texts - of the files in place
 */
export function routingOf(members: readonly Member[], texts: Iterable<string>): Routing {
  const groups = new Map<string, { sections: LeaderSection[]; probes: ReadonlyMap<string, Probe> }>()
  const sections = sectionsOf(texts)
  const places = sections.flatMap((section) => placesOf(section, members))
  for (const section of sections) {
    const probes = leaderProbes(section, members)
    if (probes === undefined) continue
    const key = JSON.stringify([...probes].sort())
    const group = groups.get(key) ?? { sections: [], probes }
    group.sections.push(leaderSection(section, members))
    groups.set(key, group)
  }
  const asked = [...groups.values()]
  const isAsked = ({ instance }: Member) => asked.some(({ probes }) => probes.has(instance))
  const others = ownProbes(members.filter((one) => !isAsked(one)))
  return {
    groups: others.size > 0 ? [...asked, { sections: [], probes: others }] : asked,
    locks: ownProbes(members.filter(isAsked)),
    places,
  }
}

function placesOf({ name, servers }: Section, members: readonly Member[]): readonly Place[] {
  return servers.flatMap((server): readonly Place[] => {
    const instance = instanceOf(server, members)
    const place = { section: name, server: server.name, weight: server.weight, isReserve: server.backup }
    return instance === undefined ? [] : [{ ...place, instance }]
  })
}

/** @returns undefined unless every server is a member whose check asks whether it leads */
function leaderProbes(section: Section, members: readonly Member[]): ReadonlyMap<string, Probe> | undefined {
  const probes = new Map<string, Probe>()
  for (const server of section.servers) {
    const instance = instanceOf(server, members)
    const probe = server.check?.probe
    if (instance === undefined || probe === undefined || !asksForLeader(probe, server.port)) return undefined
    probes.set(instance, probe)
  }
  return probes.size === 0 ? undefined : probes
}

function leaderSection({ name, servers }: Section, members: readonly Member[]): LeaderSection {
  return {
    name,
    servers: servers.map((server) => ({
      name: server.name,
      instance: instanceOf(server, members) ?? '',
      slowstartMs: server.slowstartMs,
      maxconn: server.maxconn,
    })),
  }
}

/** Pigsty names servers like instances; a service that does not is known by the member's address. */
function instanceOf({ name, address }: StatefulServer, members: readonly Member[]): string | undefined {
  const found =
    members.find(({ instance }) => instance === name) ?? members.find((one) => one.address === address)
  return found?.instance
}

/** Who leads is asked of Patroni itself; nothing but the choice of files depends on it. */
function ownProbes(members: readonly Member[]): ReadonlyMap<string, Probe> {
  return new Map(members.map((one) => [one.instance, ownProbe(one)]))
}

function ownProbe({ address, patroniPort, patroniTls }: Member): Probe {
  return {
    host: address,
    port: patroniPort,
    method: 'OPTIONS',
    path: '/leader',
    headers: {},
    expect: [[200, 200]],
    tls: patroniTls ? { caFile: '', verify: false, verifyHost: '', sni: '' } : undefined,
  }
}
