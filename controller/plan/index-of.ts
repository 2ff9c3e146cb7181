/** The cluster index of a loaded inventory, made once: targets and plan both need it. */
import type { LoadedInventory } from '../inventory/inventory.ts'
import { type ClusterIndex, indexClusters } from '../model/clusters.ts'

const indexes = new WeakMap<LoadedInventory, ClusterIndex>()

export function indexOf(loaded: LoadedInventory): ClusterIndex {
  const known = indexes.get(loaded)
  if (known !== undefined) return known
  const index = indexClusters(loaded.inventory)
  indexes.set(loaded, index)
  return index
}
