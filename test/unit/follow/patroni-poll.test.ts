import { expect, test } from 'vitest'
import { membersToAsk } from '../../../agent/follow/patroni-poll.ts'

const members = [1, 2, 3].map((n) => ({
  instance: `pg-test-${n}`,
  address: `10.10.10.1${n}`,
  ...{ patroniPort: 8008, patroniTls: false },
}))

const asked = (node: string, leader: string, isAlone: boolean) =>
  membersToAsk(members, { node, leader, isAlone }).map(({ instance }) => instance)

test('a member asks its own Patroni, and while there is no controller the leader’s too', () => {
  expect(asked('10.10.10.12', 'pg-test-1', false)).toEqual(['pg-test-2'])
  expect(asked('10.10.10.12', 'pg-test-1', true)).toEqual(['pg-test-1', 'pg-test-2'])
})

test('the leader asks itself once', () => {
  expect(asked('10.10.10.11', 'pg-test-1', true)).toEqual(['pg-test-1'])
})

test('a node that is no member asks the leader’s, if it knows one', () => {
  expect(asked('10.10.10.18', 'pg-test-1', false)).toEqual(['pg-test-1'])
  expect(asked('10.10.10.18', 'pg-test-9', true)).toEqual([])
})
