import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { statusOf } from '../../../controller/admin/status.ts'
import { decodeMessage, encodeMessage } from '../../../controller/cli/wire-codec.ts'
import type { EtcdState } from '../../../controller/etcd/etcd-status.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { NodeReport, Store } from '../../../controller/store/store.ts'
import type { Session } from '../../../controller/stream/session.ts'
import { createSessionHub, type SessionHub } from '../../../controller/stream/session-hub.ts'
import { createLogger } from '../../../shared/log/logger.ts'
import { type LeaderReport, type LeaderView, unknownTimeline } from '../../../shared/model/leader.ts'
import { leaderReportToWire, leaderViewToWire } from '../../../shared/rpc/convert-leader.ts'
import type { LeaderReport__Output } from '../../../shared/rpc/generated/pgsvc/v1/LeaderReport.ts'
import type {
  LeaderView__Output,
  LeaderView as WireView,
} from '../../../shared/rpc/generated/pgsvc/v1/LeaderView.ts'
import type { Observation__Output } from '../../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import { deafPorts } from '../../support/deaf-ports.ts'
import { commitOf, samplePlan } from '../store/sample.ts'

let dir: string
let store: Store
let hub: SessionHub

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-status-'))
  store = openStore(join(dir, 'pgsvc.db'))
  const clock = { now: () => 7_000, monotonic: () => 0, sleep: () => new Promise<void>(() => undefined) }
  const log = createLogger('test', 'silent')
  hub = createSessionHub({
    store,
    clock,
    log,
    newNonce: () => 'nonce',
    heartbeatMs: 1,
    silenceMs: 3,
    ...deafPorts,
  })
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

/** A session that has said Hello and nothing else; its Hello is not recorded. */
function connect(node: string): Session {
  const hello = {
    ...{ node, agentVersion: '1', haproxyVersion: '2.6.12', bootId: 'boot', layout: 'conf.d' },
    ...{ applied: [], appliedVersion: 0, lastFailed: null, failedVersion: 0, heldDigests: [] },
  }
  return hub.open(node, hello, { write: () => undefined, fail: () => undefined })
}

function observe(session: Session, what: Partial<Observation__Output>): void {
  const well = {
    haproxyRunning: true,
    workerPid: 1,
    servicesDown: [],
    drift: [],
    servingApplied: true,
    oldWorkers: [],
    lastReload: null,
    lastRepair: null,
    leaders: [],
    standing: null,
    certificate: null,
  }
  session.receive({ observation: { ...well, ...what } })
}

test('what a node tells of its old workers and its last reload is shown while it is connected', async () => {
  const oldWorkers = [{ pid: 7, oldForS: 60, sessions: 2, silent: false }]
  const lastReload = { atMs: 5, reasons: ['a.cfg added'], sessionsLeft: 2 }
  const session = connect('n1')
  observe(session, { oldWorkers, lastReload })

  expect(await nodeOf('n1')).toMatchObject({ oldWorkers, lastReload })
  hub.closed(session)
  await store.recordNode('n1', {})
  expect(await nodeOf('n1')).toMatchObject({ oldWorkers: [], lastReload: null })
})

async function nodeOf(name: string) {
  return (await statusOf(store, hub, [])).nodes?.find(({ node }) => node === name)
}

const fault = { stage: 'reload', code: 'RELOAD_FAILED', message: 'no' } as const
const failedAt = (version: number): NodeReport => ({
  failed: { version, fault, bootId: 'boot', agentVersion: '1', haproxyVersion: '2.6.12' },
})

