/**
 * The one prepared set, held for as long as its lease says: a controller that dies between the two phases
 * leaves nothing behind.
 */
import type { Clock } from '../../shared/ports/clock.ts'

export interface Lease<T> {
  /** Something is held, expired or not. */
  isHeld(): boolean
  /** @returns the set that was held until now, for its owner to discard */
  hold(publishId: string, set: T, leaseMs: number): T | undefined
  /** The set of this publish, given out once; undefined when it is another's, or its lease has expired. */
  take(publishId: string): T | undefined
  /** Whatever is held, given out. */
  drop(): T | undefined
  /** What is held but has expired, given out. */
  sweep(): T | undefined
}

export function createLease<T>(clock: Clock): Lease<T> {
  let held: { publishId: string; set: T; until: number } | undefined
  const drop = () => {
    const set = held?.set
    held = undefined
    return set
  }
  const expired = () => held !== undefined && clock.monotonic() >= held.until
  return {
    isHeld: () => held !== undefined,
    hold(publishId, set, leaseMs) {
      const before = drop()
      held = { publishId, set, until: clock.monotonic() + leaseMs }
      return before
    },
    take: (publishId) => (held?.publishId === publishId && !expired() ? drop() : undefined),
    drop,
    sweep: () => (expired() ? drop() : undefined),
  }
}
