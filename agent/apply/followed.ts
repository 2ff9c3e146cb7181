/** A snapshot as this node is to have it, when the agent itself knows better who leads. Pure. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Snapshot } from '../../shared/model/snapshot.ts'
import type { AgentState, FollowedLeader, OwnedFile } from '../state/state-file.ts'

/**
 * The leader last followed counts, whatever the controller says: it was seen by live checks, and a controller that has
 * been away may not know it yet. A revision that does not know it goes by its own leader, and so does one that says that
 * leaders are not followed: who leads is then for the inventory to say.
 */
export function withFollowed(
  snapshot: Snapshot,
  followed: Readonly<Record<string, FollowedLeader>>,
): Snapshot {
  const assignments = snapshot.assignments.map((assignment) => {
    const leader = followed[assignment.owner]?.leader
    const isKnown = assignment.variants.some((variant) => variant.leader === leader)
    const isAloof = assignment.follow === 'report' || assignment.follow === 'off'
    return leader !== undefined && isKnown && !isAloof ? { ...assignment, leader } : assignment
  })
  return { ...snapshot, assignments }
}

/** Of owners that are still assigned; what an owner followed before it was taken away says nothing when it comes back. */
export function stillFollowed(
  followed: AgentState['followed'],
  { assignments }: Snapshot,
): AgentState['followed'] {
  const owners = new Set(assignments.map(({ owner }) => owner))
  return Object.fromEntries(Object.entries(followed).filter(([owner]) => owners.has(owner)))
}

/**
 * Files of ours that somebody changed and that a move to another variant has no need to touch: they stay as they are.
 *
 * @param live - text of each file in the live directory, by base name
 * @param next - digests that the files are to have, by base name
 */
export function leftWhileFollowing(
  owned: Readonly<Record<string, OwnedFile>>,
  live: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const left = Object.entries(owned).filter(([name, { digest, taken }]) => {
    const text = live.get(name)
    const found = text === undefined ? undefined : sha256(text)
    return found !== digest && (taken === undefined || found !== taken) && next.get(name) === digest
  })
  return new Set(left.map(([name]) => name))
}
