/**
 * From a loaded inventory to the plan: for every owner, node and possible leader, the files.
 */
import type { Owner } from '../../shared/model/snapshot.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Plan } from './owner-plan.ts'

export interface PlanOptions {
  /** Exactly what Pigsty's own templates write, its faults included. */
  readonly strict: boolean
  /** Only these owners; all when absent. */
  readonly owners?: ReadonlySet<Owner> | undefined
  /** Also the nodes' own haproxy_services. */
  readonly node: boolean
}

/** Computes the plan. An owner with an error is left out and its problems are listed. */
export function computePlan(loaded: LoadedInventory, options: PlanOptions): Plan {
  throw new Error(`not there yet: ${loaded.digest} ${options.strict}`)
}
