import { expect, test } from 'vitest'
import { createLease } from '../../../agent/session/lease.ts'
import { createMailbox, type Order } from '../../../agent/session/mailbox.ts'

function snapshot(version: number, blob = `b${version}`): Order {
  return {
    kind: 'snapshot',
    nonce: `n${version}`,
    snapshot: { version, assignments: [] },
    blobs: new Map([[blob, 'text']]),
  }
}

test('the newest snapshot takes the place of the one that waits, with the contents of both', () => {
  const mailbox = createMailbox()

  expect(mailbox.put(snapshot(1))).toBeUndefined()
  expect(mailbox.put(snapshot(2))).toMatchObject({ nonce: 'n1' })

  expect(mailbox.take()).toMatchObject({
    nonce: 'n2',
    blobs: new Map([
      ['b1', 'text'],
      ['b2', 'text'],
    ]),
  })
  expect(mailbox.take()).toBeUndefined()
})

test('other orders keep their turn', () => {
  const mailbox = createMailbox()
  mailbox.put(snapshot(1))
  mailbox.put({ kind: 'commit', nonce: 'c', publishId: 'x', version: 1 })
  mailbox.put({ kind: 'abort', publishId: 'x' })
  mailbox.put(snapshot(2))

  expect([mailbox.take(), mailbox.take(), mailbox.take()].map((order) => order?.kind)).toEqual([
    'commit',
    'abort',
    'snapshot',
  ])
})

test('a cleared mailbox is empty', () => {
  const mailbox = createMailbox()
  mailbox.put(snapshot(1))
  mailbox.clear()

  expect(mailbox.take()).toBeUndefined()
})

function leaseAt(start: number) {
  let now = start
  const lease = createLease<string>({ now: () => 0, monotonic: () => now, sleep: () => Promise.resolve() })
  return { lease, pass: (ms: number) => (now += ms) }
}

test('what is held is given out once, to its own publish only', () => {
  const { lease } = leaseAt(1_000)
  lease.hold('x', 'set', 500)

  expect(lease.take('y')).toBeUndefined()
  expect(lease.take('x')).toBe('set')
  expect(lease.take('x')).toBeUndefined()
})

test('at the end of its time a lease is gone, and swept once', () => {
  const { lease, pass } = leaseAt(1_000)
  lease.hold('x', 'set', 500)
  pass(499)
  expect(lease.sweep()).toBeUndefined()
  pass(1)

  expect(lease.take('x')).toBeUndefined()
  expect(lease.sweep()).toBe('set')
  expect(lease.sweep()).toBeUndefined()
})

test('a new hold gives back what was held', () => {
  const { lease } = leaseAt(0)
  lease.hold('x', 'old', 500)

  expect(lease.hold('y', 'new', 500)).toBe('old')
  expect(lease.drop()).toBe('new')
})
