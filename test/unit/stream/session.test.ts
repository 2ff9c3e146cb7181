import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeAnswer } from '../../../controller/publish/node-links.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import type { Session } from '../../../controller/stream/session.ts'
import { createSessionHub, type SessionHub } from '../../../controller/stream/session-hub.ts'
import { createLogger } from '../../../shared/log/logger.ts'
import type { Ack__Output } from '../../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AgentMessage__Output } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage } from '../../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { Hello__Output } from '../../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { Standing__Output } from '../../../shared/rpc/generated/pgsvc/v1/Standing.ts'
import { deafPorts } from '../../support/deaf-ports.ts'
import { commitOf, samplePlan } from '../store/sample.ts'

let dir: string
let store: Store
let hub: SessionHub
let nonces: number

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-session-'))
  store = openStore(join(dir, 'pgsvc.db'))
  nonces = 0
  const clock = { now: () => 1_000, monotonic: () => 0, sleep: () => new Promise<void>(() => undefined) }
  hub = createSessionHub({
    store,
    clock,
    log: createLogger('test', 'silent'),
    newNonce: () => `nonce-${++nonces}`,
    heartbeatMs: 1,
    silenceMs: 3,
    ...deafPorts,
  })
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

/** One stream: what was written to it, and its session. */
async function connect(
  hello: Partial<Hello__Output> = {},
): Promise<{ sent: ControllerMessage[]; session: Session }> {
  const sent: ControllerMessage[] = []
  const session = hub.open(
    'n1',
    {
      node: 'n1',
      agentVersion: '1',
      haproxyVersion: '2.6.12',
      bootId: 'boot',
      applied: [],
      appliedVersion: 0,
      lastFailed: null,
      failedVersion: 0,
      heldDigests: [],
      layout: 'conf.d',
      ...hello,
    },
    { write: (message) => sent.push(message), fail: () => undefined },
  )
  session.start()
  await settle()
  return { sent, session }
}

/** Revision `number` with content of its own, assigned to n1. */
async function assign(number: number): Promise<void> {
  await store.commit(commitOf(samplePlan('pg-a', ['n1'], `body ${number}`), number, { n1: number - 1 }))
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

function message(body: Partial<AgentMessage__Output>): AgentMessage__Output {
  return { ...body } // what is not set reads as undefined, as oneof members do
}

const timings = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }

function ack(nonce: string, version: number, more: Partial<Ack__Output> = {}): AgentMessage__Output {
  return message({
    ack: {
      nonce,
      version,
      prepared: false,
      change: 'CHANGE_RELOAD',
      reasons: [],
      timings,
      generation: 1,
      liveFiles: [],
      replacedEdits: [],
      filesToWrite: 0,
      applied: [],
      sessionsLeft: 0,
      oldWorkers: 0,
      quarantined: [],
      ...more,
    },
  })
}

function nack(
  nonce: string,
  version: number,
  stage: 'STAGE_RECEIVE' | 'STAGE_RELOAD',
  code: string,
): AgentMessage__Output {
  const fault = { stage, code, owner: '', file: '', line: 0, message: 'no', haproxy: '' }
  return message({ nack: { nonce, version, prepared: false, fault, applied: [], faults: [] } })
}

const versions = (sent: readonly ControllerMessage[]) =>
  sent.flatMap(({ snapshot }) => snapshot?.version ?? [])

test('while one snapshot is under way nothing is queued: the next is the newest', async () => {
  await assign(1)
  const { sent, session } = await connect()
  for (const number of [2, 3, 4]) {
    await assign(number)
    session.push()
  }
  await settle()
  const underWay = versions(sent)

  session.receive(ack('nonce-1', 1))
  await settle()

  expect(underWay).toEqual([1])
  expect(versions(sent)).toEqual([1, 4])
})

test('sent and applied are recorded apart', async () => {
  await assign(1)
  const { session } = await connect()
  const afterSending = await store.node('n1')

  session.receive(ack('nonce-1', 1, { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }] }))
  await settle()

  expect([afterSending.sentVersion, afterSending.appliedVersion]).toEqual([1, 0])
  expect(await store.node('n1')).toMatchObject({
    appliedVersion: 1,
    applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }],
  })
})

