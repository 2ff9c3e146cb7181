/**
 * What the members' answers to the services' own checks say about who leads. Pure.
 *
 * Nobody is believed who is not the only one: two that pass may both take writes for a moment, and which of them
 * goes on is Patroni's to decide.
 */
import type { Answer } from '../server-state/probe.ts'
import type { Routing } from './routing.ts'

/** By instance, one map for each of the routing's groups. */
export type GroupAnswers = readonly ReadonlyMap<string, Answer>[]

export type Verdict =
  | {
      readonly kind: 'one'
      readonly leader: string
      /** For each group, whether its own check says so. */
      readonly inGroup: readonly boolean[]
    }
  | { readonly kind: 'many'; readonly leaders: readonly string[] }
  | { readonly kind: 'none' }

export function verdictOf({ groups }: Pick<Routing, 'groups'>, answers: GroupAnswers): Verdict {
  const passing = groups.map((_group, index) => passingIn(answers[index]))
  const leaders = [...new Set(passing.flat())]
  const [leader] = leaders
  if (leader === undefined) return { kind: 'none' }
  if (leaders.length > 1) return { kind: 'many', leaders: leaders.sort() }
  return { kind: 'one', leader, inGroup: passing.map((group) => group.length > 0) }
}

function passingIn(answers: ReadonlyMap<string, Answer> = new Map()): readonly string[] {
  return [...answers].filter(([, answer]) => answer === 'passes').map(([instance]) => instance)
}
