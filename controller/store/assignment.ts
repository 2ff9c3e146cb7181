/** A revision as one node sees it. */
import { isFollowing } from '../../shared/model/follow-policy.ts'
import type { Assignment, Owner } from '../../shared/model/snapshot.ts'
import type { NodePlan, OwnerPlan } from '../plan/owner-plan.ts'

/**
 * What `node` has of a revision.
 *
 * @param followed - the leader last followed; without one, when the revision does not know it, or when it says that
 *   leaders are not followed, the inventory's leader counts
 * @returns undefined when the revision holds nothing for the node
 */
export function assignmentOf(
  plan: OwnerPlan,
  revision: number,
  node: string,
  followed: string | undefined,
): Assignment | undefined {
  const nodePlan = plan.nodes.find((candidate) => candidate.node === node)
  if (!nodePlan) return undefined
  const leader = leaderOf(plan, nodePlan, followed)
  const running = nodePlan.variants.find((variant) => variant.leader === leader)
  return {
    owner: plan.owner,
    revision,
    variants: nodePlan.variants.map((variant) => ({ leader: variant.leader, files: variant.files })),
    leader,
    members: plan.members,
    services: running?.services ?? [],
    follow: plan.follow ?? 'default',
    inventoryLeader: leaderOf(plan, nodePlan, undefined),
    outsideNodes: outsideNodesOf(plan),
  }
}

/** Whether agents move to another variant by themselves; when not, it is for the inventory to say who leads. */
export function isFollowed({ follow }: Pick<OwnerPlan, 'follow'>): boolean {
  return isFollowing(follow ?? 'default')
}

function outsideNodesOf({ nodes, members }: OwnerPlan): number {
  const own = new Set(members.map(({ address }) => address))
  return members.length === 0 ? 0 : nodes.filter(({ node }) => !own.has(node)).length
}

function leaderOf(plan: OwnerPlan, nodePlan: NodePlan, followed: string | undefined): string {
  const known = (leader: string) => nodePlan.variants.some((variant) => variant.leader === leader)
  if (followed !== undefined && isFollowed(plan) && known(followed)) return followed
  return known(plan.leader) ? plan.leader : (nodePlan.variants[0]?.leader ?? '')
}

/** Digests of all files of an assignment's variants. */
export function digestsOf(assignments: readonly Assignment[]): Set<string> {
  const files = assignments.flatMap((assignment) => assignment.variants.flatMap((variant) => variant.files))
  return new Set(files.map((file) => file.digest))
}

/** Sorts by owner, byte order, as a snapshot wants it. */
export function sortedByOwner<T extends { readonly owner: Owner }>(items: readonly T[]): T[] {
  return [...items].sort((left, right) => (left.owner < right.owner ? -1 : left.owner > right.owner ? 1 : 0))
}
