/** The plans that an owner's nodes are assigned now. */
import type { OwnerPlan } from '../plan/owner-plan.ts'
import type { AssignmentRecord, Store } from '../store/store.ts'

/** @param assigned - of one owner. @returns each plan once, in no order that means anything */
export async function assignedPlans(
  store: Store,
  assigned: readonly AssignmentRecord[],
): Promise<readonly OwnerPlan[]> {
  const numbers = new Map(assigned.map(({ owner, revision }) => [revision, owner]))
  const records = await Promise.all([...numbers].map(([number, owner]) => store.revision(owner, number)))
  return records.flatMap((record) => record?.plan ?? [])
}
