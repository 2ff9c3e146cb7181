import { expect, test } from 'vitest'
import type { NewEvent } from '../../../controller/events/event.ts'
import { createEventQuota } from '../../../controller/events/event-quota.ts'
import { recordingLog } from '../../support/recording-log.ts'

const minuteMs = 60_000

function bench() {
  const told: NewEvent[] = []
  const at = { nowMs: 0 }
  const clock = { now: () => at.nowMs, monotonic: () => at.nowMs }
  return {
    told,
    at,
    quota: createEventQuota({ clock, log: recordingLog().log, add: (event) => told.push(event) }),
  }
}

test('what comes by the hundred leaves its room to what is rare', () => {
  const { quota } = bench()

  const steps = Array.from({ length: 1_200 }, () => quota.passes('n1', 'leader'))
  const owners = Array.from({ length: 1_200 }, (_, i) =>
    quota.passes('n1', i % 2 ? 'service' : 'quarantined'),
  )

  expect(steps.filter(Boolean)).toHaveLength(1_000)
  expect(owners.filter(Boolean)).toHaveLength(1_000)
  for (const kind of ['connected', 'disconnected', 'haproxy', 'refused', 'certificate'] as const) {
    expect(quota.passes('n1', kind)).toBe(true)
  }
  expect(quota.passes('n2', 'leader')).toBe(true)
})

test('that something is not kept is told once, until it is kept again', () => {
  const { quota, told, at } = bench()
  const takeAll = () => Array.from({ length: 201 }, () => quota.passes('n1', 'connected'))

  takeAll()
  at.nowMs = 9 * minuteMs
  takeAll()
  at.nowMs = 10 * minuteMs
  const again = takeAll()

  const message = (until: string) =>
    `further events of the node itself are not kept until ${until}: there were 200 within ten minutes`
  expect(told).toEqual([
    { atMs: 0, kind: 'controller', node: 'n1', message: message('1970-01-01T00:10:00.000Z') },
    { atMs: 10 * minuteMs, kind: 'controller', node: 'n1', message: message('1970-01-01T00:20:00.000Z') },
  ])
  expect(again.filter(Boolean)).toHaveLength(200)
})
