/** Sleeping until it is time, or until there is a reason to wake up. */
import type { Clock } from './clock.ts'

export interface Nap {
  /** Resolves after `ms`, when `wake` is called, or as soon as `signal` aborts. One at a time. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Ends the sleep under way; nothing is remembered when nobody sleeps. */
  wake(): void
}

export function createNap(clock: Pick<Clock, 'sleep'>): Nap {
  let wake: () => void = () => undefined
  return {
    async sleep(ms, signal) {
      const awake = new AbortController()
      wake = () => awake.abort()
      await clock.sleep(ms, signal ? AbortSignal.any([awake.signal, signal]) : awake.signal)
    },
    wake: () => wake(),
  }
}
