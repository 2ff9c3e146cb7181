import { credentials } from '@grpc/grpc-js'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../agent/apply/engine.ts'
import type { ApplyOutcome, PreparedSet, PrepareOutcome } from '../../agent/apply/outcome.ts'
import { createLeaderChannel } from '../../agent/follow/leader-channel.ts'
import { createLedger } from '../../agent/observe/ledger.ts'
import { openStream } from '../../agent/session/connect.ts'
import { helloMessage } from '../../agent/session/messages.ts'
import { runSession } from '../../agent/session/run.ts'
import { createWorker } from '../../agent/session/worker.ts'
import { emptyState } from '../../agent/state/state-file.ts'
import type { Fault } from '../../shared/errors/fault.ts'
import type { Snapshot } from '../../shared/model/snapshot.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { snapshotToWire } from '../../shared/rpc/convert.ts'
import { deafIdentity } from '../support/deaf-identity.ts'
import { until } from '../support/haproxy-lab.ts'
import { type FakeController, startFakeController } from './agent-fake-controller.ts'

let stop: AbortController
let running: Promise<void> | undefined
let controller: FakeController

beforeEach(() => {
  stop = new AbortController()
})

afterEach(async () => {
  stop.abort()
  await running
  controller.kill()
})

const times = { stageMs: 1, validateMs: 2, swapMs: 3, reloadMs: 4 }

function preparedSet(snapshot: Snapshot): PreparedSet {
  return {
    snapshot,
    wanted: snapshot,
    quarantined: [],
    candidate: { files: new Map(), leaders: {}, alternates: [] },
    comparison: { write: [], remove: [], reasons: ['a.cfg added'], causes: ['added'], weights: [] },
    located: {
      layout: { kind: 'conf.d', serviceDir: '', workDir: '', reserved: new Set() },
      running: undefined,
      configPaths: [],
      masterSocket: undefined,
      statsSocket: undefined,
    },
    stageDir: undefined,
    liveDigest: '',
    baseGeneration: 0,
    validationKey: '',
    change: 'reload',
    foreignFiles: {},
    foreignLoaded: {},
    times,
    liveFiles: [{ name: 'a.cfg', text: 'listen a\n' }],
    edited: [],
  }
}

/** An engine that says yes, and can be made to wait. */
function fakeEngine() {
  const done: string[] = []
  let gate: Promise<void> = Promise.resolve()
  let refusal: Extract<ApplyOutcome, { kind: 'failed' }> | undefined
  let badFrom = Number.POSITIVE_INFINITY
  let broken: Fault
  let state = emptyState('node-1')
  const applied = async (what: string, snapshot: Snapshot): Promise<ApplyOutcome> => {
    done.push(what)
    await gate
    if (refusal) return refusal
    if (snapshot.version >= badFrom) {
      return { kind: 'failed', fault: broken }
    }
    state = { ...state, snapshot, generation: state.generation + 1 }
    const { generation } = state
    return { kind: 'applied', change: 'reload', reasons: ['why'], causes: ['changed'], times, generation }
  }
  const engine: Engine = {
    state: () => state,
    async prepare(snapshot, _blobs, onStage): Promise<PrepareOutcome> {
      done.push(`prepare ${snapshot.version}`)
      await gate
      onStage('validate', 7)
      return refusal ?? { kind: 'prepared', set: preparedSet(snapshot) }
    },
    commit: (set) => applied(`commit ${set.snapshot.version}`, set.snapshot),
    apply: (snapshot) => applied(`apply ${snapshot.version}`, snapshot),
    discard: async (set) => void done.push(`discard ${set.snapshot.version}`),
    collectGarbage: async () => undefined,
    repair: async () => applied('repair', state.snapshot),
    follow: async (owner, leader) => applied(`follow ${owner} ${leader}`, state.snapshot),
    takeOver: async () => undefined,
    retry: async () => undefined,
    circumstances: async () => ({ digest: '', isAsApplied: true }),
  }
  return {
    engine,
    done,
    refuse: (code: string) => {
      refusal = { kind: 'failed', fault: { stage: 'validate', code, message: 'no', file: 'a.cfg', line: 3 } }
    },
    /** Snapshots from this version on cannot be loaded. */
    breakFrom: (version: number, fault: Fault) => {
      badFrom = version
      broken = fault
    },
    hold() {
      let open: () => void = () => undefined
      gate = new Promise((resolve) => {
        open = resolve
      })
      return open
    },
  }
}

