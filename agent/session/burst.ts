/**
 * Applies that wait for each other, so that a hundred clusters published to one node are few reloads.
 *
 * The first is due at once. What comes while HAProxy has just reloaded waits until no more comes, or for the
 * longest time; then only the newest is applied, since a snapshot holds everything that came before it, and
 * all are answered. Pure but for the clock that is passed in.
 */
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { PreparedSet } from '../apply/outcome.ts'
import type { Send } from './messages.ts'

/** One apply that the controller asked for. */
export interface WaitingApply {
  readonly nonce: string
  readonly to: Send
  readonly snapshot: Snapshot
  /** Contents that came along; none with a prepared set. */
  readonly blobs: Blobs
  /** Staged and validated already. */
  readonly set: PreparedSet | undefined
}

export interface BurstOptions {
  /** An apply this soon after a reload belongs to a burst, milliseconds. */
  readonly afterReloadMs: number
  /** A burst is over when nothing came for this long, milliseconds. */
  readonly quietMs: number
  /** The longest that an apply waits for others, milliseconds. */
  readonly maxWaitMs: number
}

/** A controller answers within milliseconds; checks of a large set take tenths of a second. */
export const usualBurst: BurstOptions = { afterReloadMs: 1_000, quietMs: 400, maxWaitMs: 10_000 }

export interface Burst {
  add(apply: WaitingApply): void
  /** Something came that may be followed by another apply. */
  stir(): void
  /** Milliseconds until what waits is due, 0 or less when it is; undefined when nothing waits. */
  dueInMs(): number | undefined
  /** All that wait, the newest last; none waits any more. */
  take(): readonly WaitingApply[]
  /** HAProxy has just reloaded. */
  reloaded(): void
}

/**
 * What came of one run: `at-fault` when it failed by something that was asked for, so that less of it may go; `failed`
 * when the node itself could not, whatever it is asked for.
 */
export type Verdict = 'applied' | 'at-fault' | 'failed'

/**
 * Runs the newest of applies that wait, since each holds all before it. When something that was asked for is at
 * fault, the last one that can be applied is found by halving: what came before the one at fault must not suffer.
 *
 * @param run - applies the one of that index
 * @returns what came of each
 */
export async function runNewest<R>(
  count: number,
  run: (index: number) => Promise<R>,
  judge: (ran: R) => Verdict,
): Promise<readonly R[]> {
  const newest = await run(count - 1)
  const answers = Array.from({ length: count }, () => newest)
  if (judge(newest) !== 'at-fault') return answers
  let goodUntil = -1
  let badFrom = count - 1
  while (badFrom - goodUntil > 1) {
    const middle = Math.floor((goodUntil + badFrom) / 2)
    const ran = await run(middle)
    const verdict = judge(ran)
    if (verdict === 'failed') return answers.fill(ran, goodUntil + 1, badFrom)
    if (verdict === 'applied') {
      answers.fill(ran, 0, middle + 1)
      goodUntil = middle
    } else {
      answers.fill(ran, middle, badFrom)
      badFrom = middle
    }
  }
  return answers
}

export function createBurst(clock: Pick<Clock, 'monotonic'>, options: BurstOptions): Burst {
  let waiting: readonly WaitingApply[] = []
  let reloadedMs = Number.NEGATIVE_INFINITY
  let firstMs = 0
  let stirredMs = 0
  /** The first of those that wait is no part of a burst. */
  let isDue = false
  return {
    add(apply) {
      const nowMs = clock.monotonic()
      if (waiting.length === 0) {
        firstMs = nowMs
        isDue = nowMs - reloadedMs >= options.afterReloadMs
      }
      stirredMs = nowMs
      // The newest is the one with the highest version, whichever came last.
      waiting = [...waiting, apply].sort((a, b) => a.snapshot.version - b.snapshot.version)
    },
    stir() {
      stirredMs = clock.monotonic()
    },
    dueInMs() {
      if (waiting.length === 0) return undefined
      if (isDue) return 0
      return Math.min(firstMs + options.maxWaitMs, stirredMs + options.quietMs) - clock.monotonic()
    },
    take() {
      const taken = waiting
      waiting = []
      isDue = false
      return taken
    },
    reloaded() {
      reloadedMs = clock.monotonic()
    },
  }
}
