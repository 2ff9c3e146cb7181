import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { historyOf } from '../../../controller/admin/history.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import { commitOf, samplePlan } from '../store/sample.ts'

let dir: string
let store: Store

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-history-'))
  store = openStore(join(dir, 'pgsvc.db'))
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

/** So many revisions of pg-a, each on n1; the first is on n2 too and stays there. */
async function publishTimes(times: number): Promise<void> {
  await store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2'], 'body 1'), 1, {}))
  for (let number = 2; number <= times; number += 1) {
    await store.commit(commitOf(samplePlan('pg-a', ['n1'], `body ${number}`), number, { n1: number - 1 }))
  }
}

test('a revision shows the nodes that it is assigned to now, the newest first', async () => {
  await publishTimes(2)

  const { revisions } = await historyOf(store, 'pg-a', 0)

  expect(revisions).toMatchObject([
    { number: 2, createdMs: 1_002, operator: 'ann', leader: 'pg-a-1', nodes: ['n1'] },
    { number: 1, createdMs: 1_001, nodes: ['n2'] },
  ])
})

test('an act shows the nodes it was for, and how it came out', async () => {
  await publishTimes(1)
  await store.finishAct('p1', 'pg-a', 'failed: n2')

  const { acts } = await historyOf(store, 'pg-a', 0)

  expect(acts).toEqual([
    {
      publishId: 'p1',
      atMs: 1_001,
      kind: 'publish',
      operator: 'ann',
      owner: 'pg-a',
      revision: 1,
      nodes: ['n1', 'n2'],
      outcome: 'failed: n2',
    },
  ])
})

test.each([
  ['no limit', 0, 20],
  ['a limit', 3, 3],
])('with %s the answer is bounded', async (_what, limit, expected) => {
  await publishTimes(22)

  const { revisions, acts } = await historyOf(store, 'pg-a', limit)

  expect([revisions?.length, acts?.length]).toEqual([expected, expected])
})

test('an owner that was never published is an error that names those that were', async () => {
  await expect(historyOf(store, 'pg-z', 0)).rejects.toMatchObject({
    code: 'OWNER_UNKNOWN',
    hint: 'nothing was published yet',
  })

  await publishTimes(1)

  await expect(historyOf(store, 'pg-z', 0)).rejects.toMatchObject({ hint: 'published: pg-a' })
})
