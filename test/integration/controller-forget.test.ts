/** Nodes that are gone for good, and one that comes back all the same. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ForgetRequest } from '../../shared/rpc/generated/pgsvc/v1/ForgetRequest.ts'
import type { ForgetResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/ForgetResponse.ts'
import type { HistoryResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type Pem, type TestAgent, until } from './controller-agent.ts'
import { Harness, publish, summary } from './controller-harness.ts'

let harness: Harness
const pems = new Map<string, Pem>()
const operator = 'ann'

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  for (const name of ['n1', 'n2']) pems.set(name, await harness.issue({ kind: 'node', name }))
  await harness.start({}, 0)
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'a'))
  harness.inventory.set('pg-b', samplePlan('pg-b', ['n2'], 'b', { port: 5436 }))
})

afterEach(() => harness.destroy())

function connect(node: string, hello: object = {}): TestAgent {
  const pem = pems.get(node)
  if (!pem) throw new Error(`no certificate for ${node}`)
  return harness.agent(node, pem, {}, hello)
}

function forget(request: ForgetRequest): Promise<ForgetResponse__Output> {
  return new Promise((resolve, reject) => {
    harness
      .admin()
      .Forget(request, (error, response) =>
        response ? resolve(response) : reject(new Error(error?.details ?? 'no answer')),
      )
  })
}

function status(): Promise<StatusResponse__Output> {
  return new Promise((resolve, reject) => {
    harness
      .admin()
      .Status({}, (error, response) =>
        response ? resolve(response) : reject(error ?? new Error('no answer')),
      )
  })
}

function history(owner: string): Promise<HistoryResponse__Output> {
  return new Promise((resolve, reject) => {
    harness
      .admin()
      .History({ owner }, (error, response) =>
        response ? resolve(response) : reject(error ?? new Error('no answer')),
      )
  })
}

async function nodesKnown(): Promise<readonly string[]> {
  return (await status()).nodes.map(({ node }) => node)
}

/** Both have what they were assigned; then the second is cut off and has missed a publish. */
async function withoutSecond(): Promise<void> {
  const [first, second] = [connect('n1'), connect('n2')]
  await until('welcome', () => first.heard.length > 0 && second.heard.length > 0)
  const owners = 'pg-a,pg-b'
  expect(summary(await publish(harness.admin(), { pattern: owners }))).toMatchObject({ errors: [], ok: true })
  second.close()
  await until('it to be gone', async () => (await status()).nodes.some(({ connected }) => !connected))
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'a2'))
  const options = { timeoutMs: 500 }
  expect(summary(await publish(harness.admin(), { pattern: 'pg-a', options })).nodes).toContain('n2 offline')
}

test('a node that is gone is struck with all that it was assigned, and publishes come through again', async () => {
  await withoutSecond()
  expect((await history('pg-a')).acts[0]?.outcome).toBe('failed: n2')

  const checked = await forget({ nodes: ['n2'], options: { check: true, operator } })
  expect(await nodesKnown()).toEqual(['n1', 'n2'])
  const done = await forget({ nodes: ['n2', 'n2'], options: { operator } })

  expect(done).toEqual(checked)
  expect(done.nodes).toEqual([{ node: 'n2', ended: [{ owner: 'pg-b', revision: 1 }] }])
  expect(await nodesKnown()).toEqual(['n1'])
  expect((await status()).owners.flatMap(({ nodes }) => nodes.map(({ node }) => node))).toEqual(['n1'])
  expect((await history('pg-a')).acts[0]?.outcome).toBe('done')
  expect((await history('pg-b')).acts[0]).toMatchObject({
    kind: 'forget',
    operator,
    nodes: ['n2'],
    outcome: 'done',
  })
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'a3'))
  expect(summary(await publish(harness.admin(), { pattern: 'pg-a' })).ok).toBe(true)
})

test('one that comes back keeps what it runs, is shown, and can be published to', async () => {
  await withoutSecond()
  await forget({ nodes: ['n2'], options: { operator } })

  const applied = [{ owner: 'pg-b', revision: 1, leader: 'm1' }]
  const back = connect('n2', { applied, appliedVersion: 1 })
  await until('welcome', () => back.heard.length > 0)
  await until('it to be shown', async () => (await nodesKnown()).includes('n2'))
  expect(back.heard).toEqual(['welcome n2'])
  expect(summary(await publish(harness.admin(), { pattern: 'pg-b' })).ok).toBe(true)
  expect((await status()).nodes.find(({ node }) => node === 'n2')).toMatchObject({
    wantedVersion: 1,
    appliedVersion: 1,
  })
})

test('a rollback does not give it back what it had, and says so', async () => {
  await withoutSecond()
  await forget({ nodes: ['n2'], options: { operator } })

  const warnings: string[] = []
  for await (const { warning } of harness.admin().Rollback({ owner: 'pg-a', revision: 1 })) {
    if (warning) warnings.push(`${warning.code}: ${warning.message}`)
  }

  expect(warnings).toEqual(['NODE_FORGOTTEN: n2 had it and was forgotten since: left out'])
  expect(await nodesKnown()).toEqual(['n1'])
})

test('a connected node, and one that nobody knows, are refused with all the others', async () => {
  await withoutSecond()

  await expect(forget({ nodes: ['n2', 'n1'] })).rejects.toThrow(/NODE_NOT_GONE.*n1/s)
  await expect(forget({ nodes: ['n2', 'n3'] })).rejects.toThrow(/NAME_UNKNOWN.*n3/s)

  expect(await nodesKnown()).toEqual(['n1', 'n2'])
})

test('it is told as an event of the cluster and of the node', async () => {
  await withoutSecond()
  await forget({ nodes: ['n2'], options: { operator } })

  const messages: string[] = []
  for await (const event of harness.admin().Events({ names: ['pg-b'], limit: 1 })) {
    messages.push(`${event.kind} ${event.owner} ${event.node}: ${event.message}`)
  }

  expect(messages).toEqual(['forget pg-b n2: ann forgot this node, which was assigned @1'])
})
