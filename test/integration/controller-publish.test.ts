import { afterEach, beforeEach, expect, test } from 'vitest'
import { samplePlan } from '../unit/store/sample.ts'
import { type Pem, until } from './controller-agent.ts'
import { Harness, publish, summary } from './controller-harness.ts'

let harness: Harness
let n1: Pem
let n2: Pem

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  n1 = await harness.issue({ kind: 'node', name: 'n1' })
  n2 = await harness.issue({ kind: 'node', name: 'n2' })
  await harness.start()
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1', 'n2'], 'one'))
})

afterEach(() => harness.destroy())

test('a publish reaches both nodes in two phases over the real wire', async () => {
  const [first, second] = [harness.agent('n1', n1), harness.agent('n2', n2)]
  await until('welcome', () => first.heard.length > 0 && second.heard.length > 0)

  const events = await publish(harness.admin(), { pattern: 'pg-test' })

  expect(summary(events)).toEqual({
    nodes: ['n1 reloaded', 'n2 reloaded'],
    ok: true,
    committed: true,
    nothingToDo: false,
    errors: [],
  })
  expect(first.heard).toEqual(['welcome n1', 'prepare v1 pg-test@1', 'commit v1'])
})

test('what was published survives a restart of the controller and reaches a node that comes later', async () => {
  await harness.visit('n1', n1)
  await publish(harness.admin(), { pattern: 'pg-test' })
  await harness.stop()
  await harness.start()

  const first = harness.agent('n1', n1)

  await until('the snapshot', () => first.heard.includes('snapshot v1 pg-test@1'))
  expect(first.blobs.size).toBe(2)
})

test('contents travel once: a node that reconnects is sent only what it lacks', async () => {
  const first = harness.agent('n1', n1)
  await until('welcome', () => first.heard.length > 0)
  await publish(harness.admin(), { pattern: 'pg-test' })
  first.close()

  const again = harness.agent('n1', n1, {}, { heldDigests: [...first.blobs] })

  await until('the snapshot', () => again.heard.includes('snapshot v1 pg-test@1'))
  expect([first.blobs.size, again.blobs.size]).toEqual([2, 0])
})

test('a refused snapshot is parked until the agent is another one', async () => {
  await harness.visit('n1', n1)
  await publish(harness.admin(), { pattern: 'pg-test' })
  const fault = { stage: 'STAGE_VALIDATE', code: 'HAPROXY_REFUSED', message: 'no' } as const
  const first = harness.agent('n1', n1, { snapshot: () => fault })
  await until('the first try', () => first.heard.includes('snapshot v1 pg-test@1'))
  await until('parked', async () => (await statusOf()).nodes[0]?.parked === true)
  first.close()

  const same = harness.agent('n1', n1)
  await until('welcome', () => same.heard.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const other = harness.agent('n1', n1, {}, { bootId: 'restarted' })

  await until('sent again', () => other.heard.includes('snapshot v1 pg-test@1'))
  expect(same.heard).toEqual(['welcome n1'])
})

test('a second stream of a node ends the first', async () => {
  const first = harness.agent('n1', n1)
  await until('welcome', () => first.heard.length > 0)

  harness.agent('n1', n1)

  await until('the end of the first', () => first.ended !== undefined)
  expect(first.ended?.details).toMatch(/newer stream/)
})

test('an operator who goes away before the commit changes nothing', async () => {
  const first = harness.agent('n1', n1)
  const second = harness.agent('n2', n2, { prepare: () => undefined })
  await until('welcome', () => first.heard.length > 0 && second.heard.length > 0)
  const call = harness.admin().Publish({ pattern: 'pg-test' })
  call.on('error', () => undefined)
  await until('prepare', () => second.heard.includes('prepare v1 pg-test@1'))

  call.cancel()

  await until('abort', () => first.heard.includes('abort') && second.heard.includes('abort'))
  const status = await statusOf()
  expect(status.owners).toEqual([])
})

test('an operator who goes away after the commit leaves the publish going on', async () => {
  const slow = harness.agent('n1', n1, { commit: () => undefined })
  const second = harness.agent('n2', n2)
  await until('welcome', () => slow.heard.length > 0 && second.heard.length > 0)
  const call = harness.admin().Publish({ pattern: 'pg-test' })
  call.on('error', () => undefined)
  call.on('data', () => undefined)
  await until('commit', () => slow.heard.includes('commit v1'))

  call.cancel()

  slow.close()
  const back = harness.agent('n1', n1)
  await until('the snapshot', () => back.heard.includes('snapshot v1 pg-test@1'))
  await until('the second has it', () => second.heard.includes('commit v1'))
  expect((await statusOf()).owners?.[0]?.nodes?.map(({ assigned }) => assigned)).toEqual([1, 1])
})

test('status keeps sent, applied and healthy apart', async () => {
  await harness.visit('n2', n2)
  const first = harness.agent('n1', n1)
  await until('welcome', () => first.heard.length > 0)
  await publish(harness.admin(), { pattern: 'pg-test' })
  first.send({
    observation: { haproxyRunning: true, servingApplied: true, servicesDown: ['pg-test-primary'], drift: [] },
  })
  await until(
    'the problem',
    async () => (await problemsOf('n1')).join() === 'no server of pg-test-primary is up',
  )

  const { owners, nodes } = await statusOf()

  expect(owners).toMatchObject([{ owner: 'pg-test', newest: 1, leader: 'pg-test-1' }])
  expect(nodes).toMatchObject([
    { node: 'n1', connected: true, wantedVersion: 1, sentVersion: 1, appliedVersion: 1, healthy: false },
    { node: 'n2', connected: false, wantedVersion: 1, appliedVersion: 0, healthy: false },
  ])
})

test('a rollback goes to the revision before, and history tells of both acts', async () => {
  const [first, second] = [harness.agent('n1', n1), harness.agent('n2', n2)]
  await until('welcome', () => first.heard.length > 0 && second.heard.length > 0)
  const admin = harness.admin()
  await publish(admin, { pattern: 'pg-test', options: { operator: 'ann' } })
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1', 'n2'], 'two'))
  await publish(admin, { pattern: 'pg-test', options: { operator: 'ann' } })

  const call = admin.Rollback({ owner: 'pg-test', options: { operator: 'bob' } })
  for await (const event of call) void event

  expect(first.heard.at(-2)).toBe('prepare v3 pg-test@1')
  const history = await new Promise((resolve, reject) => {
    admin.History({ owner: 'pg-test' }, (error, response) => (error ? reject(error) : resolve(response)))
  })
  expect(history).toMatchObject({
    revisions: [
      { number: 2, nodes: [] },
      { number: 1, nodes: ['n1', 'n2'], operator: 'ann' },
    ],
    acts: [
      { kind: 'rollback', operator: 'bob', revision: 1, outcome: 'done' },
      { kind: 'publish', revision: 2, outcome: 'done' },
      { kind: 'publish', revision: 1, outcome: 'done' },
    ],
  })
})

async function problemsOf(name: string): Promise<readonly string[]> {
  return (await statusOf()).nodes.find(({ node }) => node === name)?.problems ?? []
}

function statusOf(): Promise<{
  owners: { nodes?: { assigned: number }[] }[]
  nodes: { node: string; parked: boolean; problems: string[] }[]
}> {
  return new Promise((resolve, reject) => {
    harness.admin().Status({}, (error, response) => (response ? resolve(response) : reject(error)))
  })
}
