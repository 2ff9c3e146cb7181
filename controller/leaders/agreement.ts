/**
 * What the views of an owner's connected nodes come to. Pure.
 *
 * Reports say what happens while the controller listens. What happened while it was away shows in the views alone.
 */
import { isFollowing } from '../../shared/model/follow-policy.ts'
import type { LeaderView } from '../../shared/model/leader.ts'

export interface Agreement {
  readonly leader: string
  /** Latest of the nodes' own, milliseconds since 1970; 0 when none knows. */
  readonly sinceMs: number
  readonly source: string
}

/**
 * The leader that every node which follows has confirmed and runs.
 *
 * @param views - one per connected node that is assigned the owner; undefined for one that has not said
 */
export function agreementOf(views: readonly (LeaderView | undefined)[]): Agreement | undefined {
  const following = views.filter((view) => view === undefined || isFollowing(view.follow))
  const [first] = following
  if (!first) return undefined
  const { leader, source } = first
  const isShared = following.every(
    (view) => view?.confirmed && view.held === undefined && view.leader === leader && view.running === leader,
  )
  if (leader === '' || !isShared) return undefined
  return { leader, source, sinceMs: Math.max(...following.map((view) => view?.sinceMs ?? 0)) }
}

/** Owners of which a node says something else than before. */
export function changedOwners(before: readonly LeaderView[], now: readonly LeaderView[]): readonly string[] {
  const known = new Map(before.map((view) => [view.owner, tokenOf(view)]))
  return now.filter((view) => known.get(view.owner) !== tokenOf(view)).map(({ owner }) => owner)
}

function tokenOf({ leader, running, confirmed, follow, held }: LeaderView): string {
  return [leader, running, confirmed, follow, held?.code ?? ''].join(' ')
}
