/** A clock for which time flies: what waits for minutes waits for moments. */
import { type Clock, systemClock } from '../../shared/ports/clock.ts'

export function hurriedClock(times: number): Clock {
  const real = systemClock()
  return {
    now: () => real.now(),
    monotonic: () => real.monotonic() * times,
    sleep: (ms, signal) => real.sleep(ms / times, signal),
  }
}