function startAgent(
  engine: Engine,
  addresses: readonly string[],
  welcomeTimeoutMs = 1_000,
  channel = createLeaderChannel(),
): void {
  const clock = systemClock()
  const log = pino({ level: 'silent' })
  const oldWorkers = [{ pid: 4, oldForS: 60, sessions: 2 }]
  const ledger = createLedger(clock)
  const worker = createWorker({ engine, oldWorkers: { count: async () => oldWorkers }, ledger, clock, log })
  const observed = { haproxyRunning: true, workerPid: 5, servicesDown: [], drift: [], servingApplied: true }
  running = runSession(
    {
      clock,
      log,
      worker,
      leaders: channel,
      identity: deafIdentity,
      random: () => 0.2,
      state: engine.state,
      observe: async () => ({
        ...observed,
        oldWorkers,
        lastReload: ledger.lastReload(),
        lastRepair: undefined,
        leaders: [],
        certificate: undefined,
      }),
      hello: async () =>
        helloMessage({
          state: engine.state(),
          haproxyVersion: '2.6.12',
          bootId: 'boot',
          heldDigests: ['d'],
          layout: 'conf.d',
        }),
      open: async (address) => openStream(address, credentials.createInsecure()),
    },
    { node: 'node-1', controllers: addresses, welcomeTimeoutMs, stableMs: 500 },
    stop.signal,
  )
}

function wire(version: number) {
  return snapshotToWire({ version, assignments: [] }, new Map())
}

test('the agent says hello first, then gives signs of life and what it sees', async () => {
  controller = await startFakeController()
  startAgent(fakeEngine().engine, [controller.address])

  await controller.next((message) => message.heartbeat !== undefined && message.heartbeat !== null)
  const seen = await controller.next((message) => Boolean(message.observation))

  expect(controller.received[0]?.hello).toMatchObject({
    node: 'node-1',
    haproxyVersion: '2.6.12',
    bootId: 'boot',
    heldDigests: ['d'],
    layout: 'conf.d',
    appliedVersion: 0,
  })
  expect(seen.observation).toMatchObject({ haproxyRunning: true, workerPid: 5, servingApplied: true })
})

test('a snapshot is answered by one Ack with its nonce', async () => {
  controller = await startFakeController()
  startAgent(fakeEngine().engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({ nonce: 'n1', snapshot: wire(4) })
  const { ack } = await controller.next((message) => message.ack?.nonce === 'n1')

  expect(ack).toMatchObject({ version: 4, prepared: false, change: 'CHANGE_RELOAD', generation: 1 })
  expect(ack?.timings).toMatchObject(times)
})

test('a snapshot that fails is answered by one Nack with the reason', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  fake.refuse('HAPROXY_REFUSED')
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({ nonce: 'n1', snapshot: wire(4) })
  const { nack } = await controller.next((message) => message.nack?.nonce === 'n1')

  expect(nack).toMatchObject({
    version: 4,
    prepared: false,
    fault: { stage: 'STAGE_VALIDATE', code: 'HAPROXY_REFUSED', file: 'a.cfg', line: 3 },
  })
})

test('prepare, then commit of what was prepared, with progress between', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({
    nonce: 'p',
    prepare: { publishId: 'x', snapshot: wire(2), leaseMs: 5_000, dryRun: false },
  })
  const prepared = await controller.next((message) => message.ack?.nonce === 'p')
  controller.send({ nonce: 'c', commit: { publishId: 'x', version: 2 } })
  const committed = await controller.next((message) => message.ack?.nonce === 'c')

  expect(prepared.ack).toMatchObject({
    prepared: true,
    generation: 0,
    liveFiles: [],
    reasons: ['a.cfg added'],
  })
  expect(committed.ack).toMatchObject({ prepared: false, version: 2 })
  expect(fake.done).toEqual(['prepare 2', 'commit 2'])
  expect(controller.received.find((message) => message.progress)?.progress).toMatchObject({
    nonce: 'p',
    stage: 'STAGE_VALIDATE',
    elapsedMs: 7,
  })
})

