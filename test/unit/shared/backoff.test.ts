import { expect, test } from 'vitest'
import { backoffMs } from '../../../shared/retry/backoff.ts'

test.each([
  [0, 0, 0],
  [0, 0.5, 250],
  [1, 0.5, 500],
  [4, 0.5, 4000],
  [5, 0.5, 7500],
  [1000, 0.999, 14985],
])('attempt %i with random %f waits %i ms', (attempt, random, expected) => {
  expect(backoffMs(attempt, random)).toBe(expected)
})

test.each([-1, 0.5, Number.NaN])('attempt %d is refused', (attempt) => {
  expect(() => backoffMs(attempt, 0)).toThrow(RangeError)
})
