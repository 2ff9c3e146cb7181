/**
 * Where everything that is said of leaders comes together: steps and views of nodes, hints of others.
 *
 * The controller moves no node. It passes on what one node has seen, so that the others look; it keeps what happened;
 * and it remembers which leader was followed last, with which a node that comes new starts.
 */
import type { Logger } from '../../shared/log/logger.ts'
import {
  type LeaderReport,
  type LeaderView,
  noTimings,
  type Timeline,
  unknownTimeline,
} from '../../shared/model/leader.ts'
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { NewEvent } from '../events/event.ts'
import type { EventQuota } from '../events/event-quota.ts'
import { changedOwners } from './agreement.ts'
import { createHintRelay, type HintRelay } from './hint-relay.ts'
import { createLeaderKeeper, type KeeperPorts, type LeaderKeeper, ownEcho } from './leader-keeper.ts'
import { hasMember, ownerOf } from './membership.ts'
import { createRepeatGuard } from './repeat-guard.ts'
import { shortened, stepMessage } from './step-message.ts'

/** What somebody who is no node says of a leader. */
export interface OutsideHint {
  /** Patroni's scope: the cluster's name; with Citus the name that all its groups share. */
  readonly scope: string
  /** Citus group; when there is one, nothing but the member's name says which cluster is meant. */
  readonly group?: string | undefined
  /** The member that leads, `<pg_cluster>-<pg_seq>`; '' when nobody does. */
  readonly instance: string
  /** The member that led before, if the source knows: it tells which cluster is meant when nobody leads. */
  readonly before?: string | undefined
  readonly timeline: Timeline
  /** E.g. `etcd`. */
  readonly source: string
}

/** For those that watch leaders from outside. */
export interface LeaderHints {
  /**
   * Passes it on to the connected nodes that serve the cluster, one that is not published to nobody. Never rejects.
   */
  hint(hint: OutsideHint): Promise<void>
}

export interface LeaderDesk extends LeaderHints {
  /** A node took a step. Never rejects. */
  report(node: string, report: LeaderReport): Promise<void>
  /** A node said again how it stands. Never rejects. */
  observed(before: readonly LeaderView[], now: readonly LeaderView[]): Promise<void>
  /**
   * A node is there; it is told of the leaders that were followed while it was away. Never rejects.
   *
   * @param running - leaders whose variants it runs, by owner
   */
  greeted(node: string, running: ReadonlyMap<Owner, string>): Promise<void>
  /** These were published: nodes may long follow somebody of whom this controller knows nothing. Never rejects. */
  published(owners: readonly Owner[]): Promise<void>
}

export interface DeskPorts extends KeeperPorts {
  readonly log: Logger
  /** How many events of each node are kept. */
  readonly quota: EventQuota
}

/** One thing after the other, in the order in which it was said. */
export function createLeaderDesk(ports: DeskPorts): LeaderDesk {
  const desk = new Desk(ports)
  let tail = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => {
    tail = tail
      .then(work)
      .catch((err: unknown) => ports.log.error({ err }, 'what was said of a leader is lost'))
    return tail
  }
  return {
    hint: (hint) => inTurn(() => desk.hint(hint)),
    report: (node, report) => inTurn(() => desk.report(node, shortened(report))),
    observed: (before, now) => inTurn(() => desk.observed(before, now)),
    greeted: (node, running) => inTurn(() => desk.greeted(node, running)),
    published: (owners) => inTurn(() => desk.published(owners)),
  }
}

class Desk {
  private readonly ports: DeskPorts
  private readonly relay: HintRelay
  private readonly keeper: LeaderKeeper
  private readonly warned = createRepeatGuard()
  private readonly kept = createRepeatGuard()

  constructor(ports: DeskPorts) {
    this.ports = ports
    this.relay = createHintRelay(ports.store, ports.nodes, ports.clock)
    this.keeper = createLeaderKeeper(ports)
  }

  async hint({ scope, group, instance, before = '', timeline, source }: OutsideHint): Promise<void> {
    const { store, log } = this.ports
    const owner = await ownerOf(store, group === undefined ? scope : '', instance || before)
    if (owner === undefined) {
      log.debug({ scope, instance, source }, 'hint about a cluster that is not published')
      return
    }
    this.keeper.heard(owner, source)
    await this.relay.pass({ owner, leader: instance, source, timeline })
    if (instance !== '' && !(await hasMember(store, owner, instance))) {
      await this.keep('', await this.unknownLeader(owner, { instance, source, timeline }))
    }
  }

