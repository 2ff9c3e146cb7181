/** What a real controller makes of one owner that a real node cannot take. */
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
  inventory.set('pg-a', samplePlan('pg-a', ['p1'], saying(`bind 198.51.100.17:${more}`), { port: a }))
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
  expect(notice?.message).toMatch(/^p1: .* the address 198\.51\.100\.17; .* \(pg-a-primary\.cfg:4\)$/)
  expect(await readdir(node.lab.serviceDir)).toEqual(['pg-a-primary.cfg', 'pg-b-primary.cfg'])
  expect(await node.lab.get('pg-a-primary.cfg')).not.toContain('198.51.100.17')
  expect(await node.lab.get('pg-b-primary.cfg')).toContain('maxconn 77')
})
