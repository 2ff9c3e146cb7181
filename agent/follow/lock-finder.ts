/**
 * Who holds the leader's lock by the word of the members' Patronis, for when no service's check passes on anybody: the
 * primary's services of a standby cluster never have a server, and yet its files go by who leads.
 *
 * Nobody waits for it, since the services' own checks count more and may pass at any moment: it is asked in the
 * background, once a second. And a Patroni that has just taken the lock may answer those checks a little later, so
 * somebody new is believed when two answers in a row say so.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Looker } from './look.ts'
import type { LeaderGroup, Routing } from './routing.ts'
import { type Verdict, verdictOf } from './verdict.ts'

export interface LockFinder {
  /**
   * What is known, never older than some seconds.
   *
   * @param known - leader that the agent goes by: believed at the first answer
   */
  find(routing: Routing, known: string): Verdict
}

const everyMs = 1_000
/** An answer may take a second, and the next look may come a second later. */
const staleMs = 3_000

interface Heard {
  readonly verdict: Verdict
  readonly atMs: number
  /** The answer before said the same. */
  readonly isAgain: boolean
}

const none: Verdict = { kind: 'none' }

export function createLockFinder(looker: Looker, clock: Pick<Clock, 'monotonic'>): LockFinder {
  let askedMs = Number.NEGATIVE_INFINITY
  let heard: Heard | undefined
  const lately = () => (heard && clock.monotonic() - heard.atMs < staleMs ? heard : undefined)
  const ask = async (group: LeaderGroup) => {
    const groups = [group]
    const verdict = verdictOf({ groups }, await looker.look({ groups }))
    const isAgain = leaderOf(verdict) === leaderOf(lately()?.verdict)
    heard = { verdict, atMs: clock.monotonic(), isAgain }
  }
  return {
    find({ groups, locks }, known) {
      if (locks.size > 0 && clock.monotonic() - askedMs >= everyMs) {
        askedMs = clock.monotonic()
        void ask({ sections: [], probes: locks })
      }
      const last = lately()
      if (last?.verdict.kind !== 'one') return last?.verdict ?? none
      const { leader } = last.verdict
      return last.isAgain || leader === known
        ? { kind: 'one', leader, inGroup: groups.map(() => false) }
        : none
    },
  }
}

function leaderOf(verdict: Verdict | undefined): string | undefined {
  return verdict?.kind === 'one' ? verdict.leader : undefined
}
