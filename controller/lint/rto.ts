/** A recovery objective that the plan does not have: Pigsty takes another one for it, in silence. */
import { nearHint } from '../explain/near-names.ts'
import { type LoadedInventory, variableOf } from '../inventory/inventory.ts'
import { releaseOf } from '../model/release.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict } from '../values/value.ts'
import type { Places } from './places.ts'

/** Before 4.0 pg_rto is a number of seconds, and no service depends on it. */
export function rtoWarnings(loaded: LoadedInventory, plan: OwnerPlan, places: Places): Problem[] {
  for (const view of places.renderers(plan.owner)) {
    if (variableOf(view.host, 'pg_rto') === undefined || releaseOf(view, loaded.defaults).major < 4) continue
    const modes = view.get('pg_rto_plan')
    const wanted = pyText(view.get('pg_rto') ?? null)
    if (!(modes instanceof Dict) || [...modes.keys()].some((mode) => pyText(mode) === wanted)) continue
    const old = /^\d+$/.test(wanted) ? '; seconds are a matter of releases before 4.0' : ''
    return [
      {
        owner: plan.owner,
        severity: 'warning',
        code: 'RTO_UNKNOWN',
        message: `pg_rto ${wanted || '(empty)'} is no mode of pg_rto_plan, so norm is used${old}`,
        at: locate(view.spot('pg_rto')),
        hint: nearHint(wanted, [...modes.keys()].map(pyText), 'modes'),
      },
    ]
  }
  return []
}
