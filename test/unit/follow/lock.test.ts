/** Leaders that no service's check finds. */
import { afterEach, expect, test, vi } from 'vitest'
import { createLockFinder } from '../../../agent/follow/lock-finder.ts'
import { rowsWith, startFollower, type TestFollower } from '../../support/follower.ts'

const patience = 20_000
let running: TestFollower | undefined

afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function started(...change: Parameters<typeof startFollower>): Promise<TestFollower> {
  running = startFollower(...change)
  const { follower } = running
  await vi.waitFor(() => expect(follower.track().confirmed).toBe(true), patience)
  return running
}

test('a member that the primary’s service leaves out is found when it leads', async () => {
  const { world, follower, told } = await started({ servers: ['pg-test-1', 'pg-test-2'] })
  world.passes = { 'pg-test-3': ['/primary', '/leader'] }
  follower.hint({ leader: 'pg-test-3', source: 'controller' })

  await vi.waitFor(
    () => expect(follower.track()).toMatchObject({ leader: 'pg-test-3', confirmed: true }),
    patience,
  )
  expect(told).toEqual([])
})

test('one that is left out and leads counts against another that passes', async () => {
  const { world, follower } = await started({ servers: ['pg-test-1', 'pg-test-2'] })
  world.passes = { 'pg-test-2': ['/primary'], 'pg-test-3': ['/leader'] }
  follower.hint({ leader: 'pg-test-2', source: 'controller' })

  await vi.waitFor(() => expect(follower.track().held?.code).toBe('TWO_LEADERS'), patience)
  expect(follower.track().leader).toBe('pg-test-1')
})

test('in a standby cluster nobody leads by the check of the primary, and the lock is enough for the files', async () => {
  const { world, follower, told, steps } = await started({
    passes: { 'pg-test-1': ['/leader'] },
    rows: rowsWith([]),
  })
  world.passes = { 'pg-test-2': ['/leader'] }
  follower.hint({ leader: '', source: 'patroni' })

  await vi.waitFor(
    () => expect(follower.track()).toMatchObject({ leader: 'pg-test-2', confirmed: true }),
    patience,
  )
  expect(follower.track().inGroup).toEqual([false])
  expect(told).toEqual([])
  expect(steps()).toContain('confirmed pg-test-2')
})

test('a check that passes on another than holds the lock is the one that counts', async () => {
  const { world, follower, told } = await started()
  world.passes = { 'pg-test-2': ['/primary'], 'pg-test-3': ['/leader'] }
  follower.hint({ leader: '', source: 'patroni' })

  await vi.waitFor(() => expect(follower.track().leader).toBe('pg-test-2'), patience)
  expect(told).toEqual(['pg-test-1 down', 'pg-test-2 up'])
})

const probe = {
  ...{ host: '10.10.10.11', port: 8008, method: 'OPTIONS', path: '/leader', headers: {} },
  ...{ expect: [[200, 200]] as const, tls: undefined },
}
const locks = new Map(['pg-test-1', 'pg-test-2'].map((name) => [name, probe] as const))
const routing = { groups: [{ sections: [], probes: new Map() }], locks, places: [] }

function finder() {
  const at = { nowMs: 0, leader: 'pg-test-2' }
  let looks = 0
  const looker = {
    async look() {
      looks += 1
      return [new Map([[at.leader, 'passes' as const]])]
    },
  }
  const locks = createLockFinder(looker, { monotonic: () => at.nowMs })
  const find = async (known: string) => {
    locks.find(routing, known)
    // What is asked in the background is heard.
    for (let n = 0; n < 10; n += 1) await Promise.resolve()
    return locks.find(routing, known)
  }
  return { at, find, looks: () => looks }
}

const pgTest2 = { kind: 'one', leader: 'pg-test-2', inGroup: [false] }

test('somebody new is believed at the second answer, whom the agent goes by at the first', async () => {
  const { at, find } = finder()
  expect(await find('pg-test-1')).toEqual({ kind: 'none' })
  expect(await find('pg-test-2')).toEqual(pgTest2)
  at.nowMs = 1_000
  expect(await find('pg-test-1')).toEqual(pgTest2)
  at.nowMs = 2_000
  at.leader = 'pg-test-3'
  expect(await find('pg-test-1')).toEqual({ kind: 'none' })
})

test('members are asked once a second, however often somebody looks', async () => {
  const { at, find, looks } = finder()
  for (at.nowMs = 0; at.nowMs < 3_000; at.nowMs += 50) await find('pg-test-1')

  expect(looks()).toBe(3)
})

test('what was heard long ago says nothing', async () => {
  const { at, find } = finder()
  await find('pg-test-1')
  at.nowMs = 60_000

  expect(await find('pg-test-1')).toEqual({ kind: 'none' })
})
