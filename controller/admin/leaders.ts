/** Who leads each cluster: by the inventory, by what was followed last, and by what each connected node sees. */
import { AppError } from '../../shared/errors/app-error.ts'
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import { followToWire } from '../../shared/rpc/convert.ts'
import { leaderViewToWire } from '../../shared/rpc/convert-leader.ts'
import type { ClusterLeader } from '../../shared/rpc/generated/pgsvc/v1/ClusterLeader.ts'
import type { LeadersResponse } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import type { LeaderNodes } from '../leaders/leader-nodes.ts'
import { type SeenBy, seenLeaders } from '../leaders/seen-leaders.ts'
import type { Store } from '../store/store.ts'

/**
 * @param names - clusters; empty for all
 * @throws AppError `OWNER_UNKNOWN` with the clusters there are in the hint
 */
export async function leadersOf(
  store: Store,
  nodes: Pick<LeaderNodes, 'connected' | 'views'>,
  names: readonly string[],
): Promise<LeadersResponse> {
  const known = (await store.owners()).filter((owner) => hostOfNodeOwner(owner) === undefined)
  const wrong = names.filter((name) => !known.includes(name))
  if (wrong.length > 0) {
    throw new AppError('OWNER_UNKNOWN', `no cluster was ever published as ${wrong.join(', ')}`, {
      hint: known.length > 0 ? `published: ${known.join(', ')}` : 'nothing was published yet',
    })
  }
  const shown = names.length === 0 ? known : known.filter((owner) => names.includes(owner))
  const seen = seenLeaders(nodes)
  const clusters = shown.map((owner) => clusterLeader(store, owner, seen.get(owner) ?? []))
  return { clusters: await Promise.all(clusters) }
}

async function clusterLeader(store: Store, owner: Owner, seen: readonly SeenBy[]): Promise<ClusterLeader> {
  const [newest, record] = await Promise.all([store.newestRevision(owner), store.leader(owner)])
  return {
    owner,
    inventory: newest?.plan.leader ?? '',
    followed: record?.leader ?? '',
    sinceMs: record?.sinceMs ?? 0,
    source: record?.source ?? '',
    follow: followToWire(newest?.plan.follow ?? 'default'),
    nodes: seen.map(({ node, view }) => ({ node, view: leaderViewToWire(view) })),
  }
}
