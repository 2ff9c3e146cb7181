/** Which old workers are to be ended because there are too many, or they are too old. Pure. */
export interface AgedWorker {
  readonly pid: number
  /** Seconds since a newer worker took over. */
  readonly oldForS: number
}

export interface OldWorkerLimits {
  /** 0 for no limit. */
  readonly maxCount: number
  /** Seconds; 0 for no limit. */
  readonly maxAgeS: number
}

/** @param workers - the oldest first */
export function overLimit<T extends AgedWorker>(
  workers: readonly T[],
  { maxCount, maxAgeS }: OldWorkerLimits,
): readonly T[] {
  const tooMany = maxCount === 0 ? 0 : Math.max(0, workers.length - maxCount)
  return workers.filter(({ oldForS }, index) => index < tooMany || (maxAgeS > 0 && oldForS >= maxAgeS))
}
