import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LeaderReport, type LeaderView, noTimings } from '../../../shared/model/leader.ts'
import { commitOf, samplePlan } from '../store/sample.ts'
import { DeskBench } from './desk-bench.ts'

let bench: DeskBench

beforeEach(async () => {
  bench = new DeskBench()
  await bench.publish()
})

afterEach(() => bench.destroy())

const at = (timeline: number) => ({ system: '7', timeline })

test.each<[string, Partial<LeaderReport> & Pick<LeaderReport, 'step'>, string[]]>([
  ['suspected', { step: 'suspected' }, ['n2 < pg-a - (node:n1)', 'n3 < pg-a - (node:n1)']],
  ['confirmed', { step: 'confirmed' }, ['n2 < pg-a pg-a-2 (node:n1)', 'n3 < pg-a pg-a-2 (node:n1)']],
  ['told', { step: 'told' }, []],
  ['moved', { step: 'moved' }, []],
  ['unchanged', { step: 'unchanged' }, []],
  ['held', { step: 'held' }, []],
  ['failed', { step: 'failed' }, []],
  ['suspected because of a hint of ours', { step: 'suspected', source: 'controller' }, []],
  [
    'confirmed because of a hint of ours',
    { step: 'confirmed', source: 'controller' },
    ['n2 < pg-a pg-a-2 (node:n1)', 'n3 < pg-a pg-a-2 (node:n1)'],
  ],
])('what is passed on when a node has %s', async (_step, report, expected) => {
  await bench.report('n1', report)

  expect(bench.told).toEqual(expected)
})

test('hints go to nodes that are there', async () => {
  bench.connected.delete('n2')

  await bench.report('n1', { step: 'confirmed' })

  expect(bench.told).toEqual(['n3 < pg-a pg-a-2 (node:n1)'])
})

test('what several nodes say at once is passed on once, and again when it is said later', async () => {
  await bench.report('n1', { step: 'confirmed', timeline: at(4) })
  bench.nowMs += 199
  await bench.report('n2', { step: 'confirmed', timeline: at(4) })
  const meanwhile = [...bench.told]
  await bench.report('n2', { step: 'confirmed', timeline: at(5) })
  bench.nowMs += 1
  await bench.report('n3', { step: 'confirmed', timeline: at(4) })

  expect(meanwhile).toEqual(['n2 < pg-a pg-a-2 (node:n1)', 'n3 < pg-a pg-a-2 (node:n1)'])
  expect(bench.told.slice(2)).toEqual([
    ...['n1 < pg-a pg-a-2 (node:n2)', 'n3 < pg-a pg-a-2 (node:n2)'],
    ...['n1 < pg-a pg-a-2 (node:n3)', 'n2 < pg-a pg-a-2 (node:n3)'],
  ])
})

test('a node that invents leader after leader is not passed on without end', async () => {
  for (let i = 0; i < 50; i += 1) await bench.report('n1', { step: 'confirmed', leader: `x-${i}` })

  expect(bench.told.filter((line) => line.startsWith('n2'))).toHaveLength(5)
})

test.each([
  ['another cluster', 'pg-b'],
  ['a cluster that nobody knows', 'pg-none'],
  ['services of nodes, which have no leader', 'node:n1'],
])('what a node says of %s is dropped, with one warning a minute', async (_what, owner) => {
  await bench.report('n1', { step: 'confirmed', owner })
  await bench.report('n1', { step: 'moved', owner, leader: `${owner}-2` })
  const first = bench.warnings.length
  bench.nowMs += 60_000
  await bench.report('n1', { step: 'confirmed', owner })

  expect([first, bench.warnings.length]).toEqual([1, 2])
  expect([bench.told, await bench.events(), await bench.followed(owner)]).toEqual([[], [], undefined])
})

test('the leader is recorded when the first node has moved, and not before', async () => {
  const steps: (string | undefined)[] = []
  for (const step of ['suspected', 'confirmed', 'told', 'moved'] as const) {
    await bench.report('n1', { step })
    steps.push(await bench.followed())
  }

  expect(steps).toEqual([undefined, undefined, undefined, 'pg-a-2'])
})

