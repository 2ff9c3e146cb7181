/** The keys of a real Patroni with two Citus groups, from etcd to the nodes: test/unit/follow/recorded/README.md. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { afterChanges, afterReading, type Told } from '../../../controller/etcd/leader-hints.ts'
import { leaderKeyOf } from '../../../controller/etcd/leader-key.ts'
import { commitOf, samplePlan } from '../store/sample.ts'
import { DeskBench } from './desk-bench.ts'

/** Without a value: removed. */
const change = z
  .object({ key: z.string(), value: z.string().optional() })
  .transform(({ key, value }) => ({ key, value }))
const schema = z.object({ before: z.array(change), changes: z.array(change), after: z.array(change) })

const file = new URL('../follow/recorded/patroni-4.0.7-citus-etcd.json', import.meta.url)
const recorded = schema.parse(JSON.parse(readFileSync(file, 'utf8')))
const prefix = '/pg/'

let bench: DeskBench

beforeEach(() => {
  bench = new DeskBench()
})

afterEach(() => bench.destroy())

/** Pigsty's names: `pg_shard: pg-citus`, and a cluster for each group; n4 serves a cluster that is named like the shard. */
async function publish(owners: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [owner, nodes] of Object.entries(owners)) {
    await bench.store.commit(commitOf(samplePlan(owner, nodes, 'one'), 1, {}, owner))
  }
}

const everybody = { 'pg-citus0': ['n1', 'n2'], 'pg-citus1': ['n3'], 'pg-citus': ['n4'] }

/** What nodes are told of hints. */
async function told({ hints }: Told): Promise<readonly string[]> {
  bench.told.length = 0
  for (const hint of hints) await bench.desk.hint(hint)
  return [...bench.told]
}

test('of all keys that Patroni keeps, one of each group is who leads', () => {
  const found = [...recorded.before, ...recorded.after].flatMap(({ key, value }) => {
    const at = leaderKeyOf(key, prefix)
    return at ? [`${at.scope} ${at.group}: ${value}`] : []
  })

  expect(found).toEqual([
    ...['pg-citus 0: pg-citus0-1', 'pg-citus 1: pg-citus1-1'],
    ...['pg-citus 0: pg-citus0-1', 'pg-citus 1: pg-citus1-2'],
  ])
})

test('each group’s leader is a hint for the nodes of the cluster that has this member, and for no others', async () => {
  await publish(everybody)

  expect(await told(afterReading(new Map(), recorded.before, prefix))).toEqual([
    ...['n1 < pg-citus0 pg-citus0-1 (etcd)', 'n2 < pg-citus0 pg-citus0-1 (etcd)'],
    'n3 < pg-citus1 pg-citus1-1 (etcd)',
  ])
  expect(await bench.events()).toEqual([])
})

test('a switchover of one group is told to its nodes alone, watched or read afterwards', async () => {
  await publish(everybody)
  const first = afterReading(new Map(), recorded.before, prefix)

  const watched = afterChanges(first.leaders, recorded.changes, prefix)
  const read = afterReading(first.leaders, recorded.after, prefix)

  expect(await told(watched)).toEqual(['n3 < pg-citus1 - (etcd)', 'n3 < pg-citus1 pg-citus1-2 (etcd)'])
  bench.nowMs += 60_000
  expect(await told(read)).toEqual(['n3 < pg-citus1 pg-citus1-2 (etcd)'])
  expect([...watched.leaders]).toEqual([...read.leaders])
  expect(await bench.events()).toEqual([])
})

test('a group that is not published is nobody’s, though another one is, and a cluster of the shard’s name', async () => {
  await publish({ 'pg-citus0': ['n1', 'n2'], 'pg-citus': ['n4'] })
  const first = afterReading(new Map(), recorded.before, prefix)
  await told(first)

  expect(await told(afterChanges(first.leaders, recorded.changes, prefix))).toEqual([])
  expect(await bench.events()).toEqual([])
})
