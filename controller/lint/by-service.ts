/** Warnings about services, of which several may have one cause and one place. */
import type { Problem } from '../plan/owner-plan.ts'

export interface ServiceProblem extends Problem {
  /** What the message is about; it comes in front of it. */
  readonly service: string
}

/** One problem for all services of an owner that show the same at the same place. */
export function joinServices(problems: readonly ServiceProblem[]): Problem[] {
  const joined = new Map<string, { problem: Problem; services: Set<string> }>()
  for (const { service, ...problem } of problems) {
    const key = JSON.stringify([problem.owner, problem.severity, problem.code, problem.message, problem.at])
    const known = joined.get(key)
    if (known === undefined) joined.set(key, { problem, services: new Set([service]) })
    else known.services.add(service)
  }
  return [...joined.values()].map(({ problem, services }) => ({
    ...problem,
    message: `${[...services].join(', ')}: ${problem.message}`,
  }))
}