test('a leader leads since it was first confirmed, and what was first to know is named', async () => {
  await bench.report('n1', { step: 'suspected', source: 'callback' })
  bench.nowMs += 60
  const confirmedMs = bench.nowMs
  await bench.report('n2', { step: 'confirmed', source: 'controller' })
  bench.nowMs += 30
  await bench.report('n1', { step: 'confirmed', source: 'callback' })
  bench.nowMs += 3_000
  await bench.report('n2', { step: 'moved', source: 'controller', timeline: at(5) })
  bench.nowMs += 500
  await bench.report('n1', { step: 'moved', source: 'callback', timeline: at(5) })

  expect(await bench.store.leader('pg-a')).toEqual({
    ...{ owner: 'pg-a', leader: 'pg-a-2', sinceMs: confirmedMs, source: 'callback', timeline: at(5) },
  })
})

test('a leader that was confirmed before the controller started leads since then', async () => {
  const timings = { confirmMs: 60, tellMs: 20, moveMs: 3_100 }

  await bench.report('n1', { step: 'moved', timings })

  expect((await bench.store.leader('pg-a'))?.sinceMs).toBe(bench.nowMs - 3_040)
})

test('what a node did while it was cut off is kept with its own time, passed on to nobody, and dates the record', async () => {
  const atMs = bench.nowMs - 60_000
  await bench.report('n1', { step: 'confirmed', late: true, atMs })
  await bench.report('n1', { step: 'moved', late: true, atMs: atMs + 3_000, leader: 'pg-a-2' })

  expect([bench.told, await bench.followed()]).toEqual([[], undefined])
  expect(await bench.events()).toEqual([
    `n1: pg-a-2 leads, after pg-a-1: confirmed in 0 ms (patroni) (at ${iso(atMs)} by its clock, while it was cut off)`,
    `n1: the variant of pg-a-2 is in place, 3000 ms after the first hint (at ${iso(atMs + 3_000)} by its clock, while it was cut off)`,
  ])
  await bench.report('n1', { step: 'moved', source: 'connect' })
  expect((await bench.store.leader('pg-a'))?.sinceMs).toBe(atMs)
  expect(await bench.events()).toHaveLength(2)
})

const iso = (ms: number) => new Date(ms).toISOString()

test('a report that was long on its way does not bring the former leader back', async () => {
  await bench.report('n1', { step: 'moved', leader: 'pg-a-2', timeline: at(5) })

  await bench.report('n2', { step: 'moved', leader: 'pg-a-1', timeline: at(4) })

  expect(await bench.followed()).toBe('pg-a-2')
  await bench.report('n2', { step: 'moved', leader: 'pg-a-1', timeline: at(6) })
  expect(await bench.followed()).toBe('pg-a-1')
})

test('a leader that no revision knows is told of, and not recorded', async () => {
  await bench.report('n1', { step: 'moved', leader: 'pg-a-9' })

  expect([await bench.followed(), bench.warnings.length]).toEqual([undefined, 1])
})

test('the variant that runs is known when the node has moved', async () => {
  await bench.store.recordNode('n1', { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }] })

  await bench.report('n1', { step: 'moved' })

  expect((await bench.store.node('n1')).applied).toEqual([{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }])
})

test('a node that has connected and says whose variant it runs is no event, unless that is news', async () => {
  for (const node of ['n1', 'n2']) {
    await bench.store.recordNode(node, { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }] })
  }
  const timings = { confirmMs: 60, tellMs: 20, moveMs: 3_100 }
  const sinceMs = 700_000
  bench.views.set('n1', [view({ sinceMs })])

  for (const node of ['n1', 'n2', 'n1']) await bench.report(node, { step: 'moved', before: '', timings })

  expect(await bench.events()).toEqual([
    'n1: the variant of pg-a-2 is in place, 3100 ms after the first hint',
  ])
  expect(await bench.store.leader('pg-a')).toMatchObject({ leader: 'pg-a-2', sinceMs })
})

test('every node that has moved is an event, also when it was seen to run the variant before it said so', async () => {
  const timings = { confirmMs: 60, tellMs: 20, moveMs: 3_100 }
  for (const node of ['n1', 'n2']) {
    await bench.store.recordNode(node, { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }] })
    await bench.report(node, { step: 'moved', timings, done: true })
  }

  const done = 'the variant of pg-a-2 is in place, 3100 ms after the first hint'
  expect(await bench.events()).toEqual([`n1: ${done}`, `n2: ${done}`])
})

