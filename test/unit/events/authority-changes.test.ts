import { expect, test } from 'vitest'
import { createAuthorityChanges } from '../../../controller/events/authority-changes.ts'
import type { NewEvent } from '../../../controller/events/event.ts'
import { createLogger } from '../../../shared/log/logger.ts'

const fingerprintOf = (byte: string) => Array.from({ length: 32 }, () => byte).join(':')
const [a, b] = [fingerprintOf('AA'), fingerprintOf('BB')]
const [shortA, shortB] = ['A'.repeat(16), 'B'.repeat(16)]

function stage() {
  const events: NewEvent[] = []
  let nowMs = 0
  const clock = { now: () => 7, monotonic: () => nowMs }
  const add = (event: NewEvent) => void events.push(event)
  const changes = createAuthorityChanges({ clock, log: createLogger('test', 'silent'), add })
  return { events, changes, pass: (ms: number) => (nowMs += ms) }
}

test('a node that believes others than before is told of, with both; what it says first and again is no news', () => {
  const { events, changes } = stage()

  for (const said of [[a], [a], [a, b], [], [a, b]]) changes.observed('n1', said)
  changes.observed('n2', [b])

  expect(events).toEqual([
    {
      atMs: 7,
      kind: 'certificate',
      node: 'n1',
      message: `the node believes other authorities now: ${shortA}, ${shortB}; before: ${shortA}`,
    },
  ])
})

test('a node that goes round in circles is told of ten times an hour', () => {
  const { events, changes, pass } = stage()
  const circle = () => {
    for (let turn = 0; turn < 100; turn += 1) changes.observed('n1', turn % 2 === 0 ? [a] : [b])
  }

  circle()
  expect(events).toHaveLength(10)
  pass(3_600_001)
  circle()
  expect(events).toHaveLength(20)
})

test('what is no fingerprint, and more than a node can mean, is not repeated', () => {
  const { events, changes } = stage()

  changes.observed('n1', [a])
  changes.observed('n1', ['x'.repeat(1_000_000), `${b}\n`, ...Array.from({ length: 10_000 }, () => b)])

  expect(events.map(({ message }) => message.length < 500)).toEqual([true])
})
