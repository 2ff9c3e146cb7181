/**
 * What HAProxy's own checks find out, as hints: nearly free, and all that a node without a Patroni has while the
 * controller is away.
 */

import type { Owner } from '../../shared/model/snapshot.ts'
import { untilBeat } from '../../shared/ports/beat.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AssignedReader } from './assigned.ts'
import type { Follower } from './follower.ts'
import { isFailing, type Rows, signatureOf, toTell } from './server-rows.ts'
import { isBusy } from './track.ts'

export interface ServerWatchPorts {
  readonly clock: Clock
  readonly assigned: AssignedReader
  readonly rows: () => Promise<Rows | undefined>
}

export interface ServerWatch {
  /** Until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const everyMs = 1_000
const whileLookingMs = 200
/** HAProxy and this program spend about this share of a core on it: a dump of a thousand servers takes 3 ms. */
const share = 1 / 200
/** What a look costs is the shortest of so many: the others had to wait for a busy machine. */
const measured = 8
/** Nor is nobody looked at for long where all of them had to. */
const longestMs = 2_000
/** While HAProxy goes on believing something else than the agent, the agent looks again after so long, then longer. */
const firstRepeatMs = 2_000
const longestRepeatMs = 60_000

interface Seen {
  readonly signature: string
  /** When a disagreement is worth another look; 0 while there is none. */
  readonly repeatAtMs: number
  readonly repeatAfterMs: number
}

export function createServerWatch(
  ports: ServerWatchPorts,
  followers: () => readonly Follower[],
): ServerWatch {
  const { clock, assigned } = ports
  const seen = new Map<Owner, Seen>()
  let tookMs: readonly number[] = []
  const compare = async (follower: Follower, rows: Rows) => {
    const found = await assigned.read(follower.owner)
    if (found === undefined) return
    const { leader, confirmed, inGroup: byCheck } = follower.track()
    const signature = signatureOf(found.routing, rows)
    const before = seen.get(follower.owner)
    // A leader by another word than the check's: HAProxy is right to believe its check.
    const inGroup = found.routing.groups.map((_group, index) => byCheck[index] ?? true)
    const disagrees = confirmed && toTell(found.routing, { kind: 'one', leader, inGroup }, rows).length > 0
    const nowMs = clock.monotonic()
    // Of another worker's first checks nobody needs to know, as long as they find what is known.
    const isSerious = disagrees || isFailing(found.routing, leader, rows)
    const isChanged = before !== undefined && before.signature !== signature && isSerious
    const isDue = disagrees && before !== undefined && before.repeatAtMs > 0 && nowMs >= before.repeatAtMs
    if (isChanged || isDue) follower.hint({ leader: '', source: 'haproxy' })
    seen.set(follower.owner, { signature, ...repeatOf(before, disagrees, isDue, nowMs) })
  }
  const look = async () => {
    const all = followers()
    const fromMs = clock.monotonic()
    // A worker that is just starting does not answer: that says nothing about its servers.
    const rows = all.length === 0 ? undefined : await ports.rows()
    if (rows) for (const follower of all) await compare(follower, rows)
    tookMs = [...tookMs, clock.monotonic() - fromMs].slice(-measured)
    const isAnyBusy = all.some((follower) => isBusy(follower.track(), clock.monotonic()))
    const usualMs = isAnyBusy ? whileLookingMs : untilBeat(clock, everyMs)
    return Math.max(usualMs, Math.min(Math.min(...tookMs) / share, longestMs))
  }
  return {
    async run(signal) {
      while (!signal.aborted) await clock.sleep(await look().catch(() => everyMs), signal)
    },
  }
}

function repeatOf(
  before: Seen | undefined,
  disagrees: boolean,
  isDue: boolean,
  nowMs: number,
): Pick<Seen, 'repeatAtMs' | 'repeatAfterMs'> {
  if (!disagrees) return { repeatAtMs: 0, repeatAfterMs: firstRepeatMs }
  if (before === undefined || before.repeatAtMs === 0) {
    return { repeatAtMs: nowMs + firstRepeatMs, repeatAfterMs: firstRepeatMs }
  }
  if (!isDue) return { repeatAtMs: before.repeatAtMs, repeatAfterMs: before.repeatAfterMs }
  const repeatAfterMs = Math.min(before.repeatAfterMs * 2, longestRepeatMs)
  return { repeatAtMs: nowMs + repeatAfterMs, repeatAfterMs }
}
