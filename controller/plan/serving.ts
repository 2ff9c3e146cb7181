/** Which nodes carry which cluster, without rendering anything. */
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { asAppError } from '../model/fault.ts'
import { indexOf } from './index-of.ts'
import { baseLineup } from './lineup.ts'
import { placeCluster } from './placement.ts'

export interface Serving {
  /** The cluster. */
  readonly name: string
  readonly members: readonly string[]
  /** Group whose nodes carry the services; '' when the members do. */
  readonly provider: string
  /** In inventory order. */
  readonly nodes: readonly string[]
}

const known = new WeakMap<LoadedInventory, ReadonlyMap<string, Serving>>()

/** All clusters, in the order of their first hosts. */
export function servingOf(loaded: LoadedInventory): ReadonlyMap<string, Serving> {
  const cached = known.get(loaded)
  if (cached !== undefined) return cached
  const serving = new Map(
    [...indexOf(loaded).clusters].map(([name, cluster]) => [name, servingOne(loaded, cluster)]),
  )
  known.set(loaded, serving)
  return serving
}

function servingOne(loaded: LoadedInventory, cluster: Cluster): Serving {
  const members = cluster.hosts.map((host) => host.name)
  try {
    const lineup = baseLineup(loaded, cluster, 'checked')
    const { provider, renderers } = placeCluster(
      loaded.inventory,
      lineup.members.map((member) => member.renderer),
    )
    const place = (node: string) => loaded.inventory.hosts.get(node)?.index ?? 0
    const nodes = [...renderers.keys()].sort((a, b) => place(a) - place(b))
    return { name: cluster.name, members, provider, nodes }
  } catch (error) {
    asAppError(error)
    // Where a cluster is carried cannot be evaluated: the plan says why, the members are the best guess till then.
    return { name: cluster.name, members, provider: '', nodes: members }
  }
}
