/** Clusters that are carried nowhere. */
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import type { Places } from './places.ts'

/** A provider group without hosts. A name that is no group is the plan's to say. */
export function providerWarnings(loaded: LoadedInventory, plan: OwnerPlan, places: Places): Problem[] {
  if (plan.nodes.length > 0) return []
  for (const view of places.renderers(plan.owner)) {
    const name = pyText(view.get('pg_service_provider') ?? null)
    const group = name === '' ? undefined : loaded.inventory.groups.get(name)
    if (group === undefined || group.hosts.length > 0) continue
    return [
      {
        owner: plan.owner,
        severity: 'warning',
        code: 'PROVIDER_EMPTY',
        message: `pg_service_provider ${name} is a group without hosts; nobody carries the services of ${plan.owner}`,
        at: locate(view.spot('pg_service_provider')),
        hint: `put the proxies into ${name}, or leave pg_service_provider empty for the members`,
      },
    ]
  }
  return []
}
