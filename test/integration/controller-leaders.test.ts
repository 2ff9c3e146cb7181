import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LeaderView, noTimings, unknownTimeline } from '../../shared/model/leader.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { EventsRequest } from '../../shared/rpc/generated/pgsvc/v1/EventsRequest.ts'
import type { LeadersResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type Pem, type TestAgent, until } from './controller-agent.ts'
import { Harness, publish, summary } from './controller-harness.ts'

let harness: Harness
const pems = new Map<string, Pem>()
const nodes = ['n1', 'n2', 'n3', 'n4']

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  for (const name of nodes) pems.set(name, await harness.issue({ kind: 'node', name }))
  await harness.start()
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1', 'n2', 'n3'], 'one'))
  harness.inventory.set('pg-meta', samplePlan('pg-meta', ['n4'], 'one'))
})

afterEach(() => harness.destroy())

async function connect(node: string, hello: object = {}): Promise<TestAgent> {
  const pem = pems.get(node)
  if (!pem) throw new Error(`no certificate for ${node}`)
  const agent = harness.agent(node, pem, {}, hello)
  await until(`the welcome of ${node}`, () => agent.heard.length > 0)
  return agent
}

/** Three members of pg-test and a node of pg-meta, all with what is published. */
async function connectAll() {
  const [first, second, third, other] = await Promise.all(nodes.map((node) => connect(node)))
  if (!first || !second || !third || !other) throw new Error('as many agents as nodes')
  await publish(harness.admin(), { pattern: 'pg-test,pg-meta' })
  return { first, second, third, other }
}

const known = { system: '7001', timeline: 4 }
const tellsNothing = () => new Promise((resolve) => setTimeout(resolve, 300))

test('what a node has confirmed is passed on to all others that serve the cluster, and not to itself', async () => {
  const { first, second, third, other } = await connectAll()

  first.report({ owner: 'pg-test', step: 'suspected', leader: 'pg-test-1' })
  first.report({ owner: 'pg-test', step: 'confirmed', leader: 'pg-test-2', timeline: known })

  await until('the hints', () => second.hints.length === 2 && third.hints.length === 2)
  await tellsNothing()
  expect(second.hints).toEqual([
    { owner: 'pg-test', leader: '', source: 'node:n1', timeline: unknownTimeline },
    { owner: 'pg-test', leader: 'pg-test-2', source: 'node:n1', timeline: known },
  ])
  expect([first.hints, other.hints]).toEqual([[], []])
})

test('what a node says of a cluster that it does not serve is dropped', async () => {
  const { first, second, third, other } = await connectAll()

  other.report({ owner: 'pg-test', step: 'confirmed', leader: 'pg-test-2' })
  other.report({ owner: 'pg-test', step: 'moved', leader: 'pg-test-2' })
  other.report({ owner: 'pg-meta', step: 'moved', leader: 'pg-meta-2' })

  await until('its own is followed', async () => (await followed()).includes('pg-meta pg-meta-2'))
  expect(await followed()).toEqual(['pg-meta pg-meta-2'])
  expect([first.hints, second.hints, third.hints]).toEqual([[], [], []])
})

test('a node that comes new starts with the leader that was followed, one that missed it is told', async () => {
  const { first, third, other } = await connectAll()
  third.close()
  first.report({ owner: 'pg-test', step: 'moved', leader: 'pg-test-2', timeline: known })
  await until('followed', async () => (await followed()).length > 0)

  const again = await connect('n3', {
    applied: [{ owner: 'pg-test', revision: 1, leader: 'pg-test-1' }],
    appliedVersion: 1,
    heldDigests: [...third.blobs],
  })
  const wider = samplePlan('pg-test', ['n1', 'n2', 'n3', 'n4'], 'two', { port: 5533 })
  harness.inventory.set('pg-test', wider)
  const published = summary(await publish(harness.admin(), { pattern: 'pg-test' }))

  await until('the hint', () => again.hints.length > 0)
  expect(again.hints).toEqual([
    { owner: 'pg-test', leader: 'pg-test-2', source: 'followed', timeline: known },
  ])
  expect(published).toMatchObject({ ok: true, nodes: nodes.map((node) => `${node} reloaded`) })
  // It has what it is assigned, whoever leads; what came is the second publish alone.
  expect(again.heard).toEqual(['welcome n3', 'prepare v2 pg-test@2', 'commit v2'])
  expect(other.leaders).toEqual({ 'pg-meta': 'pg-meta-1', 'pg-test': 'pg-test-2' })
})

