/** A snapshot as this node is to have it, when the agent itself knows better who leads. Pure. */
import { sha256 } from '../../shared/digest/sha256.ts'
import { isFollowing, policyOf } from '../../shared/model/follow-policy.ts'
import type { FollowPolicy, Snapshot } from '../../shared/model/snapshot.ts'
import type { AgentState, FollowedLeader, OwnedFile } from '../state/state-file.ts'

/**
 * What the controller sends names the leader that was followed last anywhere; a node that by its own policy does not
 * follow goes by the inventory.
 *
 * @param usual - the agent's own policy
 */
export function asInventory(snapshot: Snapshot, usual: FollowPolicy): Snapshot {
  const assignments = snapshot.assignments.map((assignment) => {
    const { inventoryLeader, variants } = assignment
    const isKnown = variants.some(({ leader }) => leader === inventoryLeader)
    return !isFollowing(policyOf(assignment, usual)) && isKnown
      ? { ...assignment, leader: inventoryLeader }
      : assignment
  })
  return { ...snapshot, assignments }
}

/**
 * The leader last followed counts, whatever the controller says: it was seen by live checks, and a controller that has
 * been away may not know it yet. A revision that does not know it goes by its own leader, and so does a node that does
 * not follow: who leads is then for the inventory to say.
 *
 * @param usual - the agent's own policy
 */
export function withFollowed(
  snapshot: Snapshot,
  followed: Readonly<Record<string, FollowedLeader>>,
  usual: FollowPolicy,
): Snapshot {
  const assignments = snapshot.assignments.map((assignment) => {
    const leader = followed[assignment.owner]?.leader
    const isKnown = assignment.variants.some((variant) => variant.leader === leader)
    const follows = isFollowing(policyOf(assignment, usual))
    return leader !== undefined && isKnown && follows ? { ...assignment, leader } : assignment
  })
  return { ...snapshot, assignments }
}

/**
 * Of owners that are still assigned and followed; what an owner followed before says nothing when it comes back, or when
 * it is followed again.
 *
 * @param usual - the agent's own policy
 */
export function stillFollowed(
  followed: AgentState['followed'],
  { assignments }: Snapshot,
  usual: FollowPolicy,
): AgentState['followed'] {
  const owners = new Set(
    assignments.filter((one) => isFollowing(policyOf(one, usual))).map(({ owner }) => owner),
  )
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