test('every step is an event; one that is tried again and again is one a minute', async () => {
  const timings = { confirmMs: 62, tellMs: 22, moveMs: 3_100 }
  const held = { code: 'TELL_FAILED', message: 'no answer' }
  for (const step of ['suspected', 'confirmed', 'failed', 'failed', 'told', 'moved'] as const) {
    await bench.report('n1', { step, timings, held: step === 'failed' ? held : undefined })
  }

  expect(await bench.events()).toEqual([
    'n1: pg-a-1 may no longer lead (patroni)',
    'n1: pg-a-2 leads, after pg-a-1: confirmed in 62 ms (patroni)',
    'n1: failed, and is tried again: TELL_FAILED: no answer',
    'n1: HAProxy was told that pg-a-2 leads, 84 ms after the first hint',
    'n1: the variant of pg-a-2 is in place, 3100 ms after the first hint',
  ])
})

test('a node that goes round in circles does not push everything else out of the events', async () => {
  let kept = 0
  bench.store.addEvents = async (events) => {
    kept += events.length
  }
  for (let i = 0; i < 1_200; i += 1) await bench.report('n1', { step: 'failed', leader: `x-${i}` })
  const ofOne = kept
  await bench.report('n2', { step: 'failed' })
  bench.nowMs += 600_000
  await bench.report('n1', { step: 'failed' })

  // With the one that says that further ones are not kept.
  expect([ofOne, kept, bench.warnings.length]).toEqual([1_001, 1_003, 1])
})

test('what a node writes without end is cut short before it is kept', async () => {
  await bench.report('n1', { step: 'held', held: { code: 'X', message: 'y'.repeat(10_000) } })

  expect((await bench.events())[0]?.length).toBeLessThan(600)
})

const outside = { timeline: at(5), source: 'etcd' }

test.each([
  ['a member', { scope: 'pg-a', instance: 'pg-a-2' }, ['pg-a pg-a-2']],
  ['nobody', { scope: 'pg-a', instance: '' }, ['pg-a -']],
  ['a member of one group of Citus', { scope: 'shard', instance: 'pg-a-2' }, ['pg-a pg-a-2']],
  ['nobody any more in a group of Citus', { scope: 'shard', instance: '', before: 'pg-a-1' }, ['pg-a -']],
  ['a member that no revision knows', { scope: 'pg-a', instance: 'pg-a-9' }, ['pg-a pg-a-9']],
  ['a name of another kind', { scope: 'pg-a', instance: 'db1' }, ['pg-a db1']],
  ['a member of a cluster that is not published', { scope: 'pg-x', instance: 'pg-x-1' }, []],
  ['nobody, of whom nothing was known', { scope: 'shard', instance: '' }, []],
])('a hint from outside about %s', async (_what, hint, expected) => {
  await bench.desk.hint({ ...outside, ...hint })

  expect(bench.told).toEqual(
    expected.flatMap((said) => ['n1', 'n2', 'n3'].map((node) => `${node} < ${said} (etcd)`)),
  )
})

test('a leader from outside that no revision knows is an event, once a minute', async () => {
  for (let i = 0; i < 3; i += 1) {
    await bench.desk.hint({ ...outside, scope: 'pg-a', instance: 'pg-a-9' })
    bench.nowMs += 1_000
  }

  expect(await bench.events()).toEqual([
    '-: not followed: LEADER_UNKNOWN: etcd says that pg-a-9 leads, and no revision of pg-a has such a member',
  ])
})

test('a member of the revision before the newest is known as long as it is assigned', async () => {
  const { plan, blobs } = samplePlan('pg-a', ['n1'], 'two')
  const smaller = { plan: { ...plan, members: plan.members.slice(0, 1) }, blobs }
  await bench.store.commit(commitOf(smaller, 2, { n1: 1 }))

  await bench.desk.hint({ ...outside, scope: 'pg-a', instance: 'pg-a-2' })

  expect([bench.told.length, await bench.events()]).toEqual([3, []])
})

test('a node that comes back is told of leaders that were followed meanwhile, and of no others', async () => {
  await bench.report('n3', { step: 'moved' })
  await bench.report('n3', { step: 'moved', owner: 'pg-b', leader: 'pg-b-2' })
  const running = new Map([
    ['pg-a', 'pg-a-1'],
    ['pg-b', 'pg-b-2'],
  ])

  await bench.desk.greeted('n3', running)
  await bench.desk.greeted('n2', new Map())

  expect(bench.told).toEqual(['n3 < pg-a pg-a-2 (followed)'])
})

function view(more: Partial<LeaderView> = {}): LeaderView {
  return {
    ...{ owner: 'pg-a', leader: 'pg-a-2', confirmed: true, sinceMs: 900_000, running: 'pg-a-2' },
    ...{ timings: noTimings, source: 'patroni', follow: 'on', held: undefined, ...more },
  }
}

