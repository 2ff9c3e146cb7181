import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FeedRequest, feedEvents } from '../../../controller/events/event-feed.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'

let dir: string
let store: Store

/** Events that the store keeps. */
const keep = 1_000

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-feed-'))
  store = openStore(join(dir, 'pgsvc.db'), keep)
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

function happen(count: number, node = 'n1'): Promise<void> {
  return store.addEvents(
    Array.from({ length: count }, () => ({ atMs: 1, kind: 'connected', node, message: 'm' }) as const),
  )
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20))

/** A listener that takes each event when it has room. */
function listen(request: Partial<FeedRequest> = {}) {
  const taken: number[] = []
  const gone = new AbortController()
  let room = Promise.resolve()
  let makeRoom: () => void = () => undefined
  const take = async ({ id }: { id: number }) => {
    taken.push(id)
    await room
  }
  const done = feedEvents(store, { names: [], limit: 50, follow: true, ...request }, take, gone.signal)
  const end = done.then(
    () => 'ended',
    (error: unknown) => String(error),
  )
  return {
    taken,
    end,
    leave: () => gone.abort(),
    block: () => {
      room = new Promise((resolve) => {
        makeRoom = resolve
      })
    },
    unblock: () => makeRoom(),
  }
}

test('the past comes first, then each event once and in order', async () => {
  await happen(3)
  const listener = listen({ limit: 2 })
  await settle()
  await happen(1)
  await happen(250)
  await settle()
  listener.leave()

  expect(await listener.end).toBe('ended')
  expect(listener.taken).toEqual(Array.from({ length: 253 }, (_none, i) => i + 2))
})

test('events of others wake nobody up for nothing, and are passed over', async () => {
  const listener = listen({ names: ['n2'] })
  for (let i = 0; i < 12; i += 1) {
    await happen(100)
    await settle()
  }
  await happen(1, 'n2')
  await happen(1)
  await settle()
  listener.leave()

  expect(await listener.end).toBe('ended')
  expect(listener.taken).toEqual([1_201])
})

test('a listener that is a little slow misses nothing', async () => {
  const listener = listen()
  await happen(1)
  await settle()
  listener.block()
  await happen(1)
  await settle()
  await happen(900)
  listener.unblock()
  await settle()
  await settle()
  listener.leave()

  await listener.end
  expect(listener.taken).toHaveLength(902)
})

test('a listener that is further behind than events are kept is told what it missed', async () => {
  const listener = listen()
  await settle()
  listener.block()
  await happen(1)
  await settle()
  await happen(1_010)
  listener.unblock()

  expect(await listener.end).toBe('AppError: 10 events came, and went, while this listener took none')
})

test('without follow it ends with the past', async () => {
  await happen(3)
  const listener = listen({ follow: false })

  expect(await listener.end).toBe('ended')
  expect(listener.taken).toEqual([1, 2, 3])
})

test('one that is gone before anything happened is not waited for', async () => {
  const listener = listen()
  await settle()
  listener.leave()

  expect(await listener.end).toBe('ended')
  await happen(1)
  expect(listener.taken).toEqual([])
})

test('one that was cut off gets all that it missed, and goes on', async () => {
  await happen(300)
  const listener = listen({ limit: 2, afterId: 7 })
  await settle()
  await happen(1)
  await settle()
  listener.leave()

  await listener.end
  expect(listener.taken).toEqual(Array.from({ length: 294 }, (_none, i) => i + 8))
})

test('one that was cut off for too long is told so', async () => {
  await happen(keep + 10)

  expect(await listen({ afterId: 7 }).end).toContain('3 events came, and went')
})

test('one that heard of more than there ever was here gets the newest', async () => {
  await happen(3)
  const listener = listen({ limit: 2, afterId: 4 })
  await settle()
  listener.leave()

  await listener.end
  expect(listener.taken).toEqual([2, 3])
})
