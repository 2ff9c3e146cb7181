import { beforeEach, expect, test } from 'vitest'
import type { NewEvent } from '../../../controller/events/event.ts'
import {
  createServiceHealth,
  type ServiceHealth,
  toldDown,
} from '../../../controller/events/service-health.ts'

let told: string[]
let health: ServiceHealth
let nowMs: number
let sleeping: { endsMs: number; end: () => void }[]
let assigned: Set<string>

let events: NewEvent[]

beforeEach(() => {
  told = []
  events = []
  nowMs = 0
  sleeping = []
  assigned = new Set(['pg-a-primary', 'pg-a-offline'])
  health = start()
})

function start(before?: ReturnType<typeof toldDown>): ServiceHealth {
  return createServiceHealth({
    before,
    clock: {
      now: () => nowMs,
      monotonic: () => nowMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          sleeping.push({ endsMs: nowMs + ms, end: resolve })
          signal?.addEventListener('abort', () => resolve())
        }),
    },
    add: (event) => {
      const { kind, node, owner, message, atMs } = event
      events.push(event)
      told.push([kind, node, owner ?? '-', `${message} (${atMs})`].join(' '))
    },
    ownerOf: async (_node, service) => (assigned.has(service) ? 'pg-a' : undefined),
  })
}

async function wait(ms: number): Promise<void> {
  nowMs += ms
  for (const { endsMs, end } of sleeping) if (endsMs <= nowMs) end()
  await new Promise(setImmediate)
}

const well = { haproxyRunning: true, servicesDown: [] }
const dead = { haproxyRunning: false, servicesDown: [] }
const down = (...servicesDown: string[]) => ({ haproxyRunning: true, servicesDown })

test('HAProxy that goes and comes back is told of, with the time at which it was seen', async () => {
  health.observed('n1', well)
  await wait(1_000)
  health.observed('n1', dead)
  await wait(5_000)
  health.observed('n1', dead)
  await wait(60_000)
  health.observed('n1', well)
  await wait(10_000)

  expect(told).toEqual([
    'haproxy n1 - HAProxy is not running (1000)',
    'haproxy n1 - HAProxy is running again (66000)',
  ])
})

test('so is a service without a server, and nothing that is well', async () => {
  health.observed('n1', down('pg-a-offline'))
  await wait(5_000)
  health.observed('n1', well)
  await wait(10_000)

  expect(told).toEqual([
    'service n1 pg-a no server of pg-a-offline is up (0)',
    'service n1 pg-a a server of pg-a-offline is up again (5000)',
  ])
})

test('what is over within 5 s is not told of', async () => {
  health.observed('n1', down('pg-a-primary'))
  await wait(4_999)
  health.observed('n1', well)
  health.observed('n1', dead)
  await wait(4_999)
  health.observed('n1', well)
  await wait(60_000)

  expect(told).toEqual([])
})

test('a service of which nothing is seen has not got a server again', async () => {
  health.observed('n1', down('pg-a-primary'))
  await wait(5_000)
  health.observed('n1', dead)
  await wait(5_000)
  health.closed('n1')
  health.observed('n1', down('pg-a-primary'))
  await wait(60_000)

  expect(told.filter((line) => line.startsWith('service'))).toHaveLength(1)
})

test('nor has one that was taken away', async () => {
  health.observed('n1', down('pg-a-offline'))
  await wait(5_000)
  assigned.delete('pg-a-offline')
  health.observed('n1', well)
  await wait(60_000)

  expect(told).toHaveLength(1)
})

test('what goes up and down is told of more and more rarely', async () => {
  for (let second = 0; second < 3_600; second += 6) {
    health.observed('n1', second % 12 === 0 ? dead : well)
    await wait(6_000)
  }

  expect(told.length).toBeGreaterThan(0)
  expect(told.length).toBeLessThan(10)
})

test('nothing is said of a node whose stream ended, or when the controller stops', async () => {
  health.observed('n1', dead)
  health.observed('n2', dead)
  health.closed('n1')
  health.stop()
  await wait(60_000)

  expect(told).toEqual([])
})

test('a controller that was started anew tells no old outage again, and does not miss its end', async () => {
  health.observed('n1', down('pg-a-offline', 'pg-a-primary'))
  health.observed('n2', dead)
  await wait(5_000)
  health.observed('n1', down('pg-a-offline'))
  await wait(10_000)
  const before = told.length
  health.stop()

  health = start(toldDown(events))
  health.observed('n1', down('pg-a-offline', 'pg-a-primary'))
  health.observed('n2', dead)
  await wait(5_000)
  const again = told.slice(before)
  health.observed('n1', well)
  health.observed('n2', well)
  await wait(10_000)

  expect(again).toEqual(['service n1 pg-a no server of pg-a-primary is up (15000)'])
  expect(told.slice(before + 1)).toEqual([
    'haproxy n2 - HAProxy is running again (20000)',
    'service n1 pg-a a server of pg-a-offline is up again (20000)',
    'service n1 pg-a a server of pg-a-primary is up again (20000)',
  ])
})
