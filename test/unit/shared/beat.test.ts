import { expect, test } from 'vitest'
import { untilBeat } from '../../../shared/ports/beat.ts'

const at = (ms: number) => ({ monotonic: () => ms })

test('sleeps end at the whole multiples, wherever they began', () => {
  expect(untilBeat(at(5_000), 1_000)).toBe(1_000)
  expect(untilBeat(at(5_003), 1_000)).toBe(997)
  expect(untilBeat(at(5_400), 1_000)).toBe(600)
})

test('a beat that is less than half away is left out: a timer that came too early does not count twice', () => {
  expect(untilBeat(at(4_999.5), 1_000)).toBe(1_000.5)
  expect(untilBeat(at(5_501), 1_000)).toBe(1_499)
})
