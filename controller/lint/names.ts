/**
 * Clusters whose name begins another one's. Ansible's refresh of `pg-test` first deletes `pg-test-*.cfg`, and
 * with that the files of `pg-test-2`; and services of both can come to one name.
 */
import { nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { asAppError } from '../model/fault.ts'
import { ownDefinitions } from '../plan/node-plan.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { servingOf } from '../plan/serving.ts'
import { pyText } from '../values/py-text.ts'
import type { Places } from './places.ts'

interface Pair {
  /** `pg-test` */
  readonly short: Owner
  /** `pg-test-2` */
  readonly long: Owner
}

/** @param plans - of the owners that are looked at; their neighbours are looked up */
export function nameWarnings(
  loaded: LoadedInventory,
  plans: readonly OwnerPlan[],
  places: Places,
): Problem[] {
  const owners = new Set(plans.map(({ owner }) => owner))
  const pairs = pairsOf(loaded).filter(({ short, long }) => owners.has(short) || owners.has(long))
  return [
    ...pairs.flatMap((pair) =>
      pairWarnings(loaded, pair, owners.has(pair.short) ? pair.short : pair.long, places),
    ),
    ...plans.flatMap((plan) => (plan.members.length === 0 ? [] : ownServiceWarnings(loaded, plan, places))),
  ]
}

const known = new WeakMap<LoadedInventory, readonly Pair[]>()

function pairsOf(loaded: LoadedInventory): readonly Pair[] {
  const cached = known.get(loaded)
  if (cached !== undefined) return cached
  const names = servingOf(loaded)
  const pairs = [...names.keys()].flatMap((long) =>
    [...long.matchAll(/-/g)]
      .map(({ index }) => long.slice(0, index))
      .filter((short) => names.has(short))
      .map((short) => ({ short, long })),
  )
  known.set(loaded, pairs)
  return pairs
}

function pairWarnings(
  loaded: LoadedInventory,
  { short, long }: Pair,
  owner: Owner,
  places: Places,
): Problem[] {
  const serving = servingOf(loaded)
  const nodes = new Set(serving.get(long)?.nodes)
  const shared = (serving.get(short)?.nodes ?? []).filter((node) => nodes.has(node))
  const files = [...places.definitions(long).keys()]
  const at = places.ofCluster(owner)
  const warn = (code: string, message: string, hint: string): Problem[] => [
    { owner, severity: 'warning', code, message, at, hint },
  ]
  if (shared.length > 0) {
    return warn(
      'WIPE_NEIGHBOUR',
      `Ansible's refresh of ${short} deletes ${short}-*.cfg, on ${namesOf(shared)} also ${namesOf(files)} of ${long}`,
      'publish both with pgsql-svc only, carry them on different nodes, or rename one of them',
    )
  }
  const twice = files.filter((name) => places.definitions(short).has(name))
  return twice.length > 0
    ? warn(
        'SAME_SERVICE_NAME',
        `${namesOf(twice)} is a service of both ${short} and ${long}, on different nodes`,
        'rename one of them before they meet on one node',
      )
    : warn(
        'NAME_PREFIX',
        `the name of ${long} begins with ${short}-: its files look like those of ${short}`,
        'keep them on different nodes, or choose names of which none begins another',
      )
}

/** A node's own services whose files a cluster's refresh takes along. */
function ownServiceWarnings(loaded: LoadedInventory, plan: OwnerPlan, places: Places): Problem[] {
  return plan.nodes.flatMap(({ node }) => {
    const files = ownNames(loaded, node).filter((name) => name.startsWith(`${plan.owner}-`))
    return files.map((name) => ({
      owner: plan.owner,
      severity: 'warning' as const,
      code: 'WIPE_NODE_SERVICE',
      message: `Ansible's refresh of ${plan.owner} deletes ${name}.cfg too, which is a haproxy_services of ${node}`,
      at: places.of(nodeOwner(node), name, 'name'),
      hint: `give the service a name that does not begin with ${plan.owner}-`,
    }))
  })
}

function ownNames(loaded: LoadedInventory, node: string): string[] {
  const host = loaded.inventory.hosts.get(node)
  if (host === undefined) return []
  try {
    return ownDefinitions(loaded, host).map(({ dict }) => pyText(dict.get('name') ?? null))
  } catch (error) {
    asAppError(error)
    return []
  }
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
