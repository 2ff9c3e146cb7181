/** Who leads each cluster: by the inventory, by what was followed last, and by what each node sees. */
import { AppError } from '../../shared/errors/app-error.ts'
import { type Held, type LeaderView, noTimings } from '../../shared/model/leader.ts'
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
  const seen = seenLeaders(nodes, await store.assignments())
  const connected = new Set(nodes.connected())
  const clusters = shown.map((owner) => clusterLeader(store, owner, seen.get(owner) ?? [], connected))
  return { clusters: await Promise.all(clusters) }
}

async function clusterLeader(
  store: Store,
  owner: Owner,
  seen: readonly SeenBy[],
  connected: ReadonlySet<string>,
): Promise<ClusterLeader> {
  const [newest, record, others] = await Promise.all([
    store.newestRevision(owner),
    store.leader(owner),
    othersThan(seen, store, owner, connected),
  ])
  return {
    owner,
    inventory: newest?.plan.leader ?? '',
    followed: record?.leader ?? '',
    sinceMs: record?.sinceMs ?? 0,
    source: record?.source ?? '',
    follow: followToWire(newest?.plan.follow ?? 'default'),
    nodes: [...seen, ...others].map(({ node, view }) => ({ node, view: leaderViewToWire(view) })),
  }
}

/** Nodes that are assigned the owner and say nothing now: what they run is what they said last. */
async function othersThan(
  seen: readonly SeenBy[],
  store: Store,
  owner: Owner,
  connected: ReadonlySet<string>,
): Promise<readonly SeenBy[]> {
  const present = new Set(seen.map(({ node }) => node))
  const assigned = (await store.assignments({ owner })).filter(({ node }) => !present.has(node))
  return Promise.all(
    assigned.map(async ({ node }) => {
      const { applied } = await store.node(node)
      const running = applied.find((one) => one.owner === owner)?.leader ?? ''
      return { node, view: { ...unseen, owner, running, held: connected.has(node) ? undefined : offline } }
    }),
  )
}

const offline: Held = {
  code: 'NODE_OFFLINE',
  message: 'its agent is not connected; RUNS is what it said last',
}
const unseen: Omit<LeaderView, 'owner' | 'running' | 'held'> = {
  leader: '',
  confirmed: false,
  sinceMs: 0,
  timings: noTimings,
  source: '',
  follow: 'default',
}
