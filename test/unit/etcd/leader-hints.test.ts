import { expect, test } from 'vitest'
import {
  afterChanges,
  afterReading,
  type KeyChange,
  type Leaders,
} from '../../../controller/etcd/leader-hints.ts'
import { inWords } from '../../support/etcd-watch.ts'

const key = '/pg/pg-test/leader'
const group0 = '/pg/pg-citus/0/leader'

function told(...entries: readonly [string, string][]): Leaders {
  return new Map(entries)
}

function put(at: string, value: string): KeyChange {
  return { key: at, value }
}

function gone(at: string): KeyChange {
  return { key: at, value: undefined }
}

function short({ hints }: ReturnType<typeof afterChanges>): readonly string[] {
  return hints.map(inWords)
}

test('a new name, and its removal, are hints that know no timeline', () => {
  const result = afterChanges(told([key, 'pg-test-1']), [gone(key), put(key, 'pg-test-2')], '/pg/')

  const timeline = { system: '', timeline: 0 }
  expect(result.hints).toEqual([
    { scope: 'pg-test', instance: '', before: 'pg-test-1', source: 'etcd', timeline },
    { scope: 'pg-test', instance: 'pg-test-2', before: '', source: 'etcd', timeline },
  ])
  expect([...result.leaders]).toEqual([[key, 'pg-test-2']])
})

test('the same name again, as under a new lease, is none', () => {
  const before = told([key, 'pg-test-1'])

  const result = afterChanges(before, [put(key, 'pg-test-1')], '/pg/')

  expect(result).toEqual({ leaders: before, hints: [] })
})

test('a change that is taken back at once is two hints, for it may have been acted on', () => {
  const changes = [gone(key), put(key, 'pg-test-1')]

  expect(short(afterChanges(told([key, 'pg-test-1']), changes, '/pg/'))).toEqual([
    'pg-test: nobody after pg-test-1',
    'pg-test: pg-test-1',
  ])
})

test('nothing that Patroni writes beside it is a hint, an intention least of all', () => {
  const before = told([key, 'pg-test-1'])
  const changes = [
    put('/pg/pg-test/failover', '{"leader":"pg-test-1","member":"pg-test-2"}'),
    put('/pg/pg-test/failover', ''),
    put('/pg/pg-test/status', '{"optime":67108960}'),
    put('/pg/pg-test/members/pg-test-1', '{"role":"replica"}'),
    put('/pg/pg-test/config', '{"ttl":30}'),
    gone('/pg/pg-test/members/pg-test-2'),
  ]

  const result = afterChanges(before, changes, '/pg/')

  expect(result.hints).toEqual([])
  // Not even a copy: this is what comes all day long.
  expect(result.leaders).toBe(before)
})

test('with Citus the removal says who has led, which tells the groups of a scope apart', () => {
  const result = afterChanges(
    told([group0, 'pg-citus0-1']),
    [gone(group0), put(group0, 'pg-citus0-2')],
    '/pg/',
  )

  expect(short(result)).toEqual(['pg-citus: nobody after pg-citus0-1', 'pg-citus: pg-citus0-2'])
})

test('a value that can be no name says that something is amiss, and no more', () => {
  expect(short(afterChanges(told([key, 'pg-test-1']), [put(key, '\u0000')], '/pg/'))).toEqual([
    'pg-test: nobody after pg-test-1',
  ])
})

test('a removal of what was never there is none', () => {
  expect(afterChanges(told(), [gone(key)], '/pg/').hints).toEqual([])
})

test('of a reading only what differs is told, and what is not in it any more', () => {
  const before = told(
    [key, 'pg-test-1'],
    ['/pg/pg-meta/leader', 'pg-meta-1'],
    ['/pg/pg-old/leader', 'pg-old-1'],
  )
  const read = [
    put(key, 'pg-test-2'),
    put('/pg/pg-meta/leader', 'pg-meta-1'),
    put('/pg/pg-new/leader', 'pg-new-1'),
  ]

  const result = afterReading(before, read, '/pg/')

  expect(short(result)).toEqual(['pg-old: nobody after pg-old-1', 'pg-test: pg-test-2', 'pg-new: pg-new-1'])
  expect([...result.leaders.keys()].sort()).toEqual(['/pg/pg-meta/leader', '/pg/pg-new/leader', key])
})

test('the first reading tells everything: we may have been away', () => {
  expect(short(afterReading(told(), [put(key, 'pg-test-1')], '/pg/'))).toEqual(['pg-test: pg-test-1'])
})
