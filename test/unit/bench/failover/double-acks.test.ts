import { expect, test } from 'vitest'
import { doubleAcks, lostAcks, overwritten, strays } from '../../../bench/failover/double-acks.ts'

const one = 'pg-test-1'
const two = 'pg-test-2'
const ack = (sentMs: number, instance: string, ackMs = sentMs + 1) => ({
  seq: sentMs,
  sentMs,
  ackMs,
  instance,
})
const moved = [
  { atMs: 100, holder: '' },
  { atMs: 200, holder: two },
]

test('a write sent after the lock was taken from whoever acknowledges it is a double one', () => {
  const seen = [ack(50, one), ack(99, one, 150), ack(120, one), ack(250, one), ack(260, two)]

  expect(doubleAcks(seen, one, moved).map(({ sentMs }) => sentMs)).toEqual([120, 250])
})

test('the new leader’s writes are none, not even before etcd’s word was heard', () => {
  expect(doubleAcks([ack(150, two), ack(300, two)], one, moved)).toEqual([])
})

test('one who gets the lock back may write again', () => {
  const back = [...moved, { atMs: 300, holder: one }]

  expect(doubleAcks([ack(250, one), ack(350, one)], one, back).map(({ sentMs }) => sentMs)).toEqual([250])
  expect(doubleAcks([ack(299, one, 301)], one, back)).toEqual([])
  expect(doubleAcks([ack(350, two)], one, back)).toHaveLength(1)
})

test('while the lock stays where it is nothing is double', () => {
  expect(doubleAcks([ack(50, one), ack(5_000, one)], one, [])).toEqual([])
})

test('acknowledged and not there is lost, each client for itself', () => {
  const seen = [ack(1, one), ack(2, one), ack(3, one)]

  expect(lostAcks(7, seen, new Set(['7/1', '7/3', '8/2'])).map(({ seq }) => seq)).toEqual([2])
})

test('a lock that goes from one to another, and was nobody’s in between, was given; else it was overwritten', () => {
  const none: readonly string[] = []

  expect([...overwritten(one, moved)]).toEqual(none)
  expect([...overwritten(one, [])]).toEqual(none)
  expect([...overwritten(one, [{ atMs: 100, holder: one }])]).toEqual(none)
  expect([...overwritten(one, [...moved, { atMs: 300, holder: one }])]).toEqual([two])
  expect([...overwritten(one, [{ atMs: 300, holder: two }])]).toEqual([one])
})

test('a new connection that meets a replica long after the new leader was found was led astray', () => {
  const failures = [
    { beganMs: 900, atMs: 910, error: '25006 cannot execute INSERT in a read-only transaction' },
    { beganMs: 1_100, atMs: 1_110, error: '25006 cannot execute INSERT in a read-only transaction' },
    { beganMs: 1_500, atMs: 1_510, error: '25006 cannot execute INSERT in a read-only transaction' },
    { beganMs: 1_600, atMs: 1_610, error: 'ECONNREFUSED' },
  ]

  expect(strays([ack(1_000, two)], failures, two).map(({ beganMs }) => beganMs)).toEqual([1_500])
  expect(strays([ack(1_000, one)], failures, two)).toEqual([])
})
