import { beforeEach, expect, test } from 'vitest'
import { createPresence, type Presence } from '../../../controller/events/presence.ts'

let told: string[]
let presence: Presence
let nowMs: number
let sleeping: { endsMs: number; end: () => void }[]

beforeEach(() => {
  told = []
  nowMs = 1_000
  sleeping = []
  const clock = {
    now: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleeping.push({ endsMs: nowMs + ms, end: resolve })
        signal?.addEventListener('abort', () => resolve())
      }),
  }
  presence = createPresence(clock, ({ kind, node, atMs }) => told.push(`${kind} ${node} at ${atMs}`))
})

async function wait(ms: number): Promise<void> {
  nowMs += ms
  for (const { endsMs, end } of sleeping) if (endsMs <= nowMs) end()
  await new Promise(setImmediate)
}

const agent = (bootId = 'boot') => ({ bootId, agentVersion: '1', haproxyVersion: '2.6.12' })

test('a node that comes and goes is told of, with the time at which its stream ended', async () => {
  presence.opened('n1', agent())
  await wait(10)
  presence.closed('n1')
  await wait(2_000)
  presence.opened('n1', agent())

  expect(told).toEqual(['connected n1 at 1000', 'disconnected n1 at 1010', 'connected n1 at 3010'])
})

test('a short interruption is not told of, however often there is one', async () => {
  presence.opened('n1', agent())
  for (let i = 0; i < 3; i += 1) {
    presence.closed('n1')
    await wait(1_999)
    presence.opened('n1', agent())
  }
  await wait(60_000)

  expect(told).toEqual(['connected n1 at 1000'])
})

test('an agent that was restarted is told of, however quickly', async () => {
  presence.opened('n1', agent())
  presence.closed('n1')
  await wait(100)
  presence.opened('n1', agent('other'))
  await wait(60_000)

  expect(told).toEqual(['connected n1 at 1000', 'connected n1 at 1100'])
})

test('a newer stream that takes over is no coming', () => {
  presence.opened('n1', agent())
  presence.opened('n1', agent())

  expect(told).toHaveLength(1)
})

test('when the controller stops no node is said to go', async () => {
  presence.opened('n1', agent())
  presence.opened('n2', agent())
  presence.closed('n1')

  presence.stop()
  presence.closed('n2')
  await wait(60_000)

  expect(told).toHaveLength(2)
})
