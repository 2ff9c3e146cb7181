/**
 * Why a service of a cluster is as it is: where it is defined, who carries it, and why each member is in, out or a
 * backup, for today's roles and for every other possible leader.
 *
 * It asks the same functions as the plan, one step at a time.
 */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import type { Finding } from '../lint/finding.ts'
import { lint } from '../lint/lint.ts'
import { clusterFollow, followVariable, type WrittenFollow } from '../model/follow.ts'
import { instanceOf } from '../model/member.ts'
import { releaseOf } from '../model/release.ts'
import type { Service } from '../model/service.ts'
import { defaultTimings } from '../model/timings.ts'
import { indexOf } from '../plan/index-of.ts'
import type { LineupMember } from '../plan/lineup.ts'
import { once } from '../plan/once.ts'
import { carrierOf, placeCluster } from '../plan/placement.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { type DefinedService, definedService, serviceNames } from './definition.ts'
import { type Leading, leadingsOf } from './leading.ts'
import { type MemberReport, type MemberState, memberReports, statesOf } from './member-report.ts'
import { nearHint } from './near-names.ts'
import { readerOf } from './reading.ts'
import { type Redact, redactorOf } from './secret.ts'
import { type Place, subjectOf } from './subject.ts'

export interface ExplainOptions {
  readonly cluster: string
  /** Its name, with or without the cluster's in front. */
  readonly service: string
  /** Instance or host: only this one. */
  readonly member?: string | undefined
  /** Instance or host that is taken for the leader; the inventory's when absent. */
  readonly leader?: string | undefined
  readonly showSecrets: boolean
}

/** Nodes whose files for the service come from the same definition. */
export interface ServiceView {
  readonly nodes: readonly string[]
  readonly service: Service
  /** Variable whose list has the definition, and where that list comes from. */
  readonly list: string
  readonly listPlace: Place | undefined
  readonly at: Location | undefined
  readonly replaces: DefinedService['replaces']
  /** Where each of these stands, when the definition says it. */
  readonly fields: ReadonlyMap<FieldName, Location | undefined>
  /** What follows default-server, and who says so. */
  readonly timings: Timings
  /** pg_default_service_dest, when the definition leaves the destination to it. */
  readonly defaultDestination: Place | undefined
  readonly members: readonly MemberReport[]
  /** For each leader: what each member is, in the order of `members`; undefined for one that is not carried. */
  readonly byLeader: readonly LeaderRow[]
}

const shownFields = [
  'selector',
  'backup',
  'dest',
  'check',
  'check_port',
  'maxconn',
  'balance',
  'options',
] as const
export type FieldName = (typeof shownFields)[number]

export interface Timings {
  readonly text: string
  /** pg_rto, when it chooses the timings. */
  readonly mode: string | undefined
  readonly modePlace: Place | undefined
}

export interface LeaderRow {
  readonly leader: string
  readonly states: readonly MemberState[]
  /** The same members, explained while this one leads. */
  readonly members: readonly MemberReport[]
  readonly error: AppError | undefined
}

/** A host that was asked for, or that a group of the cluster's name holds, and that is no member. */
export interface Outsider {
  readonly host: string
  readonly cluster: string | undefined
  /** What sets its pg_cluster, the place that counts first. */
  readonly places: readonly Place[]
}

export interface Explanation {
  readonly cluster: string
  readonly fullName: string
  /** Release of Pigsty, e.g. `4.5`. */
  readonly release: string
  /** The inventory's leader; '' when there is none. */
  readonly today: string
  readonly leader: string
  readonly provider: string
  readonly providerPlace: Place | undefined
  /** What agents do when the leader changes; undefined when it is left to them, or cannot be read. */
  readonly follow: WrittenFollow | undefined
  readonly followPlace: Place | undefined
  readonly views: readonly ServiceView[]
  readonly outsiders: readonly Outsider[]
  /** What lint says of the cluster: all errors, as each refuses all of it, and warnings that concern the service. */
  readonly problems: readonly Finding[]
}

/**
 * @throws AppError `TARGET_UNKNOWN`, `SERVICE_UNKNOWN`, `MEMBER_UNKNOWN` or `LEADER_UNKNOWN`, with names that look
 * alike; what stands in the way of evaluating the service
 */
