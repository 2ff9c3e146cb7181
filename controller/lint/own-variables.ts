/** Variables that are named like ours and that nobody reads. */
import { nearHint } from '../explain/near-names.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { followVariable } from '../model/follow.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { locate } from '../values/spot.ts'

const prefix = 'pgsvc_'
const known = [followVariable]

export function ownVariableWarnings(loaded: LoadedInventory, plan: OwnerPlan): Problem[] {
  const hosts = plan.members.flatMap(({ address }) => loaded.inventory.hosts.get(address) ?? [])
  return hosts.flatMap(({ layers }) =>
    layers.flatMap(({ vars }) =>
      [...vars.keys()]
        .map(String)
        .filter((name) => name.startsWith(prefix) && !known.includes(name))
        .map((name) => ({
          owner: plan.owner,
          severity: 'warning' as const,
          code: 'PGSVC_VARIABLE_UNKNOWN',
          message: `${name} is no variable that pgsvc reads`,
          at: locate(vars.spots.get(name)),
          hint: nearHint(name, known, 'variables'),
        })),
    ),
  )
}