test('an answer to nothing that was asked changes nothing', async () => {
  await assign(1)
  const { session } = await connect()

  session.receive(ack('nonce-99', 1))
  await settle()

  expect((await store.node('n1')).appliedVersion).toBe(0)
})

test('a failed version is not sent again, the next one is', async () => {
  await assign(1)
  const { sent, session } = await connect()
  session.receive(nack('nonce-1', 1, 'STAGE_RELOAD', 'RELOAD_FAILED'))
  await settle()
  session.push()
  await settle()
  const parked = versions(sent)

  await assign(2)
  session.push()
  await settle()

  expect(parked).toEqual([1])
  expect(versions(sent)).toEqual([1, 2])
})

test.each([
  ['the same agent', {}, []],
  ['a restarted agent', { bootId: 'other' }, [1]],
  ['an upgraded agent', { agentVersion: '2' }, [1]],
  ['an upgraded HAProxy', { haproxyVersion: '3.0.1' }, [1]],
])('after a failure, a reconnect of %s is sent %j', async (_who, hello, expected) => {
  await assign(1)
  const { session } = await connect()
  session.receive(nack('nonce-1', 1, 'STAGE_RELOAD', 'RELOAD_FAILED'))
  await settle()

  const again = await connect({ failedVersion: 1, ...hello })

  expect(versions(again.sent)).toEqual(expected)
})

test('contents that the agent turns out not to hold are sent, once', async () => {
  await assign(1)
  const held = [...samplePlan('pg-a', ['n1'], 'body 1').blobs.keys()]
  const { sent, session } = await connect({ heldDigests: held })
  session.receive(nack('nonce-1', 1, 'STAGE_RECEIVE', 'BLOB_MISSING'))
  await settle()
  session.receive(nack('nonce-2', 1, 'STAGE_RECEIVE', 'BLOB_MISSING'))
  await settle()

  expect(sent.flatMap(({ snapshot }) => (snapshot ? [snapshot.blobs?.length] : []))).toEqual([0, 2])
  expect((await store.node('n1')).failed?.version).toBe(1)
})

test('a preparation that lacks contents is sent once more, with all of them', async () => {
  await assign(1)
  const { blobs } = samplePlan('pg-a', ['n1'], 'body 1')
  const { sent, session } = await connect({ heldDigests: [...blobs.keys()] })
  session.receive(ack('nonce-1', 1))
  await settle()
  const snapshot = await store.snapshot('n1')

  const answer = session.prepare(
    { publishId: 'p', snapshot, blobs, leaseMs: 1, dryRun: false },
    () => undefined,
  )
  session.receive(nack('nonce-2', 1, 'STAGE_RECEIVE', 'BLOB_MISSING'))
  await settle()
  session.receive(nack('nonce-3', 1, 'STAGE_RECEIVE', 'BLOB_MISSING'))

  expect((await answer).kind).toBe('nack')
  expect(sent.flatMap(({ prepare }) => (prepare ? [prepare.snapshot?.blobs?.length] : []))).toEqual([0, 2])
})

test('contents that the applied set does not need count as dropped by the agent', async () => {
  await assign(1)
  const { sent, session } = await connect()
  session.receive(ack('nonce-1', 1))
  await settle()
  await assign(2)
  session.push()
  await settle()
  session.receive(ack('nonce-2', 2))
  await settle()
  const { blobs } = samplePlan('pg-a', ['n1'], 'body 1')
  const { assignments } = await store.snapshot('n1')
  const [first] = assignments
  if (!first) throw new Error('nothing is assigned')
  const files = [...blobs.keys()].map((digest) => ({ name: 'a.cfg', digest }))
  const snapshot = { version: 3, assignments: [{ ...first, variants: [{ leader: '', files }] }] }

  void session.prepare({ publishId: 'p', snapshot, blobs, leaseMs: 1, dryRun: false }, () => undefined)

  expect(sent.at(-1)?.prepare?.snapshot?.blobs).toHaveLength(blobs.size)
})

test('what was acknowledged is not sent twice on one stream', async () => {
  await assign(1)
  const { sent, session } = await connect()
  session.receive(ack('nonce-1', 1))
  await settle()
  const snapshot = await store.snapshot('n1')
  const blobs = await store.blobs(samplePlan('pg-a', ['n1'], 'body 1').blobs.keys())

  void session.prepare({ publishId: 'p', snapshot, blobs, leaseMs: 1, dryRun: false }, () => undefined)

  expect(sent.at(-1)?.prepare?.snapshot?.blobs).toEqual([])
})

