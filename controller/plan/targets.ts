/**
 * From what an operator names to the owners and nodes that are meant. Nothing is rendered for it, so that
 * the targets of a broken cluster resolve too.
 */

import type { Owner } from '../../shared/model/snapshot.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Problem } from './owner-plan.ts'

export interface OwnerTarget {
  readonly owner: Owner
  /** In inventory order. */
  readonly nodes: readonly string[]
  /** Group whose nodes carry the services; '' when the members do. */
  readonly provider: string
}

export interface Targets {
  /** In inventory order. */
  readonly owners: readonly OwnerTarget[]
  readonly warnings: readonly Problem[]
}

/**
 * The owners and nodes that a command means.
 *
 * @param pattern - cluster, inventory group, provider group, host, glob, or an Ansible pattern of these
 * @param nodes - hosts to limit the targets to; empty for all
 * @param kind - `cluster` for services of clusters, `node` for haproxy_services
 * @throws AppError `TARGET_UNKNOWN`, `NODE_UNKNOWN` or `NODE_NOT_SERVING`, with the right names in the hint
 */
export function resolveTargets(
  loaded: LoadedInventory,
  pattern: string,
  nodes: readonly string[],
  kind: 'cluster' | 'node',
): Targets {
  throw new Error(`not there yet: ${loaded.digest} ${pattern} ${nodes.length} ${kind}`)
}
