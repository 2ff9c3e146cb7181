/** Two services of one name in one list: they share a file, and the later one is what is left in it. */
import { type LoadedInventory, variableOf } from '../inventory/inventory.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList, type Value } from '../values/value.ts'

const lists = ['pg_default_services', 'pg_services', 'pg_services_extra']

export function twiceWarnings(loaded: LoadedInventory, plans: readonly OwnerPlan[]): Problem[] {
  const seen = new Set<Value>()
  return plans.flatMap(({ owner, members }) =>
    members
      .flatMap(({ address }) => lists.map((name) => listOf(loaded, address, name)))
      .filter((list) => list !== undefined)
      .filter((list) => !seen.has(list) && seen.add(list))
      .flatMap((list) => namedTwice(owner, list)),
  )
}

function listOf(loaded: LoadedInventory, name: string, list: string): readonly Value[] | undefined {
  const host = loaded.inventory.hosts.get(name)
  const value = host === undefined ? undefined : variableOf(host, list)?.value
  return isList(value) ? value : undefined
}

function namedTwice(owner: string, list: readonly Value[]): Problem[] {
  const last = new Map<string, Dict>()
  return list.flatMap((item): Problem[] => {
    if (!(item instanceof Dict)) return []
    const name = pyText(item.get('name') ?? null)
    const earlier = last.get(name)
    last.set(name, item)
    if (name === '' || earlier === undefined) return []
    const later = locate(item.spots.get('name') ?? item.spot)
    return [
      {
        owner,
        severity: 'warning',
        code: 'SERVICE_TWICE',
        message: `service ${name} stands twice in one list; the one in line ${later?.line ?? '?'} counts`,
        at: locate(earlier.spots.get('name') ?? earlier.spot),
        hint: 'take the earlier one out, or give it another name',
      },
    ]
  })
}