test.each<[string, Partial<Observation__Output>, readonly string[]]>([
  ['nothing wrong', {}, []],
  ['HAProxy down', { haproxyRunning: false, servingApplied: false }, ['HAProxy is not running']],
  ['old files loaded', { servingApplied: false }, ['HAProxy has not loaded what was applied']],
  [
    'an old worker that stands still',
    { oldWorkers: [{ pid: 7, oldForS: 60, sessions: 0, silent: true }] },
    [
      'the old worker 7 of HAProxy does not answer: if it stands still, a part of new connections waits for it (kill -9 7)',
    ],
  ],
  ['a dead service', { servicesDown: ['pg-a-primary'] }, ['no server of pg-a-primary is up']],
  [
    'files that the agent takes care of',
    {
      drift: [
        { name: 'a.cfg', kind: 'changed', owner: 'pg-a', action: 'left', diff: '-a\n+b\n' },
        { name: 'b.cfg', kind: 'missing', owner: 'pg-a', action: 'waiting', diff: '' },
        { name: 'c.cfg', kind: 'missing', owner: 'pg-a', action: 'fight', diff: '' },
        { name: 'd.cfg', kind: 'missing', owner: 'pg-a', action: 'failed', diff: '' },
      ],
      lastRepair: {
        ...{ atMs: 5, restored: ['d.cfg'], repaired: [], othersVanished: [], change: 'CHANGE_UNSPECIFIED' },
        fault: {
          ...{ stage: 'STAGE_RELOAD', code: 'RELOAD_FAILED', message: 'no' },
          owner: '',
          file: '',
          line: 0,
          haproxy: '',
        },
      },
    },
    [
      'a.cfg changed, left as it is',
      'b.cfg missing, is put back when nobody has changed anything for a while',
      'c.cfg missing: FIGHT, somebody did it again and again, left alone for now',
      'd.cfg missing, could not be put back: RELOAD_FAILED: no',
    ],
  ],
  [
    'files of other hands',
    {
      drift: [
        { name: 'a.cfg', kind: 'changed', owner: 'pg-a', action: '', diff: '' },
        { name: 'b.cfg', kind: 'missing', owner: 'pg-a', action: '', diff: '' },
      ],
    },
    ['a.cfg changed', 'b.cfg missing'],
  ],
])('of an up-to-date node with %s the problems are told in words', async (_what, observation, problems) => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'one'), 1, {}))
  await store.recordNode('n1', { appliedVersion: 1 })

  observe(connect('n1'), observation)

  expect(await nodeOf('n1')).toMatchObject({
    connected: true,
    sinceMs: 7_000,
    healthy: problems.length === 0,
    problems,
  })
})

test.each<[string, NodeReport, { parked: boolean; code: string | undefined; problems: readonly string[] }]>([
  ['has applied what it should', { appliedVersion: 2 }, { parked: false, code: undefined, problems: [] }],
  [
    'has an older version',
    { appliedVersion: 1 },
    { parked: false, code: undefined, problems: ['does not run what it should'] },
  ],
  [
    'refused what it should have',
    { appliedVersion: 1, ...failedAt(2) },
    { parked: true, code: 'RELOAD_FAILED', problems: ['does not run what it should'] },
  ],
  [
    'refused an older version only',
    { appliedVersion: 0, ...failedAt(1) },
    { parked: false, code: 'RELOAD_FAILED', problems: ['does not run what it should'] },
  ],
  [
    'runs what was never published here',
    { appliedVersion: 2, applied: [{ owner: 'pg-old', revision: 4, leader: '' }] },
    { parked: false, code: undefined, problems: ['runs pg-old, which was never published to it from here'] },
  ],
])('a node that %s', async (_what, report, { parked, code, problems }) => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'one'), 1, {}))
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'two'), 2, { n1: 1 }))
  await store.recordNode('n1', report)
  observe(connect('n1'), {})

  const node = await nodeOf('n1')

  expect([node?.parked, node?.fault?.code, node?.problems]).toEqual([parked, code, problems])
  expect(node).toMatchObject({ wantedVersion: 2, appliedVersion: report.appliedVersion })
})

test('a node that is connected and has told nothing of HAProxy yet is not called healthy', async () => {
  connect('n1')

  expect(await nodeOf('n1')).toMatchObject({
    connected: true,
    healthy: false,
    problems: ['nothing observed yet'],
  })
})

test('a node without a stream is not connected, and since when it was heard last', async () => {
  await store.recordNode('n1', { lastSeenMs: 5_000 })

  expect(await nodeOf('n1')).toMatchObject({
    connected: false,
    sinceMs: 5_000,
    problems: ['not connected'],
  })
})

test('a node is offline since its stream ended, however long before it said something last', async () => {
  await store.recordNode('n1', { lastSeenMs: 5_000 })

  hub.closed(connect('n1'))
  await new Promise(setImmediate)

  expect(await nodeOf('n1')).toMatchObject({ connected: false, sinceMs: 7_000 })
})

test('a node whose session was given up is not connected, though its stream is not closed yet', async () => {
  await store.recordNode('n1', { lastSeenMs: 5_000 })
  const session = connect('n1')
  observe(session, {})

  session.fail(14, 'nothing heard')

  expect(hub.connected()).toEqual([])
  expect(await nodeOf('n1')).toMatchObject({ connected: false, sinceMs: 5_000, problems: ['not connected'] })
})