test('what was only sent is sent again: an agent may have dropped an order unread', async () => {
  await assign(1)
  const { sent, session } = await connect()
  const snapshot = await store.snapshot('n1')
  const blobs = await store.blobs(samplePlan('pg-a', ['n1'], 'body 1').blobs.keys())

  void session.prepare({ publishId: 'p', snapshot, blobs, leaseMs: 1, dryRun: false }, () => undefined)

  expect(sent.at(-1)?.prepare?.snapshot?.blobs).toHaveLength(2)
})

test('all that is waited for is answered when the stream ends', async () => {
  await assign(1)
  const { session } = await connect()
  const snapshot = await store.snapshot('n1')
  const waiting = [
    session.prepare(
      { publishId: 'p', snapshot, blobs: new Map(), leaseMs: 1, dryRun: false },
      () => undefined,
    ),
    session.commit('p', 2, () => undefined),
  ]

  hub.closed(session)

  expect(await Promise.all(waiting)).toEqual([{ kind: 'gone' }, { kind: 'gone' }])
  expect(await session.commit('p', 2, () => undefined)).toEqual({ kind: 'gone' })
  expect(hub.link('n1')).toBeUndefined()
})

test('a failed commit parks its version, a lost preparation does not', async () => {
  await assign(1)
  const { session } = await connect()
  session.receive(ack('nonce-1', 1))
  void session.commit('p', 1, () => undefined)
  session.receive(nack('nonce-2', 1, 'STAGE_RECEIVE', 'PREPARED_GONE'))
  await settle()
  const lost = (await store.node('n1')).failed
  void session.commit('p', 1, () => undefined)

  session.receive(nack('nonce-3', 1, 'STAGE_RELOAD', 'RELOAD_FAILED'))
  await settle()

  expect(lost).toBeUndefined()
  expect((await store.node('n1')).failed).toMatchObject({ version: 1, fault: { code: 'RELOAD_FAILED' } })
})

test('converging waits for the answer on whatever stream it comes', async () => {
  await assign(1)
  const answers: NodeAnswer[] = []
  const forever = new AbortController().signal
  void hub.converge('n1', 1, () => undefined, forever).then((answer) => answers.push(answer))
  await settle()
  const before = answers.length

  const { session } = await connect()
  session.receive(ack('nonce-1', 1, { change: 'CHANGE_NONE' }))
  await settle()

  expect(before).toBe(0)
  expect(answers).toMatchObject([{ kind: 'ack', change: 'none' }])
})

/** What an agent says that has revision `number` of `assign` as this version. */
function having(number: number, appliedVersion = number): Partial<Hello__Output> {
  return {
    appliedVersion,
    applied: [{ owner: 'pg-a', revision: number, leader: 'pg-a-1' }],
    heldDigests: [...samplePlan('pg-a', ['n1'], `body ${number}`).blobs.keys()],
  }
}

test('an agent that says it has what it was assigned is sent nothing, and that counts as applied', async () => {
  await assign(1)

  const { sent } = await connect(having(1))

  expect(versions(sent)).toEqual([])
  expect((await store.node('n1')).appliedVersion).toBe(1)
})

test('which variants a node runs is taken from what it observes, and written down when it is another one', async () => {
  await assign(1)
  const { session } = await connect(having(1))
  let writes = 0
  const { recordNode } = store
  store.recordNode = (...report) => {
    writes += 1
    return recordNode(...report)
  }
  for (const running of ['pg-a-1', 'pg-a-2', 'pg-a-2', '']) {
    session.receive(seeing(running))
    await settle()
  }

  expect((await store.node('n1')).applied).toEqual([{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }])
  expect(writes).toBe(1)
})

function seeing(running: string): AgentMessage__Output {
  const { observation } = observing(null)
  const view = { owner: 'pg-a', leader: running, confirmed: false, sinceMs: 0, running }
  const rest = { timings: null, source: '', follow: 'FOLLOW_OFF', code: '', message: '' } as const
  return message({ observation: observation ? { ...observation, leaders: [{ ...view, ...rest }] } : null })
}

