/** What is said to have been told to HAProxy. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { rowsWith, startFollower, type TestFollower } from '../../support/follower.ts'

const patience = 20_000
let running: TestFollower | undefined

afterEach(async () => {
  await running?.stop()
})

async function started(): Promise<TestFollower> {
  running = startFollower()
  const { follower } = running
  await vi.waitFor(() => expect(follower.track().confirmed).toBe(true), patience)
  return running
}

const switchedOver = { 'pg-test-2': ['/primary', '/leader'] }

test('an HAProxy that does not answer has not been told; it is when it answers', async () => {
  const { world, follower, reports, told, steps } = await started()
  world.passes = switchedOver
  world.rows = undefined
  follower.hint({ leader: 'pg-test-2', source: 'controller' })

  await vi.waitFor(() => expect(steps()).toContain('failed pg-test-2'), patience)
  await sleep(300)
  expect(reports.find(({ step }) => step === 'failed')?.held?.code).toBe('TELL_FAILED')
  expect(steps()).not.toContain('told pg-test-2')
  world.rows = rowsWith(['pg-test-1'])
  follower.hint({ leader: '', source: 'haproxy' })

  await vi.waitFor(() => expect(steps()).toContain('told pg-test-2'), patience)
  expect(told).toEqual(['pg-test-1 down', 'pg-test-2 up'])
  expect(reports.find(({ step }) => step === 'told')?.before).toBe('pg-test-1')
  expect(follower.track().held).toBeUndefined()
  expect(follower.track().timings.tellMs).toBeGreaterThanOrEqual(299)
})

test('an HAProxy that knows already is not told, and nobody says so', async () => {
  const { world, follower, told, steps } = await started()
  world.passes = switchedOver
  world.rows = rowsWith(['pg-test-2'])
  follower.hint({ leader: 'pg-test-2', source: 'controller' })

  await vi.waitFor(() => expect(follower.track()).toMatchObject({ leader: 'pg-test-2', watch: undefined }), {
    timeout: patience,
    interval: 50,
  })
  expect(told).toEqual([])
  expect(steps()).toEqual(['confirmed pg-test-2'])
})
