/**
 * When what the node could not take is tried again. Pure.
 *
 * Soon after something changed that may let it be taken; else slower and slower, for what nobody can see from here (a
 * name server). A try that came as far as a reload which failed is not repeated until something has changed: each
 * one costs clients.
 */

/** What was tried since the controller asked for it. */
export interface Trials {
  /** Since circumstances changed; those whose reload failed, since ever. */
  readonly count: number
  /** Milliseconds of a monotonic clock. */
  readonly lastMs: number
  /** Digest of what it depended on the last time. */
  readonly circumstances: string
  /** It was as far as to be put in place, and was taken back. */
  readonly hasFailed: boolean
}

/** A check costs some tenths of a second of processor. */
const soonestMs = 10_000
const firstPauseMs = 30_000
const slowestMs = 10 * 60_000

/** @returns milliseconds of the clock of `trials`; Infinity for not before something changes */
export function dueAtMs({ count, lastMs, circumstances, hasFailed }: Trials, now: string): number {
  if (now !== circumstances) return lastMs + (hasFailed ? pauseMs(count) : soonestMs)
  return hasFailed ? Number.POSITIVE_INFINITY : lastMs + pauseMs(count)
}

/** After a try that gained nothing. */
export function withTrial(before: Trials, after: Omit<Trials, 'count'>): Trials {
  const isFresh = after.circumstances !== before.circumstances && !after.hasFailed
  return { ...after, count: isFresh ? 1 : before.count + 1 }
}

function pauseMs(count: number): number {
  return Math.min(slowestMs, firstPauseMs * 2 ** count)
}
