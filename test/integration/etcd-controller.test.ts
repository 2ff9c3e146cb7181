import { afterEach, beforeEach, expect, test } from 'vitest'
import { unknownTimeline } from '../../shared/model/leader.ts'
import { createEtcdLab, type EtcdLab } from '../support/etcd-lab.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type TestAgent, until } from './controller-agent.ts'
import { Harness, publish } from './controller-harness.ts'

let harness: Harness
let etcd: EtcdLab

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1'], 'one'))
  harness.inventory.set('pg-meta', samplePlan('pg-meta', ['n2'], 'one'))
  etcd = await createEtcdLab()
})

afterEach(async () => {
  await harness.destroy()
  await etcd.destroy()
})

async function connect(node: string): Promise<TestAgent> {
  const agent = harness.agent(node, await harness.issue({ kind: 'node', name: node }))
  await until(`the welcome of ${node}`, () => agent.heard.length > 0)
  return agent
}

async function watched(): Promise<void> {
  await until('etcd is watched', () => harness.running.etcd().kind === 'watching')
}

test('what etcd says of a leader reaches the nodes that serve the cluster, and no others', async () => {
  await etcd.ctl(['put', '/pg/pg-test/leader', 'pg-test-1'])
  await harness.start({ etcd_endpoints: etcd.endpoints })
  const [first, other] = [await connect('n1'), await connect('n2')]
  await publish(harness.admin(), { pattern: 'pg-test,pg-meta' })
  await watched()

  await etcd.ctl(['del', '/pg/pg-test/leader'])
  await until('the first hint', () => first.hints.length === 1)
  await etcd.ctl(['put', '/pg/pg-test/leader', 'pg-test-2'])
  await until('the second hint', () => first.hints.length === 2)

  const said = { owner: 'pg-test', source: 'etcd', timeline: unknownTimeline }
  expect(first.hints).toEqual([
    { ...said, leader: '' },
    { ...said, leader: 'pg-test-2' },
  ])
  expect(other.hints).toEqual([])
})

test('a controller whose etcd is away publishes as ever, and stops as ever', async () => {
  await etcd.members[0]?.kill()
  await harness.start({ etcd_endpoints: etcd.endpoints })
  const node = await connect('n1')
  await until('an attempt', () => {
    const state = harness.running.etcd()
    return state.kind === 'trying' && state.reason.includes('ECONNREFUSED')
  })

  await publish(harness.admin(), { pattern: 'pg-test' })
  await harness.stop()

  expect(node.heard).toContain('commit v1')
})

test('without members of etcd none is watched', async () => {
  await harness.start()

  expect(harness.running.etcd()).toEqual({ kind: 'off' })
})

test('options that contradict each other keep the controller from starting, with the reason', async () => {
  const start = harness.start({ etcd_endpoints: etcd.endpoints, etcd_user: 'pgsvc' })

  await expect(start).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'etcd_user is given without etcd_password_file',
  })
})