test('a dry run shows the live files and keeps nothing', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({
    nonce: 'p',
    prepare: { publishId: 'x', snapshot: wire(2), leaseMs: 5_000, dryRun: true },
  })
  const { ack } = await controller.next((message) => message.ack?.nonce === 'p')
  controller.send({ nonce: 'c', commit: { publishId: 'x', version: 2 } })
  const { nack } = await controller.next((message) => message.nack?.nonce === 'c')

  expect(ack?.liveFiles).toMatchObject([{ name: 'a.cfg', exists: true, content: Buffer.from('listen a\n') }])
  expect(nack?.fault).toMatchObject({ stage: 'STAGE_RECEIVE', code: 'PREPARED_GONE' })
  expect(fake.done).toEqual(['prepare 2', 'discard 2'])
})

test.each([
  ['of an expired lease', 1, 'x', 60],
  ['of another publish', 5_000, 'y', 0],
])('a commit %s is refused', async (_case, leaseMs, publishId, waitMs) => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({ nonce: 'p', prepare: { publishId: 'x', snapshot: wire(2), leaseMs, dryRun: false } })
  await controller.next((message) => message.ack?.nonce === 'p')
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  controller.send({ nonce: 'c', commit: { publishId, version: 2 } })

  const { nack } = await controller.next((message) => message.nack?.nonce === 'c')
  expect(nack?.fault?.code).toBe('PREPARED_GONE')
  expect(fake.done).not.toContain('commit 2')
  expect(fake.done.includes('discard 2')).toBe(publishId === 'x')
})

test('an abort drops what was prepared', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  controller.send({
    nonce: 'p',
    prepare: { publishId: 'x', snapshot: wire(2), leaseMs: 5_000, dryRun: false },
  })
  await controller.next((message) => message.ack?.nonce === 'p')
  controller.send({ nonce: '', abort: { publishId: 'x' } })
  controller.send({ nonce: 'c', commit: { publishId: 'x', version: 2 } })

  await controller.next((message) => message.nack?.nonce === 'c')
  expect(fake.done).toEqual(['prepare 2', 'discard 2'])
})

test('while an apply runs only the newest snapshot is kept, and each is answered once', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  const open = fake.hold()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  for (const version of [1, 2, 3, 4]) controller.send({ nonce: `n${version}`, snapshot: wire(version) })
  await controller.next((message) => message.nack?.nonce === 'n3')
  open()
  await controller.next((message) => message.ack?.nonce === 'n4')

  expect(fake.done).toEqual(['apply 1', 'apply 4'])
  const answers = controller.received.flatMap(({ ack, nack }) => ack?.nonce ?? nack?.nonce ?? [])
  expect(answers.toSorted()).toEqual(['n1', 'n2', 'n3', 'n4'])
})

/** Prepares and commits, each by a publish of its own, without waiting for the end of any. */
async function publishAll(versions: readonly number[]): Promise<void> {
  for (const version of versions) {
    const publishId = `x${version}`
    controller.send({
      nonce: `p${version}`,
      prepare: { publishId, snapshot: wire(version), leaseMs: 5_000, dryRun: false },
    })
    await controller.next((message) => message.ack?.nonce === `p${version}`)
    controller.send({ nonce: `c${version}`, commit: { publishId, version } })
  }
}

const answered = (nonce: string) =>
  controller.next(({ ack, nack }) => ack?.nonce === nonce || nack?.nonce === nonce, 10_000)

test('commits that come right after a reload are one apply of the newest, and each is answered once', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  await publishAll([1, 2, 3, 4, 5])
  const all = await Promise.all([1, 2, 3, 4, 5].map((version) => answered(`c${version}`)))

  expect(all.map(({ ack }) => ack?.change)).toEqual(Array(5).fill('CHANGE_RELOAD'))
  expect(fake.done.filter((what) => what.startsWith('commit'))).toEqual(['commit 1', 'commit 5'])
  expect(fake.done.filter((what) => what.startsWith('discard'))).toEqual([
    'discard 2',
    'discard 3',
    'discard 4',
  ])
  expect(all.at(-1)?.ack).toMatchObject({ version: 5, sessionsLeft: 2, oldWorkers: 1 })
  const { observation } = await controller.next(({ observation }) => Boolean(observation?.lastReload))
  expect(observation).toMatchObject({
    oldWorkers: [{ pid: 4, oldForS: 60, sessions: 2 }],
    lastReload: { reasons: ['why'], sessionsLeft: 2 },
  })
})

