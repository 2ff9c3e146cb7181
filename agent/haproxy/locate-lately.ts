/** Where HAProxy is, for those who ask again and again: it does not move often, and one that does not run is looked for in all of /proc. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Located } from './locate.ts'

const everyMs = 5_000

/** @returns as `locate`, at most `everyMs` old */
export function locateLately(
  clock: Pick<Clock, 'monotonic'>,
  locate: () => Promise<Located>,
): () => Promise<Located> {
  let known: { readonly atMs: number; readonly located: Located } | undefined
  return async () => {
    if (known === undefined || clock.monotonic() - known.atMs >= everyMs) {
      known = { located: await locate(), atMs: clock.monotonic() }
    }
    return known.located
  }
}
