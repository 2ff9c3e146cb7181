import { expect, test } from 'vitest'
import type { AssignedReader } from '../../../agent/follow/assigned.ts'
import type { Follower } from '../../../agent/follow/follower.ts'
import type { Rows } from '../../../agent/follow/server-rows.ts'
import { createServerWatch } from '../../../agent/follow/server-watch.ts'
import { type Hint, startTrack, type Track } from '../../../agent/follow/track.ts'
import { assignedOf, primaryRouting, rowsWith } from '../../support/follower.ts'

/** Time that passes only while the watch sleeps, or HAProxy takes long to answer. */
function run({ answerMs, untilMs }: { answerMs: (look: number) => number; untilMs: number }) {
  return watched({ answerMs, untilMs }).then(({ looks }) => looks)
}

interface Watched {
  readonly answerMs?: (look: number) => number
  readonly untilMs: number
  readonly rows?: Rows
  readonly track?: Track
}

function watched({
  answerMs = () => 0,
  untilMs,
  rows: seen = new Map(),
  track = startTrack('pg-test-1', 0),
}: Watched) {
  const hints: Hint[] = []
  const stop = new AbortController()
  const looks: number[] = []
  let nowMs = 0
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
      if (nowMs >= untilMs) stop.abort()
    },
  }
  const rows = async (): Promise<Rows> => {
    looks.push(nowMs)
    nowMs += answerMs(looks.length)
    return seen
  }
  const follower: Follower = {
    owner: 'pg-test',
    hint: (hint: Hint) => void hints.push(hint),
    learn: () => undefined,
    track: () => track,
    run: async () => undefined,
  }
  const assigned: AssignedReader = { read: async () => assignedOf(primaryRouting()) }
  const watch = createServerWatch({ clock, assigned, rows }, () => [follower])
  return watch.run(stop.signal).then(() => ({ looks, hints }))
}

const gaps = (looks: readonly number[]) => looks.slice(1).map((at, index) => at - (looks[index] ?? 0))

test('HAProxy is asked once a second', async () => {
  expect(gaps(await run({ answerMs: () => 0, untilMs: 3_000 }))).toEqual([1_000, 1_000])
})

test('less often where its answers are long', async () => {
  const found = gaps(await run({ answerMs: () => 8, untilMs: 5_000 }))
  expect(new Set(found)).toEqual(new Set([1_608]))
})

test('a machine that had no time for an answer or two is looked at as often as before', async () => {
  const found = gaps(await run({ answerMs: (look) => (look % 4 === 2 ? 400 : 1), untilMs: 10_000 }))
  expect(Math.max(...found)).toBe(1_000)
})

test('nobody is left unwatched for longer than two seconds', async () => {
  const found = gaps(await run({ answerMs: () => 300, untilMs: 20_000 }))
  expect(Math.max(...found)).toBe(2_300)
})

test.each([
  ['a leader by its own check', [true], true],
  ['one that holds the lock in a cluster without a primary', [false], false],
])('whether an HAProxy that takes %s for down is worth a look', async (_name, inGroup, isWorth) => {
  const track = { ...startTrack('pg-test-1', 0), confirmed: true, inGroup }
  const { hints } = await watched({ untilMs: 30_000, rows: rowsWith([]), track })
  expect(hints.length > 0).toBe(isWorth)
})
