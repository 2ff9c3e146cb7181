import { expect, test } from 'vitest'
import type { AssignedReader } from '../../../agent/follow/assigned.ts'
import type { Follower } from '../../../agent/follow/follower.ts'
import type { Rows } from '../../../agent/follow/server-rows.ts'
import { createServerWatch } from '../../../agent/follow/server-watch.ts'
import { type Hint, startTrack } from '../../../agent/follow/track.ts'

/** Time that passes only while the watch sleeps, or HAProxy takes long to answer. */
function run({ answerMs, untilMs }: { answerMs: (look: number) => number; untilMs: number }) {
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
    return new Map()
  }
  const follower: Follower = {
    owner: 'pg-test',
    hint: (_hint: Hint) => undefined,
    learn: () => undefined,
    track: () => startTrack('pg-test-1', 0),
    run: async () => undefined,
  }
  const assigned: AssignedReader = { read: async () => undefined }
  const watch = createServerWatch({ clock, assigned, rows }, () => [follower])
  return watch.run(stop.signal).then(() => looks)
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
