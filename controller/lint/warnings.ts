/** Everything that a plan's owners can be published with, and that their operator should know. */
import type { LoadedInventory } from '../inventory/inventory.ts'
import { asAppError } from '../model/fault.ts'
import type { OwnerPlan, Plan, Problem } from '../plan/owner-plan.ts'
import { addressWarnings } from './addresses.ts'
import { joinServices } from './by-service.ts'
import { checkWarnings, upstreamOf } from './checks.ts'
import { keyWarnings } from './keys.ts'
import { memberWarnings } from './members.ts'
import { nameWarnings } from './names.ts'
import { ownVariableWarnings } from './own-variables.ts'
import { Places } from './places.ts'
import { plannedServices, type Texts, textsOf } from './planned-service.ts'
import { providerWarnings } from './providers.ts'
import { rtoWarnings } from './rto.ts'
import { strayWarnings } from './strays.ts'
import { twiceWarnings } from './twice.ts'

/** The warnings of a plan's owners, beyond those that the plan itself has. */
export function lintWarnings(loaded: LoadedInventory, plan: Plan): Problem[] {
  const places = new Places(loaded)
  const texts = textsOf(plan.blobs)
  const owners = [...plan.owners, ...(plan.drafts ?? [])]
  return [
    ...owners.flatMap((owner) => ownerWarnings(loaded, owner, texts, places)),
    ...keyWarnings(loaded, owners),
    ...nameWarnings(loaded, owners, places),
    ...strayWarnings(loaded, owners),
    ...twiceWarnings(loaded, owners),
  ]
}

function ownerWarnings(loaded: LoadedInventory, plan: OwnerPlan, texts: Texts, places: Places): Problem[] {
  try {
    const upstream = upstreamOf(loaded, plan, places)
    return [
      ...joinServices(
        plannedServices(plan, texts).flatMap((service) => [
          ...memberWarnings(service, places),
          ...checkWarnings(service, places, upstream),
        ]),
      ),
      ...rtoWarnings(loaded, plan, places),
      ...ownVariableWarnings(loaded, plan),
      ...providerWarnings(loaded, plan, places),
      ...addressWarnings(loaded, plan, texts, places),
    ]
  } catch (error) {
    // A variable that only a warning needs and that cannot be evaluated is no reason to warn.
    asAppError(error)
    return []
  }
}
