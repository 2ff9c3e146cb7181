/** What commands that read an inventory themselves take for names: all that `pgsql-svc` takes. */
import type { LoadedInventory } from '../inventory/inventory.ts'
import { resolveTargets } from '../plan/targets.ts'

/**
 * @param names - clusters, groups or patterns
 * @returns names of clusters
 * @throws AppError `TARGET_UNKNOWN`
 */
export function clustersMeant(loaded: LoadedInventory, names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((name) => resolveTargets(loaded, name, [], 'cluster').owners.map(({ owner }) => owner)),
  )
}
