/** A hundred clusters published to one proxy node at once: controller, agent and HAProxy are the real ones. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../agent/haproxy/show-proc.ts'
import { type HaproxyLab, until } from '../support/haproxy-lab.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type Harness, publish, summary } from './controller-harness.ts'
import { type RealNode, startRealNode } from './real-node.ts'

let node: RealNode
let harness: Harness
let lab: HaproxyLab

beforeEach(async () => {
  node = await startRealNode()
  ;({ harness, lab } = node)
}, 30_000)

afterEach(() => node.destroy())

async function reloads(): Promise<number> {
  return parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))?.reloads ?? -1
}

const names = Array.from({ length: 100 }, (_, i) => `pg-${String(i).padStart(3, '0')}`)

test('a hundred clusters are few reloads, all acknowledged, and their files are there', {
  timeout: 280_000,
}, async () => {
  for (const [i, name] of names.entries()) {
    harness.inventory.set(name, samplePlan(name, ['p1'], 'one', { port: 20_000 + i }))
  }
  const admin = harness.admin()
  // The agent's first stream may still be on its way.
  const [first = ''] = names
  await expect
    .poll(async () => summary(await publish(admin, { pattern: first, options: { timeoutMs: 60_000 } })), {
      timeout: 30_000,
    })
    .toMatchObject({ ok: true })
  const before = await reloads()

  const all = await Promise.all(
    names.slice(1).map((pattern) => publish(admin, { pattern, options: { timeoutMs: 250_000 } })),
  )

  const results = all.map(summary)
  expect(results.filter(({ ok }) => ok !== true)).toEqual([])
  expect(new Set(results.flatMap(({ nodes }) => nodes))).toEqual(new Set(['p1 reloaded']))
  expect((await readdir(lab.serviceDir)).sort()).toEqual(names.map((name) => `${name}-primary.cfg`))
  const more = (await reloads()) - before
  expect(more).toBeGreaterThan(0)
  expect(more).toBeLessThanOrEqual(20)
  const sections = await systemCli().ask(lab.statsSocket, 'show stat', 5_000)
  for (const name of names) expect(sections).toContain(`${name}-primary,FRONTEND,`)
  const metrics = () => readFile(node.metricsFile, 'utf8')
  await until(async () => (await metrics()).includes(`cause="added"} ${more + 1}\n`), 30_000)
  expect(await metrics()).toContain('pgsvc_agent_haproxy_up 1\n')
})
