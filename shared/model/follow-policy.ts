/** What is done when a leader changes, and who says so. Pure. */
import type { Assignment, FollowPolicy } from './snapshot.ts'

/** @param usual - the agent's own policy, where the assignment leaves it to it */
export function policyOf({ follow }: Pick<Assignment, 'follow'>, usual: FollowPolicy): FollowPolicy {
  return follow === 'default' ? usual : follow
}

/** Nodes go to another leader's variant by themselves; when not, it is for the inventory to say whose runs. */
export function isFollowing(policy: FollowPolicy): boolean {
  return policy !== 'report' && policy !== 'off'
}
