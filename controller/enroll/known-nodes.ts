/** Nodes of the inventory and the ways in to them. */
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { matchPattern } from '../plan/host-pattern.ts'
import { indexOf } from '../plan/index-of.ts'
import { resolveTargets } from '../plan/targets.ts'
import { type AccessFlags, type NodeAccess, nodeAccess } from '../ssh/node-access.ts'

/** A host's variables as Ansible has them for its own connection. */
export function viewOf({ inventory, defaults }: LoadedInventory, host: Host): HostView {
  return new HostView(inventory, host, { defaults, keepUndefined: false })
}

/**
 * The hosts that an operator means.
 *
 * @param patterns - clusters, groups, hosts, globs; all of them together
 * @returns in inventory order, each once
 * @throws AppError `TARGET_UNKNOWN`
 */
export function hostsMeant(loaded: LoadedInventory, patterns: readonly string[]): readonly Host[] {
  const members = new Map(
    [...indexOf(loaded).clusters].map(([name, { hosts }]) => [name, hosts.map((host) => host.name)]),
  )
  const meant = new Set(
    patterns.flatMap((pattern) => [...matchPattern(loaded.inventory, members, pattern).hosts]),
  )
  return [...loaded.inventory.hosts.values()].filter(({ name }) => meant.has(name))
}

/**
 * Clusters that were named and whose services others carry, who are not meant: agents on the members alone would publish
 * nothing.
 *
 * @returns one sentence each
 */
export function providersLeftOut(
  loaded: LoadedInventory,
  patterns: readonly string[],
  meant: readonly Host[],
): readonly string[] {
  const names = new Set(meant.map(({ name }) => name))
  const { clusters } = indexOf(loaded)
  return patterns
    .filter((pattern) => clusters.has(pattern))
    .flatMap((cluster) => resolveTargets(loaded, cluster, [], 'cluster').owners)
    .filter(({ provider }) => provider !== '')
    .flatMap(({ owner, provider, nodes }) => {
      const left = nodes.filter((node) => !names.has(node))
      const text = `the services of ${owner} are on ${left.join(' ')}, which are not meant: "pgsvc enroll ${provider}"`
      return left.length === 0 ? [] : [text]
    })
}

/** @throws AppError when the node is not in the inventory, and those of `nodeAccess` */
export function accessTo(loaded: LoadedInventory, host: Host, flags: AccessFlags): NodeAccess {
  return nodeAccess(viewOf(loaded, host), flags)
}