test('when an owner is at fault in the newest of a burst, all that came before it are applied', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  fake.breakFrom(5, { stage: 'guard', code: 'FILE_CLASH', owner: 'pg-5', message: 'no' })
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  await publishAll([1, 2, 3, 4, 5, 6])
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map((version) => answered(`c${version}`)))

  expect(all.map(({ nack }) => nack?.fault?.code)).toEqual([
    ...Array(4).fill(undefined),
    ...Array(2).fill('FILE_CLASH'),
  ])
  expect(fake.engine.state().snapshot.version).toBe(4)
})

test.each([
  ['reload', 'RELOAD_FAILED'],
  ['swap', 'DISK_FULL'],
  ['validate', 'FOREIGN_FILE_BROKEN'],
] as const)(
  'what the node itself cannot do (%s, %s) is tried once, and all are told',
  async (stage, code) => {
    controller = await startFakeController()
    const fake = fakeEngine()
    fake.breakFrom(2, { stage, code, message: 'no' })
    startAgent(fake.engine, [controller.address])
    await controller.next((message) => Boolean(message.heartbeat))

    await publishAll([1, 2, 3, 4, 5, 6])
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map((version) => answered(`c${version}`)))

    expect(all.map(({ nack }) => nack?.fault?.code)).toEqual([undefined, ...Array(5).fill(code)])
    expect(fake.done.filter((what) => /^(commit|apply)/.test(what))).toEqual(['commit 1', 'commit 6'])
  },
)

test('a dry run first has what waits applied, so that it tells its own changes alone', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  await publishAll([1, 2])
  controller.send({
    nonce: 'd',
    prepare: { publishId: 'd', snapshot: wire(3), leaseMs: 5_000, dryRun: true },
  })
  await answered('d')

  expect(fake.done.slice(-3)).toEqual(['commit 2', 'prepare 3', 'discard 3'])
})

test('a commit that comes after a newer snapshot was applied changes nothing', async () => {
  const fake = fakeEngine()
  const clock = systemClock()
  const log = pino({ level: 'silent' })
  const worker = createWorker({
    ...{
      engine: fake.engine,
      oldWorkers: { count: async () => [] },
      ledger: createLedger(clock),
      clock,
      log,
    },
  })
  const answers: string[] = []
  worker.attach(
    ({ ack, nack }) => void answers.push(`${ack?.nonce ?? nack?.nonce} ${ack?.change ?? 'refused'}`),
    () => undefined,
  )
  const open = fake.hold()
  const snapshot = (version: number) => ({ version, assignments: [] })
  const order = (version: number) => {
    const blobs = new Map<string, string>()
    worker.receive({ kind: 'snapshot', nonce: `s${version}`, snapshot: snapshot(version), blobs })
  }
  order(1)
  worker.receive({
    ...{ kind: 'prepare', nonce: 'p', publishId: 'x', snapshot: snapshot(2), blobs: new Map() },
    ...{ leaseMs: 5_000, dryRun: false },
  })
  order(3)
  open()
  await worker.idle()
  worker.receive({ kind: 'commit', nonce: 'c', publishId: 'x', version: 2 })
  await worker.idle()

  expect(fake.done).toEqual(['apply 1', 'prepare 2', 'discard 2', 'apply 3'])
  expect(answers.filter((answer) => !answer.startsWith('undefined') && !answer.startsWith('p '))).toEqual([
    's1 CHANGE_RELOAD',
    's3 CHANGE_RELOAD',
    'c CHANGE_NONE',
  ])
})

test('after the death of its controller the agent comes back and tells what it runs', async () => {
  controller = await startFakeController()
  const port = Number(controller.address.split(':')[1])
  startAgent(fakeEngine().engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))
  controller.send({ nonce: 'n1', snapshot: wire(9) })
  await controller.next((message) => Boolean(message.ack))

  controller.kill()
  controller = await startFakeController({ port })

  const { hello } = await controller.next((message) => Boolean(message.hello), 10_000)
  expect(hello).toMatchObject({ appliedVersion: 9, bootId: 'boot' })
})

