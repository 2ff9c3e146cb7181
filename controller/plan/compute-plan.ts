/**
 * From a loaded inventory to the plan: for every owner, node and possible leader, the files.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { GuardRules } from '../../shared/haproxy/guard-rules.ts'
import { nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { asAppError } from '../model/fault.ts'
import { BlobStore } from './blob-store.ts'
import { findClashes } from './clash.ts'
import { planCluster } from './cluster-plan.ts'
import { findGuarded } from './guarded.ts'
import { indexOf } from './index-of.ts'
import { ownDefinitions, planNode } from './node-plan.ts'
import type { OwnerPlan, OwnerResult, Plan, Problem } from './owner-plan.ts'
import { ProblemList } from './problem-list.ts'

export interface PlanOptions {
  /** Exactly what Pigsty's own templates write, its faults included. */
  readonly strict: boolean
  /** What the agents are said to take beyond the usual. */
  readonly guard?: GuardRules | undefined
  /** Only these owners; all when absent. */
  readonly owners?: ReadonlySet<Owner> | undefined
  /** Also the nodes' own haproxy_services. */
  readonly node: boolean
  /** In strict mode: the faults of this leader's variant count too. Otherwise those of every variant do. */
  readonly leader?: string | undefined
  /** Also what could be planned of refused clusters, so that lint can say more of them. */
  readonly drafts?: boolean
  /** Where contents go; a store of its own when absent. */
  readonly blobs?: BlobStore
}

/**
 * Computes the plan. An owner with an error is left out and its problems are listed; in strict mode a cluster
 * keeps the files that Pigsty would have written beside the one that failed.
 *
 * Clusters come in the order of their first hosts, then nodes in inventory order. A node's own services are
 * planned when it has some, or when it is asked for by name.
 */
export function computePlan(loaded: LoadedInventory, options: PlanOptions): Plan {
  const checked = options.strict ? 'mirrored' : 'checked'
  const blobs = options.blobs ?? new BlobStore()
  const index = indexOf(loaded)
  const results: OwnerResult[] = [
    ...[...index.clusters.values()]
      .filter((cluster) => options.owners?.has(cluster.name) ?? true)
      .map(
        (cluster) =>
          refusedByNeighbour(loaded, cluster, options) ??
          planCluster(loaded, cluster, { checked, leader: options.leader }, blobs),
      ),
    ...nodesToPlan(loaded, options).map((host) => planNode(loaded, host, checked, blobs)),
  ]
  const planned = results.flatMap(({ plan }) => (plan === undefined ? [] : [plan]))
  const refusedDrafts = options.drafts ? results.flatMap(draftOf) : []
  const late = options.strict
    ? []
    : besideEachOther(loaded, [...planned, ...refusedDrafts], blobs, options.guard)
  const refused = new Set(late.filter(({ severity }) => severity === 'error').map(({ owner }) => owner))
  const owners = planned.filter((plan) => !refused.has(plan.owner))
  const drafts = [...planned.filter((plan) => refused.has(plan.owner)), ...refusedDrafts]
  return {
    owners,
    ...(options.drafts && { drafts }),
    problems: [...brokenHosts(loaded, options), ...results.flatMap(({ problems }) => problems), ...late],
    blobs: blobs.only(filesOf(options.drafts ? [...owners, ...drafts] : owners)),
  }
}

function draftOf({ plan, draft }: OwnerResult): OwnerPlan[] {
  return plan === undefined && draft !== undefined ? [draft] : []
}

/** What is wrong only because of what else is on a node, or of what its agent takes. */
function besideEachOther(
  loaded: LoadedInventory,
  planned: readonly OwnerPlan[],
  blobs: BlobStore,
  guard: GuardRules | undefined,
): Problem[] {
  return [...findClashes(loaded, planned), ...findGuarded(loaded, planned, blobs.contents, guard)]
}

function nodesToPlan(loaded: LoadedInventory, options: PlanOptions): Host[] {
  if (!options.node) return []
  return [...loaded.inventory.hosts.values()].filter((host) =>
    options.owners === undefined ? hasOwnServices(loaded, host) : options.owners.has(nodeOwner(host.name)),
  )
}

/** A definition that cannot be evaluated counts: planning it says what is wrong. */
function hasOwnServices(loaded: LoadedInventory, host: Host): boolean {
  try {
    return ownDefinitions(loaded, host).length > 0
  } catch (error) {
    asAppError(error)
    return true
  }
}

/** A host whose pg_cluster cannot be read may be a member of any cluster, so it is an error when all are planned. */
function brokenHosts(loaded: LoadedInventory, options: PlanOptions): Problem[] {
  if (options.owners !== undefined) return []
  return indexOf(loaded).broken.map(({ host, error }) => ({
    owner: nodeOwner(host),
    severity: options.strict ? 'warning' : 'error',
    code: error.code,
    message: error.message,
    at: error.at,
    hint: error.hint,
  }))
}

/**
 * A cluster is refused when a host beside its members, in one of their groups, may be a member too and nobody can
 * tell: its server would be missing in silence.
 */
function refusedByNeighbour(
  loaded: LoadedInventory,
  cluster: Cluster,
  options: PlanOptions,
): OwnerResult | undefined {
  if (options.strict) return undefined
  const groups = new Set(cluster.hosts.flatMap((host) => host.groupNames))
  const problems = new ProblemList(cluster.name)
  for (const { host, error } of indexOf(loaded).broken) {
    const shared = loaded.inventory.hosts.get(host)?.groupNames.find((group) => groups.has(group))
    if (shared === undefined) continue
    const message = `whether ${host} of group ${shared} is a member cannot be told: ${error.message}`
    problems.add(new AppError(error.code, message, { at: error.at, hint: error.hint }))
  }
  return problems.hasErrors ? { plan: undefined, problems: problems.all } : undefined
}

function filesOf(owners: readonly OwnerPlan[]) {
  return owners.flatMap((owner) =>
    owner.nodes.flatMap((node) => node.variants.flatMap((variant) => variant.files)),
  )
}
