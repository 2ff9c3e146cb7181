/** So many at once, and so many a second in the long run (a token bucket). */

export interface Allowance {
  /**
   * Takes one.
   *
   * @param nowMs - of a clock that never goes back
   * @returns false when there is none left
   */
  take(nowMs: number): boolean
}

export function createAllowance({
  atOnce,
  perSecond,
}: {
  readonly atOnce: number
  readonly perSecond: number
}): Allowance {
  let left = atOnce
  let lastMs: number | undefined
  return {
    take: (nowMs) => {
      left = Math.min(atOnce, left + ((nowMs - (lastMs ?? nowMs)) * perSecond) / 1000)
      lastMs = nowMs
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