test('an owner shows where it is assigned and where it runs, each with its own revision', async () => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2', 'n9'], 'one'), 1, {}))
  await store.commit({
    ...commitOf(samplePlan('pg-a', ['n9'], 'one'), 1, { n9: 1 }),
    ...{ publishId: 'removal', kind: 'remove', revisions: [], blobs: new Map(), assign: [] },
    unassign: [{ owner: 'pg-a', node: 'n9' }],
  })
  await store.recordNode('n1', { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }] })
  await store.recordNode('n9', { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }] })
  // From before this database: what it says it runs is no matter of the cluster's.
  await store.recordNode('n8', { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }] })

  const { owners } = await statusOf(store, hub, [])

  expect(owners).toEqual([
    {
      owner: 'pg-a',
      newest: 1,
      leader: 'pg-a-1',
      provider: '',
      ...{ inventoryLeader: 'pg-a-1', leaderSinceMs: 0, followedInMs: 0, follow: 'FOLLOW_UNSPECIFIED' },
      ...{ liveLeader: '', liveSinceMs: 0 },
      nodes: [
        { node: 'n1', assigned: 1, running: 1, leader: 'pg-a-1', wantedLeader: 'pg-a-1' },
        { node: 'n2', assigned: 1, running: 0, leader: '', wantedLeader: 'pg-a-1' },
        { node: 'n9', assigned: 0, running: 1, leader: 'pg-a-2', wantedLeader: 'pg-a-1' },
      ],
    },
  ])
})

const view = (more: Partial<LeaderView> = {}): LeaderView => {
  const timings = { confirmMs: 60, tellMs: 20, moveMs: 3_000 }
  const plain = { owner: 'pg-a', leader: 'pg-a-2', confirmed: true, sinceMs: 5, running: 'pg-a-2' }
  return { ...plain, timings, source: 'patroni', follow: 'on', held: undefined, ...more }
}

test('the leader that was followed is told beside that of the inventory, and how long the slowest took', async () => {
  const { plan, blobs } = samplePlan('pg-a', ['n1', 'n2', 'n3'], 'one')
  await store.commit(commitOf({ plan: { ...plan, follow: 'on' }, blobs }, 1, {}))
  await store.setLeader({
    ...{ owner: 'pg-a', leader: 'pg-a-2', sinceMs: 6_000, source: 'patroni' },
    timeline: { system: '7', timeline: 2 },
  })
  const slow = { confirmMs: 80, tellMs: 4, moveMs: 0 }
  observe(connect('n1'), { leaders: [leaderViewToWire(view())].map(asRead) })
  observe(connect('n2'), { leaders: [leaderViewToWire(view({ timings: slow }))].map(asRead) })
  const former = view({ leader: 'pg-a-1', timings: { confirmMs: 900, tellMs: 0, moveMs: 0 } })
  observe(connect('n3'), { leaders: [leaderViewToWire(former)].map(asRead) })

  const { owners } = await statusOf(store, hub, [])

  expect(owners).toMatchObject([
    {
      ...{ leader: 'pg-a-2', inventoryLeader: 'pg-a-1', leaderSinceMs: 6_000, followedInMs: 84 },
      follow: 'FOLLOW_ON',
    },
  ])
})

/** Of a report that says that it is so at once, without waiting for the node's next Observation. */
function reports(session: Session, more: Partial<LeaderReport>): void {
  const plain = { owner: 'pg-a', step: 'confirmed', leader: 'pg-a-2', before: 'pg-a-1', atMs: 9_000 } as const
  const timings = { confirmMs: 60, tellMs: 0, moveMs: 0 }
  const rest = { source: 'patroni', timings, timeline: unknownTimeline, held: undefined }
  const wire = leaderReportToWire({ ...plain, ...rest, ...more })
  session.receive({
    leaderReport: decodeMessage('LeaderReport', encodeMessage('LeaderReport', wire)) as LeaderReport__Output,
  })
}

test('who leads is told as soon as the nodes have seen it, whoever was followed last', async () => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2'], 'one'), 1, {}))
  const sessions = ['n1', 'n2'].map(connect)
  const former = view({ leader: 'pg-a-1', running: 'pg-a-1' })
  for (const session of sessions) observe(session, { leaders: [leaderViewToWire(former)].map(asRead) })
  const told = async () => (await statusOf(store, hub, [])).owners?.[0]
  expect(await told()).toMatchObject({ leader: 'pg-a-1', liveLeader: 'pg-a-1' })

  for (const session of sessions) reports(session, {})
  expect(await told()).toMatchObject({
    ...{ leader: 'pg-a-1', liveLeader: 'pg-a-2', liveSinceMs: 9_000, followedInMs: 60 },
  })

  for (const session of sessions)
    reports(session, { step: 'told', timings: { ...view().timings, tellMs: 4 } })
  expect(await told()).toMatchObject({ followedInMs: 64 })
  const held = { code: 'POLICY_REPORT', message: 'told and not followed' }
  for (const session of sessions) reports(session, { step: 'held', held })
  expect(await nodeOf('n1')).toMatchObject({
    problems: expect.arrayContaining(['pg-a: POLICY_REPORT: told and not followed']),
  })
})

const reporting = view({ follow: 'report', running: 'pg-a-1' })