/** Each node says the same every five seconds. */
async function observeFor(ms: number, views: Readonly<Record<string, LeaderView>>): Promise<void> {
  for (let passedMs = 0; passedMs <= ms; passedMs += 5_000) {
    for (const [node, said] of Object.entries(views)) await bench.observe(node, said)
    bench.nowMs += 5_000
  }
}

test('a leader that all nodes have followed without the controller is recorded after ten seconds', async () => {
  const all = { n1: view(), n2: view({ sinceMs: 950_000 }), n3: view() }
  await observeFor(5_000, all)
  const early = await bench.followed()
  await observeFor(10_000, all)

  expect(early).toBeUndefined()
  expect(await bench.store.leader('pg-a')).toMatchObject({ leader: 'pg-a-2', sinceMs: 950_000 })
  expect(await bench.events()).toEqual(['-: pg-a-2 leads, as all nodes say that follow'])
})

test('one that they had followed before this controller published anything is recorded, too', async () => {
  bench.destroy()
  bench = new DeskBench()
  const all = { n1: view(), n2: view(), n3: view() }
  await observeFor(15_000, all)
  expect(await bench.followed()).toBeUndefined()

  await bench.publish()
  await bench.desk.published(['pg-a', 'pg-b'])
  await observeFor(15_000, all)

  expect([await bench.followed(), await bench.followed('pg-b')]).toEqual(['pg-a-2', undefined])
})

test.each<[string, Record<string, LeaderView>]>([
  [
    'one of them says something else',
    { n1: view(), n2: view(), n3: view({ leader: 'pg-a-1', running: 'pg-a-1' }) },
  ],
  ['one of them says nothing', { n1: view(), n2: view() }],
  [
    'no revision knows the leader',
    Object.fromEntries(
      ['n1', 'n2', 'n3'].map((node) => [node, view({ leader: 'pg-a-9', running: 'pg-a-9' })]),
    ),
  ],
  [
    'only nodes say so that do not follow',
    Object.fromEntries(['n1', 'n2', 'n3'].map((node) => [node, view({ follow: 'report' })])),
  ],
])('nothing is recorded when %s', async (_what, views) => {
  await observeFor(30_000, views)

  expect(await bench.followed()).toBeUndefined()
})

test('that all runs as it was published is recorded too, and is no event', async () => {
  const same = view({ leader: 'pg-a-1', running: 'pg-a-1', sinceMs: 0 })
  await observeFor(15_000, { n1: same, n2: same, n3: same })

  expect([await bench.followed(), await bench.events()]).toEqual(['pg-a-1', []])
})

test('a node that stays where it is does not hold off what the inventory says next', async () => {
  bench.views.set('n1', [view({ follow: 'report' })])

  await bench.report('n1', { step: 'moved' })
  await bench.report('n2', { step: 'moved', timings: noTimings })

  expect(await bench.followed()).toBeUndefined()
})

test('a node that is alone with an old belief does not bring the former leader back', async () => {
  await bench.report('n1', { step: 'moved', leader: 'pg-a-2', timeline: at(5) })
  bench.connected.delete('n1')
  bench.connected.delete('n2')

  await observeFor(30_000, { n3: view({ leader: 'pg-a-1', running: 'pg-a-1', sinceMs: 500_000 }) })

  expect(await bench.followed()).toBe('pg-a-2')
})

test('a cluster that was put back from a backup is followed, though its timeline is an older one', async () => {
  await bench.report('n1', { step: 'moved', leader: 'pg-a-2', timeline: at(5) })
  bench.nowMs += 600_000
  await bench.report('n1', { step: 'moved', leader: 'pg-a-1', timeline: at(3) })
  const refused = await bench.followed()
  const back = view({ leader: 'pg-a-1', running: 'pg-a-1', sinceMs: bench.nowMs })

  await observeFor(15_000, { n1: back, n2: back, n3: back })

  expect([refused, await bench.followed()]).toEqual(['pg-a-2', 'pg-a-1'])
})

test('a store that fails does not hold hints back', async () => {
  bench.store.addEvents = async () => {
    throw new Error('disk full')
  }

  await bench.report('n1', { step: 'confirmed' })
  await bench.report('n2', { step: 'confirmed', timeline: at(9) })

  expect(bench.told).toHaveLength(4)
})
