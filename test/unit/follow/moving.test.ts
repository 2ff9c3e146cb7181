/** Files that follow while the agent has other things in hand. */
import { afterEach, expect, test, vi } from 'vitest'
import { startFollower, type TestFollower } from '../../support/follower.ts'

const patience = 20_000
let running: TestFollower | undefined

afterEach(async () => {
  await running?.stop()
})

test('a leader that comes while the move to another waits is told at once, and that move is not done', async () => {
  let turn: () => void = () => undefined
  const waits = new Promise<void>((resolve) => {
    turn = resolve
  })
  const asked: string[] = []
  running = startFollower(
    {},
    {
      async move(_owner, leader, _sinceMs, isWanted) {
        await waits
        asked.push(`${leader} ${(await isWanted()) ? 'wanted' : 'not wanted'}`)
        return undefined
      },
    },
  )
  const { follower, world, told } = running
  await vi.waitFor(() => expect(follower.track().confirmed).toBe(true), patience)
  world.passes = { 'pg-test-2': ['/primary'] }
  follower.hint({ leader: 'pg-test-2', source: 'controller' })
  await vi.waitFor(
    () => expect(follower.track()).toMatchObject({ leader: 'pg-test-2', watch: undefined }),
    patience,
  )
  await vi.waitFor(() => expect(follower.track().moveAtMs).toBeUndefined(), patience)
  told.length = 0

  world.passes = { 'pg-test-3': ['/primary'] }
  follower.hint({ leader: 'pg-test-3', source: 'controller' })
  await vi.waitFor(() => expect(told).toEqual(['pg-test-2 down', 'pg-test-3 up']), patience)
  expect(asked).toEqual([])
  turn()

  await vi.waitFor(() => expect(asked).toEqual(['pg-test-2 not wanted', 'pg-test-3 wanted']), patience)
})
