/** Keeps the record of who leads: from the first word of it to the node that has followed. */
import { type LeaderReport, type LeaderView, unknownTimeline } from '../../shared/model/leader.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Store } from '../store/store.ts'
import { type Agreement, agreementOf } from './agreement.ts'
import type { LeaderNodes } from './leader-nodes.ts'
import { hasMember } from './membership.ts'

export interface LeaderKeeper {
  /** Somebody says something of the owner's leader; who it was counts for as long as it takes to follow. */
  heard(owner: Owner, source: string): void
  /** A node has seen that another one leads. */
  confirmed(report: LeaderReport): Promise<void>
  /** A node has followed. @returns false when no revision knows that leader */
  moved(report: LeaderReport): Promise<boolean>
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
  const words = new Map<Owner, { readonly source: string; readonly atMs: number }>()
  const confirmed = new Map<Owner, { readonly leader: string; readonly sinceMs: number }>()
  const agreed = new Map<Owner, { readonly leader: string; readonly atMs: number }>()
  const { store, clock } = ports
  const sourceOf = ({ owner, source }: LeaderReport) => {
    const word = words.get(owner)
    return word && clock.monotonic() - word.atMs < wordMs ? word.source : source
  }
  return {
    heard: (owner, source) => {
      const known = words.get(owner)
      const isNews = !known || clock.monotonic() - known.atMs >= wordMs
      if (source !== ownEcho && isNews) words.set(owner, { source, atMs: clock.monotonic() })
    },
    confirmed: async ({ owner, leader }) => {
      if ((await store.leader(owner))?.leader === leader) confirmed.delete(owner)
      else if (confirmed.get(owner)?.leader !== leader) confirmed.set(owner, { leader, sinceMs: clock.now() })
    },
    moved: async (report) => {
      const { owner, leader, timeline } = report
      if (!(await hasMember(store, owner, leader))) return false
      const seen = confirmed.get(owner)
      const sinceMs = seen?.leader === leader ? seen.sinceMs : clock.now() - sinceConfirmed(report)
      const source = sourceOf(report)
      if (await store.setLeader({ owner, leader, sinceMs, source, timeline })) {
        words.delete(owner)
        confirmed.delete(owner)
      }
      return true
    },
    examine: async (owner) => {
      const found = await disagreement(ports, owner)
      const known = agreed.get(owner)
      if (!found) agreed.delete(owner)
      else if (known?.leader !== found.leader) {
        agreed.set(owner, { leader: found.leader, atMs: clock.monotonic() })
      } else if (clock.monotonic() - known.atMs >= agreedForMs) {
        agreed.delete(owner)
        const sinceMs = found.sinceMs || clock.now()
        const { leader, source } = found
        await store.setLeader({ owner, leader, sinceMs, source, timeline: unknownTimeline })
        return leader
      }
      return undefined
    },
    isOpen: (owner) => agreed.has(owner),
  }
}

/** How long ago the leader was confirmed, when it was confirmed and followed in one go. */
function sinceConfirmed({ timings }: LeaderReport): number {
  return Math.min(Math.max(0, timings.moveMs - timings.confirmMs), maxFollowMs)
}

/** What the nodes agree on, where the record says something else and is older. */
async function disagreement({ store, nodes }: KeeperPorts, owner: Owner): Promise<Agreement | undefined> {
  const connected = new Set(nodes.connected())
  const serving = (await store.assignments({ owner })).filter(({ node }) => connected.has(node))
  const found = agreementOf(serving.map(({ node }) => viewOf(nodes, node, owner)))
  if (!found) return undefined
  const record = await store.leader(owner)
  const isLater = record === undefined || found.sinceMs > record.sinceMs
  const known = record?.leader ?? (await store.newestRevision(owner))?.plan.leader
  if (found.leader === known || !isLater) return undefined
  return (await hasMember(store, owner, found.leader)) ? found : undefined
}

function viewOf(nodes: LeaderNodes, node: string, owner: Owner): LeaderView | undefined {
  return nodes.views(node)?.find((view) => view.owner === owner)
}
