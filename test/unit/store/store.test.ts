import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NewEvent } from '../../../controller/events/event.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { LeaderRecord, Store } from '../../../controller/store/store.ts'
import { type LeaderReport, noTimings, unknownTimeline } from '../../../shared/model/leader.ts'
import { assignedTo, commitOf, samplePlan } from './sample.ts'

let dir: string
let store: Store

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-store-'))
  store = openStore(join(dir, 'pgsvc.db'))
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

function reopen(): void {
  store.close()
  store = openStore(join(dir, 'pgsvc.db'))
}

const sample = samplePlan('pg-test', ['n1', 'n2'], 'one')

test('what was committed is there after a restart', async () => {
  await store.commit(commitOf(sample, 1, {}))

  reopen()

  expect(await assignedTo(store, 'n1')).toBe('v1 pg-test@1')
  expect((await store.newestRevision('pg-test'))?.plan).toEqual(sample.plan)
  expect(await store.blobs(sample.blobs.keys())).toEqual(sample.blobs)
  expect((await store.acts('pg-test', 9))[0]).toMatchObject({
    kind: 'publish',
    operator: 'ann',
    outcome: 'committed',
  })
})

test('the database is readable by its owner alone', () => {
  expect(statSync(join(dir, 'pgsvc.db')).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, 'pgsvc.db-wal')).mode & 0o777).toBe(0o600)
})

test('a second process cannot open the database', () => {
  expect(() => openStore(join(dir, 'pgsvc.db'))).toThrow(expect.objectContaining({ code: 'STATE_IN_USE' }))
})

test('a commit that expects another version of a node writes nothing at all', async () => {
  await store.commit(commitOf(sample, 1, {}))

  const stale = store.commit(commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, { n1: 1, n2: 7 }))

  await expect(stale).rejects.toMatchObject({ code: 'STATE_MOVED' })
  expect(await assignedTo(store, 'n1')).toBe('v1 pg-test@1')
  expect((await store.newestRevision('pg-test'))?.number).toBe(1)
})

test('a revision number cannot be taken twice', async () => {
  await store.commit(commitOf(sample, 1, {}))

  await expect(store.commit(commitOf(sample, 1, { n1: 1, n2: 1 }, 'other'))).rejects.toMatchObject({
    code: 'STATE_MOVED',
  })
})

test('only the assigned nodes move to a new revision', async () => {
  await store.commit(commitOf(sample, 1, {}))
  const next = commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, {})

  await store.commit({
    ...next,
    assign: [{ owner: 'pg-test', node: 'n2', revision: 2 }],
    nodes: new Map([['n2', 1]]),
  })

  expect(await assignedTo(store, 'n1')).toBe('v1 pg-test@1')
  expect(await assignedTo(store, 'n2')).toBe('v2 pg-test@2')
})

test('an ended assignment leaves the snapshot and the version grows', async () => {
  await store.commit(commitOf(sample, 1, {}))

  await store.commit({
    ...commitOf(sample, 1, {}, 'gone'),
    revisions: [],
    assign: [],
    unassign: [{ owner: 'pg-test', node: 'n1' }],
    nodes: new Map([['n1', 1]]),
    acts: [],
  })

  expect(await assignedTo(store, 'n1')).toBe('v2')
})

const leads = (leader: string, timeline = 0, sinceMs = 5_000): LeaderRecord => {
  return { owner: 'pg-test', leader, sinceMs, source: 'patroni', timeline: { system: '7', timeline } }
}

test('a node that comes new starts with the leader that was followed; no node is moved by it', async () => {
  await store.commit(commitOf(sample, 1, {}))

  const isNews = await store.setLeader(leads('pg-test-2'))

  reopen()
  const { version, assignments } = await store.snapshot('n1')
  expect([isNews, version, assignments[0]?.leader]).toEqual([true, 1, 'pg-test-2'])
})

test('a followed leader that the revision does not know leaves the leader of the inventory', async () => {
  await store.commit(commitOf(sample, 1, {}))

  await store.setLeader(leads('pg-test-9'))

  expect((await store.snapshot('n1')).assignments[0]?.leader).toBe('pg-test-1')
})

test('a publish that was prepared before a leader was followed is committed all the same', async () => {
  await store.commit(commitOf(sample, 1, {}))
  const next = commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, { n1: 1, n2: 1 })

  await store.setLeader(leads('pg-test-2'))
  await store.commit(next)

  expect(await assignedTo(store, 'n1')).toBe('v2 pg-test@2')
})

test('the first to say that a leader was followed counts, a late word of an older one does not', async () => {
  await store.setLeader(leads('pg-test-1', 5, 1_000))

  const told = [
    await store.setLeader(leads('pg-test-2', 6, 2_000)),
    await store.setLeader(leads('pg-test-2', 6, 3_000)),
    await store.setLeader(leads('pg-test-1', 5, 4_000)),
  ]

  expect(told).toEqual([true, false, false])
  expect(await store.leaders()).toEqual([leads('pg-test-2', 6, 2_000)])
})

