/** Findings as they are shown: one for each line to mend, in the order of files and lines. */
import type { Location } from '../../shared/errors/app-error.ts'
import { hostOfNodeOwner } from '../../shared/model/snapshot.ts'
import type { Problem } from '../plan/owner-plan.ts'
import type { Finding } from './finding.ts'
import { reasonOf } from './why.ts'

export interface Raw {
  readonly problem: Problem
  readonly strict: boolean
}

/** @param fallback - the place of a problem that has none */
export function foldFindings(raw: readonly Raw[], fallback: (problem: Problem) => Location): Finding[] {
  const folded = new Map<string, Finding>()
  for (const { problem, strict } of withoutHalves(raw)) {
    const at = problem.at ?? fallback(problem)
    const key = JSON.stringify([strict, problem.severity, problem.code, at, shapeOf(problem)])
    const known = folded.get(key)
    const name = hostOfNodeOwner(problem.owner) ?? problem.owner
    if (known === undefined) {
      const { why, hint } = reasonOf(problem.code)
      folded.set(key, { ...problem, pair: undefined, at, why, hint: problem.hint ?? hint, strict, also: [] })
    } else if (name !== '' && problem.owner !== known.owner && !known.also.includes(name)) {
      folded.set(key, { ...known, also: [...known.also, name] })
    }
  }
  return [...folded.values()].sort(byPlace)
}

/** Of the two halves of a problem the one to mend: the one that somebody wrote. */
function withoutHalves(raw: readonly Raw[]): Raw[] {
  const chosen = new Map<string, Problem>()
  for (const { problem } of raw) {
    if (problem.pair === undefined) continue
    const known = chosen.get(problem.pair.key)
    if (known === undefined || (known.pair?.isDefault && !problem.pair.isDefault))
      chosen.set(problem.pair.key, problem)
  }
  return raw.filter(({ problem }) => problem.pair === undefined || chosen.get(problem.pair.key) === problem)
}

/** A message without the names that differ from owner to owner and host to host. */
function shapeOf({ owner, message }: Problem): string {
  const name = hostOfNodeOwner(owner) ?? owner
  const common = name === '' ? message : message.replaceAll(name, '*')
  return common.replaceAll(/\b\d+\.\d+\.\d+\.\d+\b/g, '*').replaceAll(/\bhost \S+/g, 'host *')
}

function byPlace(a: Finding, b: Finding): number {
  return (
    compare(a.at?.file ?? '', b.at?.file ?? '') ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
    compare(a.severity, b.severity) ||
    compare(a.code, b.code)
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
