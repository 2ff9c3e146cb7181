/** What a real controller makes of one owner that a real node cannot take. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { freePorts } from '../support/haproxy-lab.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { publish, summary } from './controller-harness.ts'
import { type RealNode, startRealNode } from './real-node.ts'

let node: RealNode

beforeEach(async () => {
  node = await startRealNode()
}, 30_000)

afterEach(() => node.destroy())

/** More lines of a service, where the sample has a comment. */
const saying = (line: string) => `more\n    ${line}\n    #`
const publishAll = async (pattern: string) =>
  await publish(node.harness.admin(), { pattern, options: { timeoutMs: 60_000 } })

test('an owner that listens on an address which the node does not have is refused alone', async () => {
  const [a = 0, b = 0, more = 0] = await freePorts(3)
  const { inventory } = node.harness
  inventory.set('pg-a', samplePlan('pg-a', ['p1'], 'one', { port: a }))
  inventory.set('pg-b', samplePlan('pg-b', ['p1'], 'one', { port: b }))
  await expect
    .poll(async () => summary(await publishAll('pg-a,pg-b')), { timeout: 30_000 })
    .toMatchObject({ ok: true })
  inventory.set('pg-a', samplePlan('pg-a', ['p1'], saying(`bind 198.51.100.19:${more}`), { port: a }))
  inventory.set('pg-b', samplePlan('pg-b', ['p1'], saying('maxconn 77'), { port: b }))

  const events = await publishAll('pg-a,pg-b')

  expect(summary(events)).toMatchObject({
    nodes: ['p1 reloaded'],
    ok: false,
    committed: true,
    errors: ['ADDRESS_MISSING'],
  })
  const [notice] = events.at(-1)?.result?.errors ?? []
  expect(notice?.owner).toBe('pg-a')
  expect(notice?.message).toMatch(/^p1: .* the address 198\.51\.100\.19; .* \(pg-a-primary\.cfg:4\)$/)
  expect(await readdir(node.lab.serviceDir)).toEqual(['pg-a-primary.cfg', 'pg-b-primary.cfg'])
  expect(await node.lab.get('pg-a-primary.cfg')).not.toContain('198.51.100.19')
  expect(await node.lab.get('pg-b-primary.cfg')).toContain('maxconn 77')
})

async function status() {
  const admin = node.harness.admin()
  return await new Promise<StatusResponse__Output | undefined>((resolve, reject) =>
    admin.Status({}, (error, response) => (error ? reject(error) : resolve(response))),
  )
}

/** What an operator is told of the node. */
async function told(): Promise<string> {
  const { healthy, parked, quarantined = [], connected } = (await status())?.nodes[0] ?? {}
  const owners = quarantined.map(({ owner, keptRevision }) => `${owner}@${keptRevision}`)
  return [connected ? 'connected' : 'away', healthy ? 'healthy' : 'ill', parked ? 'parked' : '', ...owners]
    .filter(Boolean)
    .join(' ')
}

test('what a node could not take and then took by itself is no trouble any more, nothing published again', {
  timeout: 120_000,
}, async () => {
  const [a = 0, b = 0] = await freePorts(2)
  const { inventory } = node.harness
  inventory.set('pg-b', samplePlan('pg-b', ['p1'], 'one', { port: b }))
  await expect
    .poll(async () => summary(await publishAll('pg-b')), { timeout: 30_000 })
    .toMatchObject({ ok: true })
  await node.stopAgent()
  inventory.set('pg-a', samplePlan('pg-a', ['p1'], saying('stick on src table nowhere'), { port: a }))
  expect(summary(await publishAll('pg-a'))).toMatchObject({ nodes: ['p1 offline'], committed: true })
  node.startAgent()
  // It is all there was to change: the whole version is refused.
  await expect.poll(told, { timeout: 30_000 }).toBe('connected ill parked')

  await node.lab.put('nowhere.cfg', 'backend nowhere\n    stick-table type ip size 1k\n')

  await expect.poll(told, { timeout: 90_000 }).toBe('connected healthy')
  expect(await node.lab.get('pg-a-primary.cfg')).toContain('stick on')
  await expect
    .poll(() => readFile(node.metricsFile, 'utf8'), { timeout: 30_000 })
    .toContain('pgsvc_agent_retries_total{result="gained"} 1')
  expect(await readFile(node.metricsFile, 'utf8')).toContain('pgsvc_agent_quarantined_owners 0')
})