test('of a leader that is promoted once more the new timeline is known, and that it leads since long', async () => {
  await store.setLeader(leads('pg-test-1', 5, 1_000))

  const isNews = await store.setLeader(leads('pg-test-1', 7, 9_000))

  expect([isNews, await store.leader('pg-test')]).toEqual([false, leads('pg-test-1', 7, 1_000)])
})

test('the leader is forgotten with the last assignment of its cluster', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.setLeader(leads('pg-test-2'))
  const leave = (node: string, version: number) =>
    store.commit({
      ...commitOf(sample, 1, {}, `gone-${node}`),
      ...{ revisions: [], assign: [], acts: [], nodes: new Map([[node, version]]) },
      unassign: [{ owner: 'pg-test', node }],
    })

  await leave('n1', 1)
  const meanwhile = await store.leader('pg-test')
  await leave('n2', 1)

  expect([meanwhile?.leader, await store.leader('pg-test')]).toEqual(['pg-test-2', undefined])
})

const happened = (message: string, more: Partial<NewEvent> = {}): NewEvent => {
  return { atMs: 7, kind: 'publish', message, ...more }
}

test('events are numbered without gaps, survive a restart, and only the newest stay', async () => {
  store.close()
  store = openStore(join(dir, 'pgsvc.db'), 3)
  for (const message of ['a', 'b', 'c', 'd', 'e']) await store.addEvents([happened(message)])
  store.close()
  store = openStore(join(dir, 'pgsvc.db'), 3)

  await store.addEvents([happened('f')])

  const all = await store.events({ names: [], limit: 9 })
  expect(all.map(({ id, message }) => `${id} ${message}`)).toEqual(['4 d', '5 e', '6 f'])
  expect(await store.eventRange()).toEqual({ first: 4, last: 6 })
})

test('events are asked for by owner or node, the newest ones or those after a number', async () => {
  await store.addEvents([
    happened('a', { owner: 'pg-test', node: 'n1' }),
    happened('b', { owner: 'pg-meta', node: 'n2' }),
    happened('c', { node: 'n1' }),
    happened('d', { owner: 'pg-test', node: 'n3' }),
  ])
  const told = async (names: string[], limit: number, afterId?: number) =>
    (await store.events({ names, limit, afterId })).map(({ message }) => message).join('')

  expect(await told([], 2)).toBe('cd')
  expect(await told([], 2, 0)).toBe('ab')
  expect(await told(['pg-test', 'n1'], 9)).toBe('acd')
  expect(await told(['pg-test'], 1, 1)).toBe('d')
})

test('an event keeps the step that it is about', async () => {
  const report: LeaderReport = {
    ...{ owner: 'pg-test', step: 'held', leader: 'x', before: 'y', atMs: 1, source: 'patroni' },
    ...{ timings: noTimings, timeline: unknownTimeline, held: { code: 'TWO_LEADERS', message: 'x and y' } },
  }
  const event = happened('held', { kind: 'leader', owner: 'pg-test', node: 'n1', leader: report })

  await store.addEvents([event])

  expect(await store.events({ names: [], limit: 1 })).toEqual([{ id: 1, ...event }])
})

test('events of a commit are there when it is, and who listens is told', async () => {
  const told: string[] = []
  const stop = store.onEvents(() => told.push('rung'))
  const refused = store.commit({ ...commitOf(sample, 2, {}), events: [happened('never')] })
  await expect(refused).rejects.toMatchObject({ code: 'STATE_MOVED' })
  await store.commit({ ...commitOf(sample, 1, {}), events: [happened('published')] })
  stop()
  await store.addEvents([happened('later')])

  expect(told).toEqual(['rung'])
  expect((await store.events({ names: [], limit: 9 })).map(({ message }) => message)).toEqual([
    'published',
    'later',
  ])
})

test('the leaders whose variants run are corrected, of owners that are applied', async () => {
  await store.recordNode('n1', { applied: [{ owner: 'a', revision: 3, leader: 'a-1' }] })

  await store.recordNode('n1', {
    running: new Map([
      ['a', 'a-2'],
      ['b', 'b-1'],
    ]),
  })

  expect((await store.node('n1')).applied).toEqual([{ owner: 'a', revision: 3, leader: 'a-2' }])
})

test('what a node reported is merged with what it said before', async () => {
  await store.recordNode('n1', { agentVersion: '1', applied: [{ owner: 'a', revision: 3, leader: 'a-1' }] })

  await store.recordNode('n1', { haproxyVersion: '2.6.12', appliedVersion: 4 })

  reopen()
  expect(await store.node('n1')).toMatchObject({
    agentVersion: '1',
    haproxyVersion: '2.6.12',
    appliedVersion: 4,
    applied: [{ owner: 'a', revision: 3, leader: 'a-1' }],
    version: 0,
    failed: undefined,
  })
})

