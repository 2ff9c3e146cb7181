/** A common rhythm for what is looked at again and again. */
import type { Clock } from './clock.ts'

/**
 * Loops that sleep until the beat wake up together: a wake-up costs a process at rest more than most looks do.
 *
 * @param everyMs - the rhythm; those of others are best multiples of it
 * @returns milliseconds until the next whole multiple of `everyMs`, or the one after when that is less than half away
 */
export function untilBeat(clock: Pick<Clock, 'monotonic'>, everyMs: number): number {
  const leftMs = everyMs - (clock.monotonic() % everyMs)
  return leftMs < everyMs / 2 ? leftMs + everyMs : leftMs
}
