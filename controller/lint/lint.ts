/**
 * Everything that is wrong with an inventory, or worth knowing of it.
 *
 * Errors are the plan's own, so that what lint says is what a publish refuses.
 */
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { computePlan, type PlanOptions } from '../plan/compute-plan.ts'
import type { Plan, Problem } from '../plan/owner-plan.ts'
import { locate } from '../values/spot.ts'
import type { Finding } from './finding.ts'
import { foldFindings } from './fold.ts'
import { Places } from './places.ts'
import { strictProblems } from './strict.ts'
import { lintWarnings } from './warnings.ts'

/**
 * @param owners - only these; all, and the nodes' own services, when absent
 * @param guard - what the agents are said to take; what every agent takes when absent
 * @returns by file and line, each line to mend once
 */
export function lint(
  loaded: LoadedInventory,
  owners?: ReadonlySet<Owner>,
  guard?: PlanOptions['guard'],
): Finding[] {
  const scope = { owners, node: owners === undefined, guard }
  const checked = computePlan(loaded, { ...scope, strict: false, drafts: true })
  const mirror = computePlan(loaded, { ...scope, strict: true })
  return findingsOf(loaded, checked, mirror)
}

/**
 * A plan whose problems include lint's warnings, for a publish: its errors are there already.
 *
 * What Pigsty would get wrong is left out: it is right in what is published.
 */
export function planWithWarnings(loaded: LoadedInventory, options: PlanOptions): Plan {
  const plan = computePlan(loaded, options)
  return { ...plan, problems: [...plan.problems, ...lintWarnings(loaded, plan)] }
}

/**
 * What the mirror's user should know: warnings, and as warnings the errors that a publish would refuse.
 *
 * @param mirror - a strict plan
 */
export function mirrorWarnings(loaded: LoadedInventory, mirror: Plan, options: PlanOptions): Finding[] {
  const checked = computePlan(loaded, { ...options, strict: false, drafts: true })
  const said = new Set(mirror.problems.map(({ code, at }) => JSON.stringify([code, at])))
  return findingsOf({ ...loaded, warnings: [] }, checked, mirror).filter(
    ({ code, at }) => !said.has(JSON.stringify([code, at])) && code !== 'STRICT_FAILS',
  )
}

/** @param mirror - the strict plan of the same owners */
export function findingsOf(loaded: LoadedInventory, checked: Plan, mirror: Plan): Finding[] {
  const places = new Places(loaded)
  const loadProblems = loaded.warnings.map(
    (warning): Problem => ({ ...warning, owner: '', severity: 'warning' }),
  )
  const plain = [...loadProblems, ...checked.problems, ...lintWarnings(loaded, checked)]
  const strict = strictProblems(checked, mirror, places)
  return foldFindings(
    [
      ...plain.map((problem) => ({ problem, strict: false })),
      ...strict.map((problem) => ({ problem, strict: true })),
    ],
    (problem) => placeOf(loaded, places, problem),
  )
}

/** Of a problem that has no place of its own: its cluster, its host, else the inventory. */
function placeOf(loaded: LoadedInventory, places: Places, { owner }: Problem) {
  const host = loaded.inventory.hosts.get(hostOfNodeOwner(owner) ?? '')
  const own = host === undefined ? places.ofCluster(owner) : locate(host.spot)
  return own ?? { file: loaded.inventory.file, line: 1, column: 1 }
}
