/** Lets the same thing be said again only after a while. Pure but for the clock that is passed in. */
import type { Clock } from '../../shared/ports/clock.ts'

export interface Restraint {
  /** True when it is something else than the last time, or long enough ago. */
  allows(what: string): boolean
}

/** @param everyMs - how often the same may be said */
export function createRestraint(clock: Pick<Clock, 'monotonic'>, everyMs: number): Restraint {
  let last = ''
  let lastMs = Number.NEGATIVE_INFINITY
  return {
    allows(what) {
      const nowMs = clock.monotonic()
      if (what === last && nowMs - lastMs < everyMs) return false
      last = what
      lastMs = nowMs
      return true
    },
  }
}

export interface Allowance {
  /** True as long as there is something left. */
  take(): boolean
}

/** @param most - at once; one more comes back every `everyMs` */
export function createAllowance(clock: Pick<Clock, 'monotonic'>, most: number, everyMs: number): Allowance {
  let left = most
  let countedMs = clock.monotonic()
  return {
    take() {
      const nowMs = clock.monotonic()
      left = Math.min(most, left + (nowMs - countedMs) / everyMs)
      countedMs = nowMs
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
