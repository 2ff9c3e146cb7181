/**
 * From what an operator names to the owners and nodes that are meant. Nothing is rendered for it, so that
 * the targets of a broken cluster resolve too.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { asAppError } from '../model/fault.ts'
import { type Matched, matchPattern } from './host-pattern.ts'
import { ownDefinitions } from './node-plan.ts'
import type { Problem } from './owner-plan.ts'
import { type Serving, servingOf } from './serving.ts'

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
 * Limits work on every owner that the pattern means: a limit is a node of it, or a member of it when it is
 * delegated (then all its nodes are meant). Every limit must fit at least one owner, or nothing is returned.
 *
 * @param pattern - cluster, inventory group, provider group, host, glob, or an Ansible pattern of these
 * @param nodes - hosts to limit the targets to; empty for all
 * @param kind - `cluster` for services of clusters, `node` for haproxy_services
 * @param carriers - hosts that have haproxy_services published now: a group means them too when their list is gone
 * @throws AppError `TARGET_UNKNOWN`, `NODE_UNKNOWN` or `NODE_NOT_SERVING`, with the right names in the hint
 */
export function resolveTargets(
  loaded: LoadedInventory,
  pattern: string,
  nodes: readonly string[],
  kind: 'cluster' | 'node',
  carriers: ReadonlySet<string> = new Set(),
): Targets {
  const targets = kind === 'node' ? nodeTargets(loaded, pattern, carriers) : clusterTargets(loaded, pattern)
  const limited = nodes.length === 0 ? targets : limit(loaded, pattern, targets, nodes)
  return {
    owners: limited.map(({ owner, nodes: meant, provider }) => ({ owner, nodes: meant, provider })),
    warnings: emptyWarnings(pattern, limited, kind === 'node' ? 'haproxy_services' : 'services'),
  }
}

interface Candidate extends OwnerTarget {
  /** Hosts that stand for the owner as a whole: the members of a delegated cluster. */
  readonly members: readonly string[]
}

function emptyWarnings(pattern: string, owners: readonly Candidate[], what: string): Problem[] {
  if (owners.length === 0) {
    return [
      {
        owner: '',
        severity: 'warning',
        code: 'TARGET_EMPTY',
        message: `${pattern} has no ${what} to publish`,
      },
    ]
  }
  return owners
    .filter(({ nodes }) => nodes.length === 0)
    .map(({ owner, provider }) => ({
      owner,
      severity: 'warning',
      code: 'TARGET_WITHOUT_NODES',
      message:
        provider === ''
          ? `${owner} has no nodes`
          : `${owner} is delegated to ${provider}, which carries it nowhere`,
      hint: provider === '' ? undefined : 'the provider group needs hosts, and the cluster a primary',
    }))
}

function nodeTargets(loaded: LoadedInventory, pattern: string, carriers: ReadonlySet<string>): Candidate[] {
  const { hosts } = matchPattern(loaded.inventory, new Map(), pattern)
  const named = loaded.inventory.hosts.has(pattern)
  return (
    inOrder(loaded, hosts)
      // A host named by itself is meant even when its list is empty: that is how its last service is taken away.
      .filter((host) => named || carriers.has(host.name) || hasList(loaded, host))
      .map((host) => ({ owner: nodeOwner(host.name), nodes: [host.name], provider: '', members: [] }))
  )
}

function hasList(loaded: LoadedInventory, host: Host): boolean {
  try {
    return (
      ownDefinitions(loaded, host).length > 0 || host.layers.some(({ vars }) => vars.has('haproxy_services'))
    )
  } catch (error) {
    asAppError(error)
    return true
  }
}

/**
 * A cluster or several, by their members; a provider group means all clusters delegated to it, and one of its
 * nodes all of them on this node. As with Ansible, a host in a cluster means that host alone, except that a
 * delegated cluster has no services there.
 */
function clusterTargets(loaded: LoadedInventory, pattern: string): Candidate[] {
  const serving = servingOf(loaded)
  const members = new Map([...serving.values()].map((cluster) => [cluster.name, cluster.members]))
  const matched = matchPattern(loaded.inventory, members, pattern)
  return [...serving.values()].flatMap((cluster) => {
    const nodes = meantNodes(cluster, matched)
    if (nodes === undefined) return []
    return [{ owner: cluster.name, provider: cluster.provider, nodes, members: delegatedMembers(cluster) }]
  })
}

function delegatedMembers(cluster: Serving): readonly string[] {
  return cluster.provider === '' ? [] : cluster.members
}

/** Undefined when the pattern does not mean this cluster. */
function meantNodes(cluster: Serving, matched: Matched): readonly string[] | undefined {
  const isDelegated = cluster.provider !== ''
  const isMember = cluster.members.some((member) => matched.hosts.has(member))
  if (matched.names.has(cluster.name) || (isDelegated && isMember)) return cluster.nodes
  // A node of a provider means the clusters that it carries; a member of a cluster only that cluster.
  const reach = isDelegated ? matched.direct : matched.hosts
  const nodes = cluster.nodes.filter((node) => reach.has(node))
  return nodes.length > 0 || isMember ? nodes : undefined
}

function limit(
  loaded: LoadedInventory,
  pattern: string,
  targets: readonly Candidate[],
  limits: readonly string[],
): Candidate[] {
  for (const name of limits) checkLimit(loaded, pattern, targets, name)
  const wanted = new Set(limits)
  return targets.flatMap((target) => {
    const whole = target.members.some((member) => wanted.has(member))
    const nodes = target.nodes.filter((node) => wanted.has(node))
    // One of its own nodes says more than one of its members that happens to be a node elsewhere.
    if (nodes.length > 0) return [{ ...target, nodes }]
    return whole ? [target] : []
  })
}

function checkLimit(
  loaded: LoadedInventory,
  pattern: string,
  targets: readonly Candidate[],
  name: string,
): void {
  const serves = targets.some(({ nodes, members }) => nodes.includes(name) || members.includes(name))
  if (serves) return
  const right = [...new Set(targets.flatMap(({ nodes }) => nodes))]
  const hint =
    right.length === 0 ? `${pattern} is served by no node` : `${pattern} is served by ${listed(right)}`
  if (loaded.inventory.hosts.has(name)) {
    throw new AppError('NODE_NOT_SERVING', `${name} serves nothing of ${pattern}`, { hint })
  }
  throw new AppError('NODE_UNKNOWN', `${name} is not in the inventory`, { hint })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20)
  const more = names.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`
}

function inOrder(loaded: LoadedInventory, names: ReadonlySet<string>): Host[] {
  return [...loaded.inventory.hosts.values()].filter((host) => names.has(host.name))
}
