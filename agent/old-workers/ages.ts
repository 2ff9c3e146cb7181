/** Since when workers are old. HAProxy tells only when each was started. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { ShowProc, WorkerProcess } from '../haproxy/show-proc.ts'
import type { AgedWorker } from './limits.ts'

export interface Ages {
  /**
   * A worker is old since the next one was started. That one may have ended meanwhile, so what was seen counts
   * as well: a restart of the agent can only make a worker look younger.
   */
  of(old: readonly WorkerProcess[], proc: ShowProc): readonly AgedWorker[]
}

export function createAges(clock: Clock): Ages {
  let firstSeenMs: ReadonlyMap<number, number> = new Map()
  return {
    of(old, { processes }) {
      const nowMs = clock.monotonic()
      firstSeenMs = new Map(old.map(({ pid }) => [pid, firstSeenMs.get(pid) ?? nowMs]))
      return old.map(({ pid, reloads }) => {
        const [next] = processes
          .filter((other) => other.reloads < reloads)
          .sort((a, b) => b.reloads - a.reloads)
        const seenForS = Math.floor((nowMs - (firstSeenMs.get(pid) ?? nowMs)) / 1_000)
        return { pid, oldForS: Math.max(seenForS, next?.uptimeS ?? 0) }
      })
    },
  }
}
