import { expect, test } from 'vitest'
import { splitOf } from '../../../bench/failover/split.ts'

/** One every 10 ms, from the first to the last. */
function acks(instance: string, fromMs: number, toMs: number) {
  const count = Math.floor((toMs - fromMs) / 10) + 1
  return Array.from({ length: count }, (_, n) => {
    const ackMs = fromMs + n * 10
    return { seq: ackMs, sentMs: ackMs - 1, ackMs, instance }
  })
}

const marks = { next: 'pg-test-2', primaryMs: 2_200, writableMs: 2_350, lock: [] }

test('the window goes from the old leader’s last write to the new one’s first, and every part has its owner', () => {
  const seen = [...acks('pg-test-1', 0, 1_000), ...acks('pg-test-2', 2_400, 3_000)]

  expect(splitOf(seen, marks)).toEqual({
    windowMs: 1_400,
    until200Ms: 1_200,
    untilWritableMs: 150,
    afterWritableMs: 50,
    laterGapMs: 10,
  })
})

test('a pause after that is seen, and no part of the window', () => {
  const seen = [
    ...acks('pg-test-1', 0, 1_000),
    ...acks('pg-test-2', 2_400, 2_500),
    ...acks('pg-test-2', 3_500, 4_000),
  ]

  expect(splitOf(seen, marks)).toMatchObject({ windowMs: 1_400, laterGapMs: 1_000 })
})

test('a client that never comes back waits for ever', () => {
  expect(splitOf(acks('pg-test-1', 0, 1_000), marks)).toMatchObject({
    windowMs: Number.POSITIVE_INFINITY,
    afterWritableMs: Number.POSITIVE_INFINITY,
  })
})

test('a client that is faster than whoever asks directly has waited for nobody', () => {
  const seen = [...acks('pg-test-1', 0, 1_000), ...acks('pg-test-2', 2_340, 3_000)]

  expect(splitOf(seen, marks)?.afterWritableMs).toBe(0)
})

test('a `/primary` that was seen after the first write, or never, was 200 by then', () => {
  const seen = [...acks('pg-test-1', 0, 1_000), ...acks('pg-test-2', 2_400, 3_000)]

  expect(splitOf(seen, { ...marks, primaryMs: 2_360 })).toMatchObject({
    until200Ms: 1_350,
    untilWritableMs: 0,
  })
  const { primaryMs: _never, ...others } = marks
  expect(splitOf(seen, others)).toMatchObject({ until200Ms: 1_350, untilWritableMs: 0 })
})

test('nothing is said of a client that had not written, or while nobody else leads', () => {
  expect(splitOf(acks('pg-test-2', 2_400, 3_000), marks)).toBeUndefined()
  expect(splitOf([], marks)).toBeUndefined()
  expect(splitOf(acks('pg-test-1', 0, 1_000), { lock: [] })).toBeUndefined()
})
