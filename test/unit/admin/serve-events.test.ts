import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EventsCall, serveEvents } from '../../../controller/admin/serve-events.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import { createLogger } from '../../../shared/log/logger.ts'
import type { Event } from '../../../shared/rpc/generated/pgsvc/v1/Event.ts'

let dir: string
let store: Store
let closing: AbortController
/** Ends the time that a listener has. */
let timeOut: () => void

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-serve-events-'))
  store = openStore(join(dir, 'pgsvc.db'))
  closing = new AbortController()
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

/** A call whose other side takes `room` events, then nothing until it drains. */
class FakeCall extends EventEmitter {
  readonly request: { names: string[]; limit: number; follow: boolean }
  readonly written: string[] = []
  end_: string | undefined
  room: number

  constructor(room: number, names: readonly string[]) {
    super()
    this.request = { names: [...names], limit: 0, follow: true }
    this.room = room
    this.on('error', ({ code, details }) => {
      this.end_ = `${code} ${details}`
    })
  }

  write({ message = '' }: Event): boolean {
    this.written.push(message)
    this.room -= 1
    return this.room > 0
  }

  end(): void {
    this.end_ = 'ended'
  }

  drain(room: number): void {
    this.room = room
    this.emit('drain')
  }
}

function serve(room: number, names: readonly string[] = []): FakeCall {
  const call = new FakeCall(room, names)
  const clock = {
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        timeOut = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
  }
  const log = createLogger('test', 'silent')
  const hub = { connected: () => ['10.10.10.12'] }
  // Of the call only what stands in FakeCall is used.
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort())
  void serveEvents(
    call as unknown as EventsCall,
    { store, hub, clock, log, closing: closing.signal },
    gone.signal,
  )
  return call
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20))

function happen(...messages: string[]): Promise<void> {
  return store.addEvents(messages.map((message) => ({ atMs: 1, kind: 'connected', message }) as const))
}

test('what a listener has no room for is not written, and follows when it has', async () => {
  const call = serve(2)
  await happen('a', 'b', 'c', 'd')
  await settle()
  const meanwhile = [...call.written]

  call.drain(9)
  await settle()

  expect([meanwhile, call.written]).toEqual([
    ['a', 'b'],
    ['a', 'b', 'c', 'd'],
  ])
})

test('a listener that takes nothing for half a minute is ended, and told so', async () => {
  const call = serve(1)
  await happen('a', 'b')
  await settle()

  timeOut()
  await settle()

  expect(call.end_).toBe(
    `${status.RESOURCE_EXHAUSTED} EVENTS_MISSED: this listener took nothing for 30 s\n  hint: ask again`,
  )
  expect(call.written).toEqual(['a'])
})

test.each([
  ['cancels while it has no room', (call: FakeCall) => call.emit('cancelled'), 'ended'],
  ['listens when the controller stops', () => closing.abort(), `${status.UNAVAILABLE} the controller stops`],
])('a listener that %s is ended at once', async (_what, act, expected) => {
  const call = serve(1)
  await happen('a', 'b')
  await settle()

  act(call)
  await settle()

  expect(call.end_).toBe(expected)
  await happen('c')
  await settle()
  expect(call.written).toEqual(['a'])
})

test('nobody waits for what happens to something that does not exist', async () => {
  await store.recordNode('10.10.10.11', {})
  const call = serve(9, ['10.10.10.99', '10.10.10.11'])
  await settle()

  expect(call.end_).toBe(
    `${status.RESOURCE_EXHAUSTED} NAME_UNKNOWN: nothing was published of 10.10.10.99, and no node of that name is known\n  hint: did you mean 10.10.10.11 or 10.10.10.12?`,
  )
})

test('what was refused before it was ever published has its events', async () => {
  await store.addEvents([{ atMs: 1, kind: 'refused', owner: 'pg-new', message: 'a' }])
  const call = serve(9, ['pg-new', '10.10.10.12'])
  await settle()

  expect([call.written, call.end_]).toEqual([['a'], undefined])
})
