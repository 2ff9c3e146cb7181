/** Who leads each cluster: by the inventory, by what was followed last, and by what each connected node sees. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { LeaderView } from '../../shared/model/leader.ts'
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import { followToWire } from '../../shared/rpc/convert.ts'
import { leaderViewToWire } from '../../shared/rpc/convert-leader.ts'
import type { ClusterLeader } from '../../shared/rpc/generated/pgsvc/v1/ClusterLeader.ts'
import type { LeadersResponse } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import type { LeaderNodes } from '../leaders/leader-nodes.ts'
import type { Store } from '../store/store.ts'

type Nodes = Pick<LeaderNodes, 'connected' | 'views'>

/** A node's view of one cluster. */
export interface SeenBy {
  readonly node: string
  readonly view: LeaderView
}

/**
 * @param names - clusters; empty for all
 * @throws AppError `OWNER_UNKNOWN` with the clusters there are in the hint
 */
export async function leadersOf(
  store: Store,
  nodes: Nodes,
  names: readonly string[],
): Promise<LeadersResponse> {
  const clusters = (await store.owners()).filter((owner) => hostOfNodeOwner(owner) === undefined)
  const wrong = names.filter((name) => !clusters.includes(name))
  if (wrong.length > 0) {
    throw new AppError('OWNER_UNKNOWN', `no cluster was ever published as ${wrong.join(', ')}`, {
      hint: clusters.length > 0 ? `published: ${clusters.join(', ')}` : 'nothing was published yet',
    })
  }
  const shown = names.length === 0 ? clusters : clusters.filter((owner) => names.includes(owner))
  return { clusters: await Promise.all(shown.map((owner) => clusterLeader(store, nodes, owner))) }
}

async function clusterLeader(store: Store, nodes: Nodes, owner: Owner): Promise<ClusterLeader> {
  const [newest, record] = await Promise.all([store.newestRevision(owner), store.leader(owner)])
  return {
    owner,
    inventory: newest?.plan.leader ?? '',
    followed: record?.leader ?? '',
    sinceMs: record?.sinceMs ?? 0,
    source: record?.source ?? '',
    follow: followToWire(newest?.plan.follow ?? 'default'),
    nodes: viewsOf(nodes, owner).map(({ node, view }) => ({ node, view: leaderViewToWire(view) })),
  }
}

/** What each connected node sees of a cluster, sorted by node. */
export function viewsOf(nodes: Nodes, owner: Owner): readonly SeenBy[] {
  return [...nodes.connected()].sort().flatMap((node) => {
    const view = nodes.views(node)?.find((candidate) => candidate.owner === owner)
    return view ? [{ node, view }] : []
  })
}
