/**
 * The inventory as a publish sees it: read when it has changed, computed only for the owners asked for.
 *
 * Reading and computing are passed in, so that the engine can be tried without an inventory.
 */
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { LoadWarning } from '../parse/load-warning.ts'
import type { PlanOptions } from '../plan/compute-plan.ts'
import type { Plan } from '../plan/owner-plan.ts'
import type { Targets } from '../plan/targets.ts'

export type TargetKind = 'cluster' | 'node'

export interface CatalogueEntry {
  readonly targets: Targets
  readonly plan: Plan
  readonly inventoryDigest: string
  /** What was noticed while reading. */
  readonly warnings: readonly LoadWarning[]
}

export interface Catalogue {
  /**
   * Targets and plans of what an operator named.
   *
   * @param carriers - hosts that have haproxy_services published now; a group means them though their list is gone
   * @throws AppError of the inventory or of the targets: then nothing is to be done for the others either
   */
  look(
    pattern: string,
    nodes: readonly string[],
    kind: TargetKind,
    carriers: ReadonlySet<string>,
  ): Promise<CatalogueEntry>
}

export interface InventoryCatalogue extends Catalogue {
  /** Reads the inventory ahead of the first publish. @throws AppError when it cannot be read */
  warm(): Promise<void>
}

export interface CatalogueParts {
  readonly load: () => Promise<LoadedInventory>
  /** Equal as long as `load` would give the same; undefined when that cannot be told. */
  readonly fingerprint: () => Promise<string | undefined>
  readonly resolve: (
    loaded: LoadedInventory,
    pattern: string,
    nodes: readonly string[],
    kind: TargetKind,
    carriers: ReadonlySet<string>,
  ) => Targets
  readonly compute: (loaded: LoadedInventory, options: PlanOptions) => Plan
}

export function createCatalogue(parts: CatalogueParts): InventoryCatalogue {
  let cached: { readonly fingerprint: string; readonly loaded: LoadedInventory } | undefined
  const current = async () => {
    const fingerprint = await parts.fingerprint()
    if (cached && cached.fingerprint === fingerprint) return cached.loaded
    const loaded = await parts.load()
    cached = fingerprint === undefined ? undefined : { fingerprint, loaded }
    return loaded
  }
  return {
    warm: async () => {
      await current()
    },
    look: async (pattern, nodes, kind, carriers) => {
      const loaded = await current()
      const targets = parts.resolve(loaded, pattern, nodes, kind, carriers)
      const owners = new Set(targets.owners.map((target) => target.owner))
      const plan = parts.compute(loaded, { strict: false, owners, node: kind === 'node' })
      return { targets, plan, inventoryDigest: loaded.digest, warnings: loaded.warnings }
    },
  }
}