test('a reconnect drops what was prepared before', async () => {
  controller = await startFakeController()
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))
  controller.send({
    nonce: 'p',
    prepare: { publishId: 'x', snapshot: wire(2), leaseMs: 60_000, dryRun: false },
  })
  await controller.next((message) => message.ack?.nonce === 'p')

  const port = Number(controller.address.split(':')[1])
  controller.kill()
  controller = await startFakeController({ port })
  await controller.next((message) => Boolean(message.heartbeat), 10_000)
  controller.send({ nonce: 'c', commit: { publishId: 'x', version: 2 } })

  const { nack } = await controller.next((message) => message.nack?.nonce === 'c')
  expect(nack?.fault?.code).toBe('PREPARED_GONE')
  expect(fake.done).toContain('discard 2')
})

test('a controller that falls silent is given up and dialled again', async () => {
  controller = await startFakeController({ mute: true, silenceMs: 300, heartbeatMs: 50 })
  startAgent(fakeEngine().engine, [controller.address])

  await until(() => controller.streams() >= 2, 5_000)
})

test('a controller that is not there is passed over for the next one', async () => {
  controller = await startFakeController()
  startAgent(fakeEngine().engine, ['127.0.0.1:1', controller.address])

  await controller.next((message) => Boolean(message.hello), 10_000)
})

test('a controller that knows the node under another name gets no second word', async () => {
  controller = await startFakeController({ node: 'node-2' })
  const fake = fakeEngine()
  startAgent(fake.engine, [controller.address])

  await until(() => controller.streams() >= 2, 5_000)
  expect(controller.received.every((message) => message.hello)).toBe(true)
})

test('told to stop, the session ends at once', async () => {
  controller = await startFakeController()
  startAgent(fakeEngine().engine, [controller.address])
  await controller.next((message) => Boolean(message.heartbeat))

  stop.abort()

  await running
  const heard = controller.received.length
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(controller.received.length).toBeLessThanOrEqual(heard + 1)
})

/** A worker without a stream, and what it answered. */
function bareWorker(engine: Engine) {
  const [clock, log] = [systemClock(), pino({ level: 'silent' })]
  const oldWorkers = { count: async () => [] }
  const worker = createWorker({ engine, oldWorkers, ledger: createLedger(clock), clock, log })
  const answers: string[] = []
  const attach = () =>
    worker.attach(
      ({ ack, nack }) => {
        if (ack || nack) answers.push(`${ack?.nonce ?? nack?.nonce} ${ack?.change ?? nack?.fault?.code}`)
      },
      () => undefined,
    )
  const prepare = (version: number) => {
    const snapshot = { version, assignments: [] }
    worker.receive({
      ...{ kind: 'prepare', nonce: `p${version}`, publishId: `x${version}`, snapshot, blobs: new Map() },
      ...{ leaseMs: 5_000, dryRun: false },
    })
  }
  const commit = (version: number) =>
    worker.receive({ kind: 'commit', nonce: `c${version}`, publishId: `x${version}`, version })
  attach()
  return { worker, answers, attach, prepare, commit }
}

test('an apply that outlives its stream does not make the next controller count from its version', async () => {
  const fake = fakeEngine()
  const { worker, answers, attach, prepare, commit } = bareWorker(fake.engine)
  prepare(5)
  await worker.idle()
  const open = fake.hold()
  commit(5)
  await until(() => fake.done.includes('commit 5'), 5_000)
  worker.detach()
  open()
  await worker.idle()

  attach()
  prepare(1)
  commit(1)
  await worker.idle()

  expect(fake.done.filter((what) => what.startsWith('commit'))).toEqual(['commit 5', 'commit 1'])
  expect(answers.at(-1)).toBe('c1 CHANGE_RELOAD')
})

test('contents that nothing needs any more go as soon as nothing is applied, held or waited for', async () => {
  const fake = fakeEngine()
  const engine = { ...fake.engine, collectGarbage: async () => void fake.done.push('collect') }
  const { worker, prepare, commit } = bareWorker(engine)
  prepare(1)
  await worker.idle()
  commit(1)
  prepare(2)
  await worker.idle()
  const whileHeld = [...fake.done]
  commit(2)
  await worker.idle()

  expect(whileHeld).toEqual(['prepare 1', 'commit 1', 'prepare 2'])
  expect(fake.done.slice(3)).toEqual(['commit 2', 'collect'])
})
