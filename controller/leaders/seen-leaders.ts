/** What the connected nodes see of each cluster. */
import { isFollowing } from '../../shared/model/follow-policy.ts'
import type { LeaderView } from '../../shared/model/leader.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { AssignmentRecord } from '../store/store.ts'
import type { LeaderNodes } from './leader-nodes.ts'

/** A node's view of one cluster. */
export interface SeenBy {
  readonly node: string
  readonly view: LeaderView
}

/**
 * By cluster, sorted by node.
 *
 * @param assignments - a node has a say about what it is assigned, and about nothing else
 */
export function seenLeaders(
  nodes: Pick<LeaderNodes, 'connected' | 'views'>,
  assignments: readonly Pick<AssignmentRecord, 'node' | 'owner'>[],
): ReadonlyMap<Owner, readonly SeenBy[]> {
  const assigned = new Set(assignments.map(({ node, owner }) => `${node} ${owner}`))
  const seen = new Map<Owner, SeenBy[]>()
  for (const node of [...nodes.connected()].sort()) {
    for (const view of nodes.views(node) ?? []) {
      if (!assigned.has(`${node} ${view.owner}`)) continue
      const known = seen.get(view.owner) ?? []
      seen.set(view.owner, known)
      known.push({ node, view })
    }
  }
  return seen
}

export interface LiveLeader {
  readonly leader: string
  /** By the node that saw it first, milliseconds since 1970; 0 when it has always been so. */
  readonly sinceMs: number
}

/** Who leads by the live checks of all nodes that have looked; undefined when they do not agree, or none has. */
export function liveLeaderOf(seen: readonly SeenBy[]): LiveLeader | undefined {
  const confirmed = seen.map(({ view }) => view).filter((view) => view.confirmed)
  const [leader = '', ...others] = new Set(confirmed.map((view) => view.leader))
  if (leader === '' || others.length > 0) return undefined
  return { leader, sinceMs: Math.min(...confirmed.map(({ sinceMs }) => sinceMs)) }
}

/**
 * How long it took from the first hint until HAProxy was told of a leader, milliseconds, of the node that took
 * longest; 0 when no node is known to have followed it.
 */
export function followedInMs(seen: readonly SeenBy[], leader: string): number {
  const took = seen.flatMap(({ view }) =>
    view.leader === leader && isFollowing(view.follow) ? [view.timings.confirmMs + view.timings.tellMs] : [],
  )
  return Math.max(0, ...took)
}
