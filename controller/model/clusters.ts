/** Hosts grouped by cluster, once for the whole inventory. */
import type { AppError } from '../../shared/errors/app-error.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'
import { asAppError } from './fault.ts'

export interface Cluster {
  readonly name: string
  /** Every host of the inventory with this pg_cluster, in inventory order; never empty. */
  readonly hosts: readonly Host[]
}

export interface ClusterIndex {
  /** By name, in the order of their first hosts. */
  readonly clusters: ReadonlyMap<string, Cluster>
  /** Cluster of each host that has one. */
  readonly clusterOf: ReadonlyMap<string, string>
  /** Hosts whose pg_cluster cannot be evaluated. */
  readonly broken: readonly { readonly host: string; readonly error: AppError }[]
}

/** Groups do not matter and neither does a command's target: only the effective pg_cluster does. */
export function indexClusters(inventory: Inventory): ClusterIndex {
  const clusters = new Map<string, { name: string; hosts: Host[] }>()
  const clusterOf = new Map<string, string>()
  const broken: { host: string; error: AppError }[] = []
  for (const host of inventory.hosts.values()) {
    try {
      const value = new HostView(inventory, host, { keepUndefined: false }).get('pg_cluster')
      if (value === undefined || value === null) continue
      const name = pyText(value)
      const cluster = clusters.get(name) ?? { name, hosts: [] }
      clusters.set(name, cluster)
      cluster.hosts.push(host)
      clusterOf.set(host.name, name)
    } catch (error) {
      broken.push({ host: host.name, error: asAppError(error) })
    }
  }
  return { clusters, clusterOf, broken }
}
