/** Keeps the record of who leads: from the first word of it to the node that has followed. */

import { isFollowing } from '../../shared/model/follow-policy.ts'
import { type LeaderReport, type LeaderView, unknownTimeline } from '../../shared/model/leader.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Store } from '../store/store.ts'
import { succession } from '../store/succession.ts'
import { type Agreement, agreementOf } from './agreement.ts'
import type { LeaderNodes } from './leader-nodes.ts'
import { hasMember } from './membership.ts'

export interface LeaderKeeper {
  /** Somebody says something of the owner's leader; who it was counts for as long as it takes to follow. */
  heard(owner: Owner, source: string): void
  /** A node has seen that another one leads. */
  confirmed(report: LeaderReport): Promise<void>
  /**
   * A node has followed, or says after it has connected whose variant it runs.
   *
   * @returns what that is to the record: `unknown` when no revision has such a member
   */
  moved(node: string, report: LeaderReport): Promise<'news' | 'known' | 'unknown'>
  /**
   * Looks at what the nodes say of an owner; where they have long agreed on another leader than the record's, that
   * one is recorded.
   *
   * @returns the leader that is recorded now, when that is news
   */
  examine(owner: Owner): Promise<string | undefined>
  /** Owners whose nodes disagree with the record. */
  isOpen(owner: Owner): boolean
}

export interface KeeperPorts {
  readonly store: Store
  readonly nodes: LeaderNodes
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
}

/** The source of what an agent does because this controller told it to look. */
export const ownEcho = 'controller'

/** Nodes that come back to a controller that has started have all said how they stand by then. */
const agreedForMs = 10_000
/** What was heard longer ago has nothing to do with what is followed now. */
const wordMs = 60_000
/** A node's word on how long it took is not taken for more than this. */
const maxFollowMs = 3_600_000

export function createLeaderKeeper(ports: KeeperPorts): LeaderKeeper {
  return new Keeper(ports)
}

class Keeper implements LeaderKeeper {
  private readonly ports: KeeperPorts
  private readonly words = new Map<Owner, { readonly source: string; readonly atMs: number }>()
  private readonly seen = new Map<Owner, { readonly leader: string; readonly sinceMs: number }>()
  private readonly agreed = new Map<Owner, { readonly leader: string; readonly atMs: number }>()

  constructor(ports: KeeperPorts) {
    this.ports = ports
  }

  heard(owner: Owner, source: string): void {
    const known = this.words.get(owner)
    const atMs = this.ports.clock.monotonic()
    const isNews = !known || atMs - known.atMs >= wordMs
    if (source !== ownEcho && isNews) this.words.set(owner, { source, atMs })
  }

  async confirmed({ owner, leader, late, atMs }: LeaderReport): Promise<void> {
    const { store, clock } = this.ports
    const sinceMs = late ? Math.min(atMs, clock.now()) : clock.now()
    if ((await store.leader(owner))?.leader === leader) this.seen.delete(owner)
    else if (this.seen.get(owner)?.leader !== leader) this.seen.set(owner, { leader, sinceMs })
  }

  async moved(node: string, report: LeaderReport): Promise<'news' | 'known' | 'unknown'> {
    const { owner, leader, timeline } = report
    const { store } = this.ports
    if (succession(await store.leader(owner), report) === 'known') return 'known'
    if (!(await hasMember(store, owner, leader))) return 'unknown'
    if (!mayHaveFollowed(this.ports, node, report)) return 'known'
    const seen = this.seen.get(owner)
    const sinceMs = seen?.leader === leader ? seen.sinceMs : sinceOf(this.ports, node, report)
    const source = this.sourceOf(report)
    if (!(await store.setLeader({ owner, leader, sinceMs, source, timeline }))) return 'known'
    this.words.delete(owner)
    this.seen.delete(owner)
    return 'news'
  }

  async examine(owner: Owner): Promise<string | undefined> {
    const found = await disagreement(this.ports, owner)
    const known = this.agreed.get(owner)
    const nowMs = this.ports.clock.monotonic()
    if (found && known?.leader === found.leader) {
      if (nowMs - known.atMs < agreedForMs) return undefined
      this.agreed.delete(owner)
      return this.record(owner, found)
    }
    if (found) this.agreed.set(owner, { leader: found.leader, atMs: nowMs })
    else this.agreed.delete(owner)
    return undefined
  }

  isOpen(owner: Owner): boolean {
    return this.agreed.has(owner)
  }

  /** @returns the leader, unless all is as it was published */
  private async record(owner: Owner, { leader, source, sinceMs }: Agreement): Promise<string | undefined> {
    const { store, clock } = this.ports
    const before = (await store.leader(owner))?.leader ?? (await store.newestRevision(owner))?.plan.leader
    const told = { source, timeline: unknownTimeline }
    await store.setLeader({ owner, leader, sinceMs: sinceMs || clock.now(), ...told })
    return leader === before ? undefined : leader
  }

  private sourceOf({ owner, source }: LeaderReport): string {
    const word = this.words.get(owner)
    return word && this.ports.clock.monotonic() - word.atMs < wordMs ? word.source : source
  }
}

/**
 * A node that stays where it is says after it has connected whose variant it runs, too: that is what it was published
 * with. Recorded, it would hold the inventory's leader off for ever.
 */
function mayHaveFollowed({ nodes }: KeeperPorts, node: string, { owner, timings }: LeaderReport): boolean {
  const view = viewOf(nodes, node, owner)
  return view ? isFollowing(view.follow) : timings.moveMs > 0
}

/** Since when a leader leads of whom this controller did not see how it was confirmed: by the node's own word. */
function sinceOf(
  { nodes, clock }: KeeperPorts,
  node: string,
  { owner, leader, timings }: LeaderReport,
): number {
  const nowMs = clock.now()
  const view = viewOf(nodes, node, owner)
  if (view?.leader === leader && view.sinceMs > 0) return Math.min(view.sinceMs, nowMs)
  return nowMs - Math.min(Math.max(0, timings.moveMs - timings.confirmMs), maxFollowMs)
}

/** What the nodes agree on, where there is no record of it, or one that says something else and is older. */
async function disagreement({ store, nodes }: KeeperPorts, owner: Owner): Promise<Agreement | undefined> {
  const connected = new Set(nodes.connected())
  const serving = (await store.assignments({ owner })).filter(({ node }) => connected.has(node))
  const found = agreementOf(serving.map(({ node }) => viewOf(nodes, node, owner)))
  if (!found) return undefined
  const record = await store.leader(owner)
  const isLater = record === undefined || found.sinceMs > record.sinceMs
  if (found.leader === record?.leader || !isLater) return undefined
  return (await hasMember(store, owner, found.leader)) ? found : undefined
}

function viewOf(nodes: LeaderNodes, node: string, owner: Owner): LeaderView | undefined {
  return nodes.views(node)?.find((view) => view.owner === owner)
}