test.each([
  ['do not agree', [view(), view({ leader: 'pg-a-1' })], ''],
  ['have not looked', [view({ confirmed: false }), view({ confirmed: false })], ''],
  [
    'agree, but for one that has not looked',
    [view(), view({ leader: 'pg-a-1', confirmed: false })],
    'pg-a-2',
  ],
  ['only tell', [reporting, reporting], 'pg-a-2'],
])('of nodes that %s status tells who leads', async (_what, views, liveLeader) => {
  await store.commit(commitOf(samplePlan('pg-a', ['n0', 'n1'], 'one'), 1, {}))
  views.forEach((each, index) => {
    observe(connect(`n${index}`), { leaders: [leaderViewToWire(each)].map(asRead) })
  })

  const { owners } = await statusOf(store, hub, [])

  const isFollowed = views.some(({ follow }) => follow === 'on')
  expect(owners).toMatchObject([{ leader: 'pg-a-1', liveLeader }])
  if (!isFollowed) expect(owners).toMatchObject([{ followedInMs: 0, liveSinceMs: 5 }])
})

test('of a node that by its own policy does not follow, whose variant is to run is the one that runs', async () => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2'], 'one'), 1, {}))
  const followed = { owner: 'pg-a', leader: 'pg-a-2', sinceMs: 6_000, source: 'patroni' }
  await store.setLeader({ ...followed, timeline: { system: '7', timeline: 2 } })
  const applied = (leader: string) => ({ applied: [{ owner: 'pg-a', revision: 1, leader }] })
  await store.recordNode('n1', applied('pg-a-1'))
  await store.recordNode('n2', applied('pg-a-2'))
  const aloof = view({ running: 'pg-a-1', follow: 'report' })
  observe(connect('n1'), { leaders: [leaderViewToWire(aloof)].map(asRead) })
  const second = connect('n2')
  observe(second, { leaders: [leaderViewToWire(view())].map(asRead) })
  const told = async () => (await statusOf(store, hub, [])).owners?.[0]

  expect(await told()).toMatchObject({
    leader: 'pg-a-2',
    nodes: [{ wantedLeader: 'pg-a-1' }, { wantedLeader: 'pg-a-2' }],
  })
  observe(second, { leaders: [leaderViewToWire(aloof)].map(asRead) })
  expect(await told()).toMatchObject({ leader: 'pg-a-1' })
})

test('what keeps a node from following is a problem of the node, for what it is assigned', async () => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'one'), 1, {}))
  const held = { code: 'TWO_LEADERS', message: 'pg-a-1 and pg-a-2 both answer' }
  const leaders = [view({ held }), view({ owner: 'pg-b', held })].map(leaderViewToWire).map(asRead)

  observe(connect('n1'), { leaders })

  expect(await nodeOf('n1')).toMatchObject({
    healthy: false,
    problems: ['pg-a: TWO_LEADERS: pg-a-1 and pg-a-2 both answer', 'does not run what it should'],
  })
})

/** As the decoder fills it. */
function asRead(wire: WireView): LeaderView__Output {
  return decodeMessage('LeaderView', encodeMessage('LeaderView', wire)) as LeaderView__Output // the decoder's shape
}

test.each([
  ['nothing', [], ['pg-a', 'pg-b'], ['n1', 'n2']],
  ['an owner', ['pg-a'], ['pg-a'], ['n1']],
  ['a node', ['n2'], ['pg-b'], ['n2']],
])('asked for %s, status shows that and what goes with it', async (_what, names, owners, nodes) => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'one'), 1, {}))
  await store.commit(commitOf(samplePlan('pg-b', ['n2'], 'one'), 1, {}, 'p2'))

  const status = await statusOf(store, hub, names)

  expect(status.owners?.map(({ owner }) => owner)).toEqual(owners)
  expect(status.nodes?.map(({ node }) => node)).toEqual(nodes)
})

test('whether etcd is watched is told, unless nobody asked for it', async () => {
  const told = async (etcd?: EtcdState) => (await statusOf(store, hub, [], etcd)).etcd

  expect(await told()).toBeNull()
  expect(await told({ kind: 'trying', sinceMs: 5, reason: 'why' })).toEqual({
    watching: false,
    sinceMs: 5,
    reason: 'why',
  })
  expect(await told({ kind: 'watching', sinceMs: 6, endpoint: 'e:2379', leaders: 2 })).toEqual({
    watching: true,
    sinceMs: 6,
    endpoint: 'e:2379',
    leaders: 2,
  })
})

test('a name of nothing is refused, beside others that are right, with what was probably meant', async () => {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], 'one'), 1, {}))

  await expect(statusOf(store, hub, ['pg-a', 'pg-a-1'])).rejects.toMatchObject({
    code: 'NAME_UNKNOWN',
    message: 'nothing was published of pg-a-1, and no node of that name is known',
    hint: 'did you mean pg-a?',
  })
})
