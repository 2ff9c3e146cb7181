/** An owner's revisions and what was done with them. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HistoryResponse } from '../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import type { Store } from '../store/store.ts'

const defaultLimit = 20
const maxLimit = 1_000

/** @throws AppError `OWNER_UNKNOWN` with the owners there are in the hint */
export async function historyOf(store: Store, owner: string, limit: number): Promise<HistoryResponse> {
  const bounded = Math.min(limit || defaultLimit, maxLimit)
  const [revisions, acts, assignments] = await Promise.all([
    store.revisions(owner, bounded),
    store.acts(owner, bounded),
    store.assignments({ owner }),
  ])
  if (revisions.length === 0) {
    const owners = await store.owners()
    throw new AppError('OWNER_UNKNOWN', `nothing was ever published of ${owner}`, {
      hint: owners.length > 0 ? `published: ${owners.join(', ')}` : 'nothing was published yet',
    })
  }
  return {
    revisions: revisions.map(({ number, createdMs, operator, inventoryDigest, plan }) => ({
      number,
      createdMs,
      operator,
      inventoryDigest,
      nodes: assignments.filter(({ revision }) => revision === number).map(({ node }) => node),
      leader: plan.leader,
    })),
    acts: acts.map((act) => ({ ...act, nodes: [...act.nodes] })),
  }
}