test('a failover in the middle of a publish does not refuse it', async () => {
  const { first, second } = await connectAll()
  const prepared = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  first.behaviour = {
    prepare: () => {
      first.report({ owner: 'pg-test', step: 'moved', leader: 'pg-test-2', timeline: known })
      return 'ack'
    },
  }
  second.behaviour = {
    prepare: () => {
      prepared.resolve()
      void goOn.promise.then(() => second.answerLate())
      return undefined
    },
  }
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1', 'n2', 'n3'], 'two'))

  const publishing = publish(harness.admin(), { pattern: 'pg-test' })
  await prepared.promise
  await until('followed', async () => (await followed()).length > 0)
  goOn.resolve()

  expect(summary(await publishing)).toMatchObject({ ok: true, committed: true, errors: [] })
})

test('what the nodes agree on is found out after a failover without a controller', async () => {
  await connectAll()
  await harness.stop()
  await harness.start({ silence_ms: 60_000 })
  const agents = await Promise.all(['n1', 'n2', 'n3'].map((node) => connect(node)))
  const view: LeaderView = {
    ...{ owner: 'pg-test', leader: 'pg-test-2', confirmed: true, sinceMs: Date.now(), running: 'pg-test-2' },
    ...{ timings: noTimings, source: 'patroni', follow: 'on', held: undefined },
  }

  for (let tries = 0; tries < 200 && (await followed()).length === 0; tries += 1) {
    for (const agent of agents) agent.observe([view])
    await new Promise((resolve) => setTimeout(resolve, 100))
  }

  expect(await followed()).toEqual(['pg-test pg-test-2'])
})

test('leaders are told by inventory, by what was followed and by what each node sees', async () => {
  const { first } = await connectAll()
  first.observe([
    {
      ...{ owner: 'pg-test', leader: 'pg-test-2', confirmed: true, sinceMs: 5, running: 'pg-test-1' },
      ...{ timings: { confirmMs: 60, tellMs: 24, moveMs: 0 }, source: 'patroni', follow: 'on' },
      held: { code: 'FLAPPING', message: 'too many changes' },
    },
  ])
  const sight = async () => (await leaders(['pg-test'])).clusters[0]?.nodes[0]?.view?.leader
  await until('the view', async () => (await sight()) === 'pg-test-2')

  expect((await leaders(['pg-test'])).clusters).toMatchObject([
    {
      ...{ owner: 'pg-test', inventory: 'pg-test-1', followed: '', sinceMs: 0, follow: 'FOLLOW_UNSPECIFIED' },
      nodes: [
        {
          node: 'n1',
          view: {
            ...{ leader: 'pg-test-2', running: 'pg-test-1', confirmed: true, code: 'FLAPPING' },
            timings: { confirmMs: 60, tellMs: 24, moveMs: 0 },
          },
        },
        { node: 'n2', view: { leader: '', running: 'pg-test-1', code: '' } },
        { node: 'n3', view: { leader: '', running: 'pg-test-1', code: '' } },
      ],
    },
  ])
  await expect(leaders(['nosuch'])).rejects.toMatchObject({
    details: expect.stringContaining('OWNER_UNKNOWN: no cluster was ever published as nosuch'),
  })
})

