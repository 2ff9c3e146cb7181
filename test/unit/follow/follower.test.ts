import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFollower, type FollowerPorts } from '../../../agent/follow/follower.ts'
import { systemClock } from '../../../shared/ports/clock.ts'

test('a disk that cannot be read when a hint comes does not end the agent; it looks when it can', async () => {
  let isReadable = false
  let reads = 0
  const warned: string[] = []
  const ports: FollowerPorts = {
    clock: systemClock(),
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields: object, text = '') => void warned.push(text),
    },
    asker: { ask: async () => 'silent' },
    patroni: { status: async () => undefined },
    assigned: {
      read: async () => {
        reads += 1
        if (!isReadable) throw new Error('EIO: i/o error')
        return undefined
      },
    },
    rows: async () => new Map(),
    tell: async () => ({ kind: 'told', servers: 0 }),
    spare: async () => undefined,
    move: async () => undefined,
    report: () => undefined,
  }
  const follower = createFollower(ports, { stableMs: 3_000, policy: 'on' }, 'pg-test', {
    leader: 'pg-test-1',
    sinceMs: 0,
  })
  const stop = new AbortController()
  const done = follower.run(stop.signal)

  follower.hint({ leader: 'pg-test-2', source: 'controller' })
  await sleep(20)
  expect(follower.track().watch?.named).toBe('pg-test-2')
  isReadable = true
  const before = reads
  await expect.poll(() => reads).toBeGreaterThan(before)

  expect(warned.length).toBeGreaterThan(0)
  stop.abort()
  await done
})
