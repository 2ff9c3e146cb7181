import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PublishEvent } from '../../../controller/publish/events.ts'
import { samplePlan } from '../store/sample.ts'
import { Bench, nack } from './bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench('n1', 'n2')
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'one'))
})

afterEach(() => bench.destroy())

const sinceMs = Date.UTC(2026, 10, 21, 14, 2, 11)
const timeline = { system: '7', timeline: 2 }

function follow(leader: string): Promise<boolean> {
  return bench.store.setLeader({ owner: 'pg-a', leader, sinceMs, source: 'patroni', timeline })
}

const never = new AbortController().signal

function rollback(): Promise<PublishEvent[]> {
  return bench.act((how, emit) => bench.publisher.rollback('pg-a', 0, how, emit, never))
}

function warnings(events: readonly PublishEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'warning' ? [`${event.notice.code}: ${event.notice.message}`] : [],
  )
}

test('a publish says that the leader that was followed stays, and gives nodes its variant', async () => {
  await bench.publish('pg-a')
  await follow('pg-a-2')
  let prepared: readonly string[] = []
  bench.node('n1').onPrepare = ({ snapshot }) => {
    prepared = snapshot.assignments.map(({ leader }) => leader)
    return { kind: 'ack', change: 'reload', reasons: [], timings: noTime, liveFiles: [] }
  }

  const events = await bench.publish('pg-a')

  expect(warnings(events)).toEqual([
    'LEADER_FOLLOWED: inventory says pg-a-1 leads, Patroni says pg-a-2 since 2026-11-21T14:02:11Z: its variant stays in place where agents follow',
  ])
  expect(prepared).toEqual(['pg-a-2'])
})

const noTime = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }

test('a rollback says it too', async () => {
  await bench.publish('pg-a')
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'two'))
  await bench.publish('pg-a')
  await follow('pg-a-2')

  expect(warnings(await rollback())[0]).toMatch(/^LEADER_FOLLOWED/)
})

test('after nodes that did not follow, its variant is told to come', async () => {
  setPolicy('report')
  await bench.publish('pg-a')
  await follow('pg-a-2')
  setPolicy('on')

  expect(warnings(await bench.publish('pg-a'))).toEqual([
    'LEADER_FOLLOWED: inventory says pg-a-1 leads, Patroni says pg-a-2 since 2026-11-21T14:02:11Z: its variant is put in place where agents follow',
  ])
})

test('holding nodes off while another leads brings the leader of the inventory back, and says so once', async () => {
  await bench.publish('pg-a')
  await follow('pg-a-2')
  setPolicy('report')

  const events = await bench.publish('pg-a')

  expect(warnings(events)).toEqual([
    'LEADER_LEFT: inventory says pg-a-1 leads, Patroni says pg-a-2 since 2026-11-21T14:02:11Z: with pgsvc_follow: report the variant of pg-a-1 is put in place',
  ])
  expect(hints(events)).toEqual(['give pg-a-2 pg_role: primary and pg-a-1 another first'])
  expect(warnings(await bench.publish('pg-a'))).toEqual([])
})

test('so does a rollback to a revision that did not follow', async () => {
  setPolicy('report')
  await bench.publish('pg-a')
  setPolicy('on')
  await bench.publish('pg-a')
  await follow('pg-a-2')

  expect(warnings(await rollback())[0]).toMatch(/^LEADER_LEFT/)
})

function setPolicy(policy: 'on' | 'report'): void {
  const { plan, blobs } = samplePlan('pg-a', ['n1', 'n2'], 'one')
  bench.inventory.set('pg-a', { plan: { ...plan, follow: policy }, blobs })
}

function hints(events: readonly PublishEvent[]): readonly (string | undefined)[] {
  return events.flatMap((event) => (event.kind === 'warning' ? [event.notice.hint] : []))
}

test.each([
  ['nobody was followed', undefined],
  ['the leader of the inventory leads', 'pg-a-1'],
])('nothing is said when %s', async (_what, leader) => {
  if (leader) await follow(leader)

  expect(warnings(await bench.publish('pg-a'))).toEqual([])
})

test('nothing is said when it is for the inventory to say who leads', async () => {
  await follow('pg-a-2')
  setPolicy('report')

  expect(warnings(await bench.publish('pg-a'))).toEqual([])
  expect((await bench.store.snapshot('n1')).assignments[0]?.leader).toBe('pg-a-1')
})

test('a leader that the inventory no longer has is told as what it is', async () => {
  await follow('pg-a-9')

  expect(warnings(await bench.publish('pg-a'))).toEqual([
    'LEADER_UNKNOWN: inventory says pg-a-1 leads, Patroni says pg-a-9 since 2026-11-21T14:02:11Z, and is no member of it: the variant of pg-a-1 is put in place',
  ])
})

test('acts are events, and what did not come through is one more', async () => {
  bench.node('n2').onCommit = () => nack({ stage: 'reload', code: 'RELOAD_FAILED' })
  await bench.publish('pg-a')
  bench.node('n2').onPrepare = () => nack({ owner: 'pg-a', code: 'HAPROXY_REFUSED' })
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'two'))
  await bench.publish('pg-a')
  await bench.act((how, emit) => bench.publisher.remove('pg-a', ['n1'], how, emit, never))

  const events = await bench.store.events({ names: [], limit: 20 })

  expect(
    events.map(({ kind, owner, node, message }) => [kind, owner, node ?? '-', message].join(' ')),
  ).toEqual([
    'publish pg-a - ann published @1 on n1, n2',
    'publish pg-a - the publish of @1 by ann failed on n2',
    'refused pg-a n2 a publish was refused: HAPROXY_REFUSED: refused',
    'remove pg-a - ann took it off n1',
  ])
})