test('what happens is told in order, what was and what comes, until the listener goes', async () => {
  const { first, second } = await connectAll()
  const listening = listen({ names: ['pg-test', 'n2'], follow: true })
  await until('the past', () => listening.told.length >= 2)
  first.report({ owner: 'pg-test', step: 'confirmed', leader: 'pg-test-2', before: 'pg-test-1' })
  second.report({ owner: 'pg-meta', step: 'confirmed', leader: 'pg-meta-2' })
  first.report({ owner: 'pg-test', step: 'moved', leader: 'pg-test-2', before: 'pg-test-1' })
  await until('the steps', () => listening.told.some(({ leader }) => leader?.step === 'LEADER_STEP_MOVED'))

  listening.cancel()

  await until('the end', () => listening.ended() !== undefined)
  expect(listening.ended()).toBe(status.CANCELLED)
  const lines = listening.told.map(({ kind, node, message }) => `${kind} ${node} ${message}`)
  expect(lines).toEqual([
    'connected n2 the agent is there: pgsvc 0, HAProxy 2.6.12',
    'publish  local published @1 on n1, n2, n3',
    'leader n1 pg-test-2 leads, after pg-test-1: confirmed in 0 ms (patroni)',
    'leader n1 the variant of pg-test-2 is in place, 3000 ms after the first hint',
  ])
  expect(listening.told.map(({ id }) => id)).toEqual(listening.told.map(({ id }) => id).sort((a, b) => a - b))
})

test('without --follow events end, and the newest are told', async () => {
  await connectAll()

  const listening = listen({ limit: 2 })

  await until('the end', () => listening.ended() !== undefined)
  expect(listening.ended()).toBe(status.OK)
  expect(listening.told.map(({ kind }) => kind)).toEqual(['publish', 'publish'])
})

test('a controller that stops ends those that listen', async () => {
  await connectAll()
  const listening = listen({ follow: true })
  await until('the past', () => listening.told.length > 0)

  await harness.stop()

  await until('the end', () => listening.ended() !== undefined)
  expect(listening.ended()).toBe(status.UNAVAILABLE)
})

test('a listener that takes nothing for a while holds nobody up, and misses nothing', async () => {
  const { first, second, third } = await connectAll()
  const slow = listen({ limit: 1, follow: true })
  const quick = listen({ limit: 1, follow: true })
  await until('the past', () => slow.told.length > 0 && quick.told.length > 0)
  slow.pause()
  const held = (i: number) => ({ code: `CODE_${i}`, message: 'x'.repeat(400) })

  // The buffers of HTTP/2 and of the socket take some hundreds of such events before anybody has to wait.
  for (let i = 1; i <= 900; i += 1) {
    for (const agent of [first, second, third])
      agent.report({ owner: 'pg-test', step: 'held', held: held(i) })
    if (i % 100 === 0) await until(`event ${i}`, () => quick.told.length === 3 * i + 1)
  }
  const meanwhile = slow.told.length
  slow.resume()

  await until('all of them', () => slow.told.length === quick.told.length)
  expect(meanwhile).toBe(1)
  const [{ id = 0 } = {}] = slow.told
  expect(slow.told.map((event) => event.id)).toEqual(slow.told.map((_event, i) => id + i))
  for (const one of [slow, quick]) one.cancel()
})

async function followed(): Promise<readonly string[]> {
  const { clusters } = await leaders([])
  return clusters.flatMap(({ owner, followed: leader }) => (leader === '' ? [] : [`${owner} ${leader}`]))
}

function leaders(owners: string[]): Promise<LeadersResponse__Output> {
  return new Promise((resolve, reject) => {
    harness.admin().Leaders({ owners }, (error, response) => (response ? resolve(response) : reject(error)))
  })
}

function listen(request: EventsRequest) {
  const call = harness.admin().Events(request)
  const told: Event__Output[] = []
  let end: number | undefined
  call.on('data', (event: Event__Output) => told.push(event))
  call.on('error', () => undefined)
  call.on('status', ({ code }) => {
    end = code
  })
  return {
    told,
    ended: () => end,
    cancel: () => call.cancel(),
    pause: () => call.pause(),
    resume: () => call.resume(),
  }
}