export function explainService(loaded: LoadedInventory, options: ExplainOptions): Explanation {
  const cluster = indexOf(loaded).clusters.get(options.cluster)
  if (cluster === undefined) {
    throw new AppError('TARGET_UNKNOWN', `${options.cluster} is no cluster of the inventory`, {
      hint: nearHint(options.cluster, [...indexOf(loaded).clusters.keys()], 'clusters'),
    })
  }
  const leadings = leadingsOf(loaded, cluster)
  const today = leadings[0]?.leader ?? ''
  const leading = leadingNamed(leadings, options.leader)
  const outsider = options.member === undefined ? undefined : outsiderNamed(loaded, options.member, leading)
  const explainer = new Explainer(loaded, options, leadings)
  const primary = leading.lineup.members.find(({ view }) => instanceOf(view) === leading.leader)
  const renderer = (primary ?? leading.lineup.members[0])?.renderer
  const { major, minor } = releaseOf(renderer, loaded.defaults)
  return {
    cluster: cluster.name,
    fullName: `${cluster.name}-${explainer.name}`,
    release: `${major}.${minor}`,
    today,
    leader: leading.leader,
    ...explainer.provider(leading),
    ...explainer.follow(leading),
    views: outsider === undefined ? explainer.views(leading) : [],
    outsiders: outsider === undefined ? strangers(loaded, options) : [outsider],
    problems: concerning(loaded, cluster.name, explainer),
  }
}

class Explainer {
  readonly name: string
  /** Of all services of the cluster. */
  readonly names: readonly string[]
  private readonly loaded: LoadedInventory
  private readonly options: ExplainOptions
  private readonly leadings: readonly Leading[]
  private readonly redact: (host: Host) => Redact

  constructor(loaded: LoadedInventory, options: ExplainOptions, leadings: readonly Leading[]) {
    this.loaded = loaded
    this.options = options
    this.leadings = leadings
    this.names = allNames(leadings)
    this.name = serviceNamed(this.names, options)
    this.redact = options.showSecrets ? () => (_name, value) => value : (host) => redactorOf(host)
  }

  provider(leading: Leading): { provider: string; providerPlace: Place | undefined } {
    const renderers = leading.lineup.members.map(({ renderer }) => renderer)
    const { provider } = placeCluster(this.loaded.inventory, renderers)
    const [first] = leading.lineup.members
    return { provider, providerPlace: first && this.place(first.renderer, 'pg_service_provider') }
  }

  follow(leading: Leading): { follow: WrittenFollow | undefined; followPlace: Place | undefined } {
    const renderers = leading.lineup.members.map(({ renderer }) => renderer)
    const [first] = renderers
    const { follow } = clusterFollow(renderers)
    return { follow, followPlace: follow && first && this.place(first, followVariable) }
  }

  views(leading: Leading): ServiceView[] {
    const groups = new Map<string, { nodes: string[]; defined: DefinedService; renderer: HostView }>()
    for (const [node, renderer] of this.renderers(leading)) {
      const defined = this.defined(node, renderer)
      if (defined === undefined) continue
      const key = JSON.stringify(defined.service)
      const group = groups.get(key) ?? { nodes: [], defined, renderer }
      groups.set(key, group)
      group.nodes.push(node)
    }
    return [...groups.values()].map(({ nodes, defined, renderer }) => {
      const { service, definition, list, replaces } = defined
      const place = (key: string) => locate(definition.dict.spots.get(key)) ?? definition.at
      const keys = shownFields.filter((key) => definition.dict.has(key))
      const ownDestination = definition.dict.get('dest')
      return {
        nodes,
        service,
        list,
        listPlace: this.place(renderer, list),
        at: definition.at,
        replaces,
        fields: new Map(keys.map((key) => [key, place(key)] as const)),
        timings: this.timings(service, renderer),
        defaultDestination:
          ownDestination === undefined || ownDestination === 'default'
            ? this.place(renderer, 'pg_default_service_dest')
            : undefined,
        members: this.wanted(memberReports({ service, lineup: leading.lineup }, this.reader(leading))),
        byLeader: this.leadings.map((other) => this.row(other, nodes[0] ?? '')),
      }
    })
  }

  private timings(service: Service, renderer: HostView): Timings {
    if (service.options !== undefined) return { text: service.options, mode: undefined, modePlace: undefined }
    const release = releaseOf(renderer, this.loaded.defaults)
    const text = defaultTimings(renderer, 'checked', release)
    const isFixed = release.major < 4 || renderer.get('pg_rto_plan') === undefined
    if (isFixed) return { text, mode: undefined, modePlace: undefined }
    const mode = pyText(renderer.get('pg_rto') ?? null)
    return { text, mode, modePlace: this.place(renderer, 'pg_rto') }
  }

  private row(leading: Leading, node: string): LeaderRow {
    const empty = { leader: leading.leader, states: [], members: [] }
    try {
      const renderer = this.renderers(leading).get(node)
      const defined = renderer && this.defined(node, renderer)
      if (defined === undefined) return { ...empty, error: undefined }
      const choice = { service: defined.service, lineup: leading.lineup }
      return {
        leader: leading.leader,
        states: [...statesOf(choice).values()],
        members: this.wanted(memberReports(choice, this.reader(leading))),
        error: undefined,
      }
    } catch (error) {
      if (error instanceof AppError) return { ...empty, error }
      throw error
    }
  }

