/** Hosts that look like members of a cluster and are in none: their servers are missing in silence. */
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { variableOf } from '../inventory/inventory.ts'
import { indexOf } from '../plan/index-of.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { locate } from '../values/spot.ts'

const marks = ['pg_seq', 'pg_role']

/** @param plans - a stray is told of a cluster whose group it shares; of nobody's when all clusters are planned */
export function strayWarnings(loaded: LoadedInventory, plans: readonly OwnerPlan[]): Problem[] {
  const index = indexOf(loaded)
  const broken = new Set(index.broken.map(({ host }) => host))
  const strays = [...loaded.inventory.hosts.values()].filter(
    (host) =>
      !index.clusterOf.has(host.name) && !broken.has(host.name) && marks.some((mark) => has(host, mark)),
  )
  if (strays.length === 0) return []
  const groups = ownersByGroup(loaded, plans)
  const planned = new Set(plans.map(({ owner }) => owner))
  const isWhole = [...index.clusters.keys()].every((name) => planned.has(name))
  return strays.flatMap((host) => {
    const owner = host.groupNames.map((group) => groups.get(group)).find((found) => found !== undefined)
    return owner === undefined && !isWhole ? [] : [problemOf(host, owner ?? '')]
  })
}

function has(host: Host, name: string): boolean {
  const value = variableOf(host, name)?.value
  return value !== undefined && value !== null
}

function ownersByGroup(loaded: LoadedInventory, plans: readonly OwnerPlan[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { owner, members } of plans) {
    for (const { address } of members) {
      for (const group of loaded.inventory.hosts.get(address)?.groupNames ?? []) owners.set(group, owner)
    }
  }
  return owners
}

function problemOf(host: Host, owner: string): Problem {
  const cluster = variableOf(host, 'pg_cluster')
  const mark = marks.find((name) => has(host, name)) ?? ''
  return {
    owner,
    severity: 'warning',
    code: 'MEMBER_WITHOUT_CLUSTER',
    message: `host ${host.name} has ${mark}, but ${cluster === undefined ? 'no pg_cluster' : 'its pg_cluster is empty'}`,
    at: locate(cluster?.spot ?? host.spot),
    hint: `give it a pg_cluster, or take ${mark} away`,
  }
}