test('an agent that has followed a leader by itself has what it was assigned', async () => {
  await assign(1)

  const { sent } = await connect({
    ...having(1),
    applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-2' }],
  })

  expect(versions(sent)).toEqual([])
  expect((await store.node('n1')).appliedVersion).toBe(1)
})

test.each<[string, Partial<Hello__Output>]>([
  ['another version', { appliedVersion: 17 }],
  ['another revision', { applied: [{ owner: 'pg-a', revision: 17, leader: 'pg-a-1' }] }],
  [
    'one more owner',
    { applied: ['pg-a', 'pg-b'].map((owner) => ({ owner, revision: 1, leader: 'pg-a-1' })) },
  ],
  ['no owner', { applied: [] }],
  ['other contents under the same numbers', { heldDigests: ['a'.repeat(64), 'b'.repeat(64)] }],
  [
    'more contents than the assignment has',
    { heldDigests: [...(having(1).heldDigests ?? []), 'a'.repeat(64)] },
  ],
  ['a fresh state', { appliedVersion: 0, applied: [], heldDigests: [] }],
])(
  'an agent that says it has %s is sent what it was assigned, and does not count as up to date',
  async (_what, hello) => {
    await assign(1)

    const { sent } = await connect({ ...having(1), ...hello })

    expect(versions(sent)).toEqual([1])
    expect((await store.node('n1')).appliedVersion).toBe(0)
  },
)

test('a version that another database counted answers nobody who waits', async () => {
  await assign(1)
  await connect(having(17))
  const given = new AbortController()
  const answer = hub.converge('n1', 1, () => undefined, given.signal)
  await settle()

  given.abort()

  expect(await answer).toEqual({ kind: 'gone' })
})

test('an agent that comes back with what is waited for answers the wait, and no reload is made up', async () => {
  await assign(1)
  const waiting = hub.converge('n1', 1, () => undefined, new AbortController().signal)
  await settle()

  await connect(having(1))
  const later = hub.converge('n1', 1, () => undefined, new AbortController().signal)

  expect(await waiting).toMatchObject({ kind: 'ack', change: 'none' })
  expect(await later).toMatchObject({ kind: 'ack', change: 'none' })
})

test('an older version that the agent acknowledged here stays known over a reconnect', async () => {
  await assign(1)
  const { session } = await connect()
  session.receive(ack('nonce-1', 1))
  await settle()
  await assign(2)

  await connect(having(1))

  expect((await store.node('n1')).appliedVersion).toBe(1)
})

test('converging ends when it is given up', async () => {
  const gone = new AbortController()
  const answer = hub.converge('n1', 1, () => undefined, gone.signal)

  gone.abort()

  expect(await answer).toEqual({ kind: 'gone' })
})

test('the end of an old stream does not take the new one down', async () => {
  const old = await connect()
  const { session } = await connect()

  hub.closed(old.session)

  expect(hub.link('n1')).toBe(session)
})

test('a store that fails ends the stream instead of the controller, and whoever waits is answered', async () => {
  await assign(1)
  const { session } = await connect()
  const snapshot = await store.snapshot('n1')
  session.receive(ack('nonce-1', 1))
  await settle()
  const answer = session.commit('p', snapshot.version, () => undefined)
  store.close()

  session.receive(ack('nonce-2', 1))

  expect(await answer).toMatchObject({ kind: 'ack' })
  await settle()
  expect(session.ended).toBe(true)
})

test('what a node left out is recorded until its next answer, and its act is not done there', async () => {
  await assign(1)
  await store.finishAct('p1', 'pg-a', 'failed: n1')
  const { session } = await connect()
  const fault = {
    stage: 'STAGE_VALIDATE',
    code: 'X',
    owner: 'pg-a',
    file: '',
    line: 0,
    message: 'no',
    haproxy: '',
  } as const
  const quarantined = [{ owner: 'pg-a', revision: 1, keptRevision: 0, fault }]

  session.receive(ack('nonce-1', 1, { quarantined }))
  await settle()

  expect(await store.node('n1')).toMatchObject({
    appliedVersion: 1,
    failed: undefined,
    quarantined: [{ owner: 'pg-a', revision: 1, keptRevision: 0, fault: { stage: 'validate', code: 'X' } }],
  })
  const outcomes = async () => (await store.acts('pg-a', 9)).map(({ outcome }) => outcome)
  expect(await outcomes()).toContain('failed: n1')
  // A Hello is answered with the snapshot, so that the owner is tried again.
  const next = await connect({ appliedVersion: 1 })
  expect(versions(next.sent)).toEqual([1])
  next.session.receive(ack('nonce-2', 1))
  await settle()
  expect((await store.node('n1')).quarantined).toEqual([])
  expect(await outcomes()).not.toContain('failed: n1')
})