  async report(node: string, report: LeaderReport): Promise<void> {
    const { owner, step, source } = report
    if (!(await this.isAssigned(node, owner)))
      return this.refuse(node, owner, 'it is not assigned to that node')
    if (report.late) return await this.hearLate(node, report)
    this.keeper.heard(owner, source)
    // First of all: what the others do with it is what time is lost with.
    await this.passOn(node, report)
    if (step === 'confirmed') await this.keeper.confirmed(report)
    if (step !== 'moved' || (await this.moved(node, report))) await this.keep(node, report)
  }

  /** What a node did while it was cut off: the others have long looked for themselves. */
  private async hearLate(node: string, report: LeaderReport): Promise<void> {
    if (report.step === 'confirmed') await this.keeper.confirmed(report)
    await this.keep(node, report)
  }

  /** @returns whether that is news: a node says it too when it has connected and found that all is as it was */
  private async moved(node: string, report: LeaderReport): Promise<boolean> {
    const { owner, leader } = report
    const { store } = this.ports
    const what = await this.keeper.moved(node, report)
    if (what === 'unknown') this.refuse(node, owner, 'no revision knows that leader')
    const running = (await store.node(node)).applied.find((entry) => entry.owner === owner)
    // An observation may have told what runs now before the report of the move that brought it about.
    if (running?.leader === leader) return what === 'news' || report.done === true
    await store.recordNode(node, { running: new Map([[owner, leader]]) })
    return true
  }

  async observed(before: readonly LeaderView[], now: readonly LeaderView[]): Promise<void> {
    const changed = new Set(changedOwners(before, now))
    for (const { owner } of now) {
      if (changed.has(owner) || this.keeper.isOpen(owner)) await this.examine(owner)
    }
  }

  /** Views that do not change any more would not be looked at: they came before the assignment. */
  async published(owners: readonly Owner[]): Promise<void> {
    for (const owner of owners) await this.examine(owner)
  }

  private async examine(owner: Owner): Promise<void> {
    const leader = await this.keeper.examine(owner)
    if (leader === undefined) return
    const message = `${leader} leads, as all nodes say that follow`
    await this.add({ atMs: this.ports.clock.now(), kind: 'leader', owner, message })
  }

  async greeted(node: string, running: ReadonlyMap<Owner, string>): Promise<void> {
    const { store, nodes } = this.ports
    for (const { owner } of await store.assignments({ node })) {
      const record = await store.leader(owner)
      const leader = running.get(owner)
      if (!record || leader === undefined || leader === record.leader) continue
      nodes.hint(node, { owner, leader: record.leader, source: 'followed', timeline: record.timeline })
    }
  }

  /**
   * What a node suspects because it was told to look is no news: passed on, it would go round for ever.
   */
  private async passOn(node: string, { owner, step, leader, source, timeline }: LeaderReport): Promise<void> {
    const from = `node:${node}`
    if (step === 'suspected' && source !== ownEcho) {
      await this.relay.pass({ owner, leader: '', source: from, timeline: unknownTimeline }, node)
    }
    if (step === 'confirmed') await this.relay.pass({ owner, leader, source: from, timeline }, node)
  }

  private async isAssigned(node: string, owner: Owner): Promise<boolean> {
    if (hostOfNodeOwner(owner) !== undefined) return false
    return (await this.ports.store.assignments({ owner, node })).length > 0
  }

  private refuse(node: string, owner: Owner, why: string): void {
    const { log, clock } = this.ports
    if (this.warned.passes(node, '', clock.monotonic()))
      log.warn({ node, owner, why }, 'leader report dropped')
  }

  private async unknownLeader(
    owner: Owner,
    { instance, source, timeline }: Pick<OutsideHint, 'instance' | 'source' | 'timeline'>,
  ): Promise<LeaderReport> {
    const { store, clock } = this.ports
    const before =
      (await store.leader(owner))?.leader ?? (await store.newestRevision(owner))?.plan.leader ?? ''
    const message = `${source} says that ${instance} leads, and no revision of ${owner} has such a member`
    const held = { code: 'LEADER_UNKNOWN', message }
    const named = { owner, step: 'held', leader: instance, before, source, timeline, held } as const
    return { ...named, atMs: clock.now(), timings: noTimings }
  }

  /** A step that is taken again and again is kept once a minute. */
  private async keep(node: string, report: LeaderReport): Promise<void> {
    const { owner, step, leader, held } = report
    const { clock } = this.ports
    const what = [step, leader, held?.code ?? ''].join(' ')
    if (!this.kept.passes(`${node} ${owner}`, what, clock.monotonic())) return
    if (node !== '' && !this.ports.quota.passes(node, 'leader')) return
    const message = stepMessage(report)
    await this.add({
      atMs: clock.now(),
      kind: 'leader',
      owner,
      node: node || undefined,
      message,
      leader: report,
    })
  }

  private async add(event: NewEvent): Promise<void> {
    await this.ports.store.addEvents([event])
  }
}
