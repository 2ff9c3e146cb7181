/**
 * Holds back hints that say again what was just said. Every node that suspects something reports it, and each report
 * would make all the others look once more.
 */
import type { LeaderHint } from '../../shared/model/leader.ts'

/** Identical hints about an owner pass at most this often. */
const intervalMs = 200
/** Different ones about an owner within that time: more is not how leaders change. */
const maxPerInterval = 5

export interface HintDamper {
  /** @param nowMs - of a clock that never goes back */
  passes(hint: Pick<LeaderHint, 'owner' | 'leader' | 'timeline'>, nowMs: number): boolean
}

export function createHintDamper(): HintDamper {
  const recent = new Map<string, Map<string, number>>()
  return {
    passes: ({ owner, leader, timeline }, nowMs) => {
      const said = [...(recent.get(owner) ?? [])].filter(([, atMs]) => nowMs - atMs < intervalMs)
      const key = [leader, timeline.system, timeline.timeline].join(' ')
      const passes = said.length < maxPerInterval && !said.some(([known]) => known === key)
      recent.set(owner, new Map(passes ? [...said, [key, nowMs]] : said))
      return passes
    },
  }
}
