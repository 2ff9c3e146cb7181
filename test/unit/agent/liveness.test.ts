import { expect, test } from 'vitest'
import { createLiveness } from '../../../agent/liveness.ts'

const config = { validate_timeout_ms: 30_000, reload_timeout_ms: 10_000 }

function at(start: number) {
  let now = start
  const liveness = createLiveness({ monotonic: () => now }, config)
  return {
    liveness,
    passes: (ms: number) => {
      now += ms
    },
  }
}

test('an agent whose session is two minutes late for its turn is not alive', () => {
  const { liveness, passes } = at(0)

  passes(120_000)
  expect(liveness.isAlive(undefined)).toBe(true)
  passes(1)
  expect(liveness.isAlive(undefined)).toBe(false)
  liveness.turn(5_000)
  passes(125_000)
  expect(liveness.isAlive(undefined)).toBe(true)
  passes(1)
  expect(liveness.isAlive(undefined)).toBe(false)
})

test('an order may take ten times what one check and one reload may, and the session waits for it', () => {
  const { liveness, passes } = at(5_000)

  passes(400_000)
  expect(liveness.isAlive(5_000)).toBe(true)
  passes(1)
  expect(liveness.isAlive(5_000)).toBe(false)
})