  private renderers(leading: Leading): ReadonlyMap<string, HostView> {
    return placeCluster(
      this.loaded.inventory,
      leading.lineup.members.map(({ renderer }) => renderer),
    ).renderers
  }

  private defined(node: string, renderer: HostView): DefinedService | undefined {
    return definedService(renderer, carrierOf(this.loaded, node, renderer), this.options.cluster, this.name)
  }

  private reader(leading: Leading) {
    return (member: LineupMember) => {
      const subject = once(() => subjectOf(this.loaded, member.host))
      const redact = once(() => this.redact(member.host))
      return (name: string) => readerOf(member, subject(), leading, redact())(name)
    }
  }

  private wanted(reports: readonly MemberReport[]): readonly MemberReport[] {
    const { member } = this.options
    return member === undefined
      ? reports
      : reports.filter(({ instance, host }) => instance === member || host === member)
  }

  private place(view: HostView, name: string): Place | undefined {
    return subjectOf(this.loaded, view.host).places(name)[0]
  }
}

function leadingNamed(leadings: readonly Leading[], wanted: string | undefined): Leading {
  const found = leadings.find(
    ({ leader, lineup }) =>
      wanted === undefined ||
      (leader !== '' &&
        lineup.members.some(
          ({ view, host }) => instanceOf(view) === leader && (leader === wanted || host.name === wanted),
        )),
  )
  if (found !== undefined) return found
  const names = leadings.map(({ leader }) => leader).filter((leader) => leader !== '')
  throw new AppError('LEADER_UNKNOWN', `${wanted ?? ''} is no instance or host of the cluster`, {
    hint: nearHint(wanted ?? '', names, 'instances'),
  })
}

/** A warning about another service is left out; what names none concerns them all. */
function concerning(loaded: LoadedInventory, cluster: string, { name, names }: Explainer): Finding[] {
  const mentions = (message: string, service: string) =>
    message.split(/[^\w.-]+/).includes(`${cluster}-${service}`) ||
    message.startsWith(`service ${service} of `)
  return lint(loaded, new Set([cluster])).filter(
    ({ owner, severity, strict, message }) =>
      owner !== '' &&
      !strict &&
      (severity === 'error' ||
        mentions(message, name) ||
        !names.some((service) => mentions(message, service))),
  )
}

/** Members may have different services; a name is known when one of them has it. */
function allNames(leadings: readonly Leading[]): string[] {
  return [
    ...new Set(
      leadings.flatMap(({ lineup }) => lineup.members.flatMap(({ renderer }) => serviceNames(renderer))),
    ),
  ]
}

function serviceNamed(names: readonly string[], { cluster, service }: ExplainOptions): string {
  const short = service.startsWith(`${cluster}-`) ? service.slice(cluster.length + 1) : service
  const found = [service, short].find((name) => names.includes(name))
  if (found !== undefined) return found
  throw new AppError('SERVICE_UNKNOWN', `cluster ${cluster} has no service ${service}`, {
    hint: nearHint(short, names, 'services'),
  })
}

/** Undefined when the name is a member's. */
function outsiderNamed(loaded: LoadedInventory, name: string, { lineup }: Leading): Outsider | undefined {
  const instances = lineup.members.map(({ view }) => instanceOf(view))
  if (instances.includes(name) || lineup.members.some(({ host }) => host.name === name)) return undefined
  const host = loaded.inventory.hosts.get(name)
  if (host !== undefined) return outsider(loaded, host)
  throw new AppError('MEMBER_UNKNOWN', `${name} is no instance of the cluster and no host of the inventory`, {
    hint: nearHint(name, [...instances, ...loaded.inventory.hosts.keys()], 'instances and hosts'),
  })
}

/** Hosts that somebody may take for members, because the group has the cluster's name. */
function strangers(loaded: LoadedInventory, { cluster, member }: ExplainOptions): Outsider[] {
  if (member !== undefined) return []
  const { clusterOf } = indexOf(loaded)
  const inGroup = loaded.inventory.groups.get(cluster)?.hosts ?? []
  return inGroup.flatMap((name) => {
    const host = loaded.inventory.hosts.get(name)
    return host === undefined || clusterOf.get(name) === cluster ? [] : [outsider(loaded, host)]
  })
}

function outsider(loaded: LoadedInventory, host: Host): Outsider {
  const subject = subjectOf(loaded, host)
  return { host: host.name, cluster: subject.cluster, places: subject.places('pg_cluster') }
}
