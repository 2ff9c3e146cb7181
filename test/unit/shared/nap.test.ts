import { expect, test } from 'vitest'
import { systemClock } from '../../../shared/ports/clock.ts'
import { createNap } from '../../../shared/ports/nap.ts'

const forever = 3_600_000

test('a nap ends when it is woken, or given up, and not before', async () => {
  const nap = createNap(systemClock())
  let isOver = false
  const slept = nap.sleep(forever).then(() => {
    isOver = true
  })
  await new Promise(setImmediate)
  expect(isOver).toBe(false)
  nap.wake()
  await slept

  const stop = new AbortController()
  const given = nap.sleep(forever, stop.signal)
  stop.abort()
  await given
})

test('to wake one that does not sleep is not remembered', async () => {
  const nap = createNap(systemClock())
  nap.wake()
  const first = await Promise.race([
    nap.sleep(forever).then(() => 'slept'),
    new Promise((r) => setImmediate(r, 'sleeps')),
  ])
  expect(first).toBe('sleeps')
  nap.wake()
})