/** An agent that says what it has now. */
function observing(standing: Standing__Output | null, servingApplied = true): AgentMessage__Output {
  const observed = { haproxyRunning: true, workerPid: 5, servicesDown: [], drift: [], servingApplied }
  return message({
    observation: {
      ...observed,
      oldWorkers: [],
      lastReload: null,
      lastRepair: null,
      leaders: [],
      standing,
      certificate: null,
    },
  })
}

const reason = (text: string) =>
  ({
    stage: 'STAGE_VALIDATE',
    code: 'X',
    owner: 'pg-a',
    file: '',
    line: 0,
    message: text,
    haproxy: '',
  }) as const
const kept = (text: string) => [{ owner: 'pg-a', revision: 1, keptRevision: 0, fault: reason(text) }]
const has = (more: Partial<Standing__Output> = {}): Standing__Output => ({
  ...{ appliedVersion: 1, failedVersion: 0, applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }] },
  ...{ quarantined: [], ...more },
})
const outcomes = async () => (await store.acts('pg-a', 9)).map(({ outcome }) => outcome)

test('an owner that the agent itself took out of quarantine is no trouble any more', async () => {
  await assign(1)
  await store.finishAct('p1', 'pg-a', 'failed: n1')
  const { session } = await connect()
  session.receive(ack('nonce-1', 1, { quarantined: kept('no') }))
  await settle()

  session.receive(observing(has({ quarantined: kept('still no'), applied: [] })))
  await settle()
  expect((await store.node('n1')).quarantined).toMatchObject([{ fault: { message: 'still no' } }])
  expect(await outcomes()).toContain('failed: n1')
  session.receive(observing(has()))
  await settle()

  expect(await store.node('n1')).toMatchObject({ quarantined: [], applied: [{ owner: 'pg-a', revision: 1 }] })
  expect(await outcomes()).not.toContain('failed: n1')
})

test('a version that was parked and that the agent then took by itself is applied', async () => {
  await assign(1)
  const { sent, session } = await connect()
  session.receive(nack('nonce-1', 1, 'STAGE_RELOAD', 'X'))
  await settle()
  session.receive(observing(has({ appliedVersion: 0, failedVersion: 1, applied: [] })))
  await settle()
  expect((await store.node('n1')).failed).toMatchObject({ version: 1 })

  session.receive(observing(has()))
  await settle()

  expect(await store.node('n1')).toMatchObject({ appliedVersion: 1, failed: undefined })
  session.push()
  await settle()
  expect(versions(sent)).toEqual([1])
})

test('what the agent has says nothing of a version that is under way, or of another one', async () => {
  await assign(1)
  const { session } = await connect()
  session.receive(observing(has()))
  await settle()
  expect(await store.node('n1')).toMatchObject({ appliedVersion: 0 })

  session.receive(nack('nonce-1', 1, 'STAGE_RELOAD', 'X'))
  await settle()
  for (const standing of [null, has({ appliedVersion: 2 }), has({ failedVersion: 1 })]) {
    session.receive(observing(standing))
    await settle()
  }
  expect(await store.node('n1')).toMatchObject({ appliedVersion: 0, failed: { version: 1 } })
})

test('what no HAProxy serves is not yet done', async () => {
  await assign(1)
  await store.finishAct('p1', 'pg-a', 'failed: n1')
  const { session } = await connect()
  session.receive(ack('nonce-1', 1, { quarantined: kept('no') }))
  await settle()

  session.receive(observing(has(), false))
  await settle()

  expect((await store.node('n1')).quarantined).toEqual([])
  expect(await outcomes()).toContain('failed: n1')
})
