import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { leaderKeyOf, memberOf, normalPrefix, prefixEnd } from '../../../controller/etcd/leader-key.ts'

test.each([
  ['/pg/pg-test/leader', { scope: 'pg-test', group: undefined }],
  ['/pg/pg-citus/0/leader', { scope: 'pg-citus', group: '0' }],
  ['/pg/pg-citus/12/leader', { scope: 'pg-citus', group: '12' }],
  // A cluster may be named as a group is.
  ['/pg/7/leader', { scope: '7', group: undefined }],
])('%s is a leader key', (key, expected) => {
  expect(leaderKeyOf(key, '/pg/')).toEqual(expected)
})

test.each([
  // What Patroni 3 and 4 keep beside it, and the position of the log in old releases.
  '/pg/pg-test/status',
  '/pg/pg-test/failover',
  '/pg/pg-test/members/pg-test-1',
  '/pg/pg-test/members/leader',
  '/pg/pg-test/optime/leader',
  '/pg/pg-citus/0/optime/leader',
  // Others' keys.
  '/pg/leader',
  '/pg//leader',
  '/leader',
  '/pgx/pg-test/leader',
  '/pg/a/b/leader',
  '/pg/a/01/leader',
  '/pg/a/0/1/leader',
  '/pg/node:10.10.10.18/leader',
  '/pg/pg test/leader',
  '/pg/pg-test/leader/',
  '',
])('%s is no leader key', (key) => {
  expect(leaderKeyOf(key, '/pg/')).toBeUndefined()
})

test('a prefix of several levels is taken whole', () => {
  expect(leaderKeyOf('/prod/pg/pg-test/leader', '/prod/pg/')).toEqual({ scope: 'pg-test', group: undefined })
  expect(leaderKeyOf('/prod/leader', '/prod/pg/')).toBeUndefined()
})

test.each([
  ['pg', '/pg/'],
  ['/pg', '/pg/'],
  ['//prod//pg/', '/prod/pg/'],
  ['', '/'],
])('the namespace %j is the prefix %s', (text, prefix) => {
  expect(normalPrefix(text)).toBe(prefix)
})

test('the range of a prefix holds exactly the keys that begin with it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('/', '0', '.', 'p', 'g', '\xff') }), (key) => {
      const bytes = Buffer.from(key)
      const isInside =
        Buffer.compare(bytes, Buffer.from('/pg/')) >= 0 &&
        Buffer.compare(bytes, Buffer.from(prefixEnd('/pg/'))) < 0
      return isInside === key.startsWith('/pg/')
    }),
  )
})

test.each([
  ['pg-test-1', 'pg-test-1'],
  ['', ''],
  ['pg-test-1\n', ''],
  ['{"a":1}', ''],
  ['x'.repeat(254), ''],
])('a value of %j names %j', (value, member) => {
  expect(memberOf(value)).toBe(member)
})