test('what a node runs and was never published here is kept, until it is published', async () => {
  await store.recordNode('n1', {
    applied: [
      { owner: 'pg-test', revision: 9, leader: '' },
      { owner: 'pg-lost', revision: 3, leader: '' },
    ],
  })

  expect((await store.snapshot('n1')).keptOwners).toEqual(['pg-test', 'pg-lost'])
  await store.commit(commitOf(sample, 1, {}))
  expect((await store.snapshot('n1')).keptOwners).toEqual(['pg-lost'])
})

test('an owner whose assignment has ended is not kept', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.recordNode('n1', { applied: [{ owner: 'pg-test', revision: 1, leader: '' }] })
  await store.commit({
    ...commitOf(sample, 1, {}, 'gone'),
    ...{ revisions: [], assign: [], acts: [], nodes: new Map([['n1', 1]]) },
    unassign: [{ owner: 'pg-test', node: 'n1' }],
  })

  expect(await store.snapshot('n1')).toMatchObject({ assignments: [], keptOwners: [] })
})

test('one that was published to other nodes alone since the database was lost is kept', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.recordNode('n9', { applied: [{ owner: 'pg-test', revision: 1, leader: '' }] })

  expect((await store.snapshot('n9')).keptOwners).toEqual(['pg-test'])
})

test('a failure is kept until it is taken back', async () => {
  const fault = { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'no' } as const
  const failed = { version: 2, fault, bootId: 'b', agentVersion: '1', haproxyVersion: '2' }
  await store.recordNode('n1', { failed })

  await store.recordNode('n1', { lastSeenMs: 9 })
  const kept = await store.node('n1')
  await store.recordNode('n1', { failed: null })

  expect(kept.failed).toEqual(failed)
  expect((await store.node('n1')).failed).toBeUndefined()
})

const outcomes = async () => (await store.acts('pg-test', 9)).map(({ outcome }) => outcome)

test('the outcome of an act replaces "committed"', async () => {
  await store.commit(commitOf(sample, 1, {}))

  await store.finishAct('p1', 'pg-test', 'failed: n2')

  expect(await outcomes()).toEqual(['failed: n2'])
})

test('a node that comes round after the command has ended corrects the outcome, also after a restart', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.finishAct('p1', 'pg-test', 'failed: n1, n2')

  await store.settle('n2', 1)
  const one = await outcomes()
  reopen()
  await store.settle('n1', 1)

  expect(one).toEqual(['failed: n1'])
  expect(await outcomes()).toEqual(['done'])
})

test('an act whose command never ended is done when its nodes have come round', async () => {
  await store.commit(commitOf(sample, 1, {}))

  await store.settle('n1', 1)
  const half = await outcomes()
  await store.settle('n2', 1)

  expect(half).toEqual(['committed'])
  expect(await outcomes()).toEqual(['done'])
})

test('a node that came round before the command ended does not count as failed', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.settle('n2', 1)

  await store.finishAct('p1', 'pg-test', 'failed: n2')

  expect(await outcomes()).toEqual(['done'])
})

test('what a later act replaced before the node came round stays failed', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.finishAct('p1', 'pg-test', 'failed: n2')
  await store.commit(commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, { n1: 1, n2: 1 }))
  await store.finishAct('p2', 'pg-test', 'failed: n2')

  await store.settle('n2', 2)

  expect(await outcomes()).toEqual(['done', 'failed: n2'])
})

test('a node that has only an older version is not done with a newer act', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.commit(commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, { n1: 1, n2: 1 }))
  await store.finishAct('p2', 'pg-test', 'failed: n2')

  await store.settle('n2', 1)

  expect((await outcomes())[0]).toBe('failed: n2')
})

test('a node that an act did not move and that could not be asked is named until it is heard', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.commit({
    ...commitOf(samplePlan('pg-test', ['n1', 'n2'], 'two'), 2, { n1: 1 }),
    assign: [],
    nodes: new Map([['n1', 1]]),
  })
  await store.finishAct('p2', 'pg-test', 'failed: n2')
  const before = await outcomes()

  await store.settle('n2', 1)

  expect([before[0], (await outcomes())[0]]).toEqual(['failed: n2', 'done'])
})

test('a node that loses its owner by an act counts for its outcome', async () => {
  await store.commit(commitOf(sample, 1, {}))
  await store.commit({
    ...commitOf(sample, 1, {}, 'gone'),
    kind: 'remove',
    revisions: [],
    assign: [],
    unassign: [{ owner: 'pg-test', node: 'n1' }],
    nodes: new Map([['n1', 1]]),
    acts: [{ owner: 'pg-test', revision: 0, nodes: ['n1'] }],
  })
  await store.finishAct('gone', 'pg-test', 'failed: n1')

  await store.settle('n1', 2)

  expect((await outcomes())[0]).toBe('done')
})
