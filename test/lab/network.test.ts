import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host } from './host.ts'
import { logOf } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { type System, serviceTexts, startSystem } from './system.ts'

/** Three times what both sides promise, with silence_ms as it is by default; TCP by itself takes a quarter of an hour. */
const NOTICE_MS = 90_000
const THIRD = 'pg-test-3'
let system: System
/** When the node's cable was taken out. */
let cutMs: number

beforeAll(async () => {
  system = await startSystem()
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
})
afterAll(() => system?.stop())

async function maxconns(): Promise<readonly (string | undefined)[]> {
  const files = await Promise.all(system.nodes.map(serviceTexts))
  return files.map((texts) => /maxconn (\d+)/.exec(texts.get('pg-test-standby.cfg') ?? '')?.[1])
}

test('a node that falls silent in the first phase is named, and the others get the change', async () => {
  await system.edit('maxconn: 5000', 'maxconn: 6000')
  cutMs = Date.now()
  await system.lab.host(THIRD).network(false)

  const result = await system.run('pgsql-svc pg-test --timeout 3')

  expect(result.status).toBe(2)
  expect(result.stdout).toMatch(/10\.10\.10\.13.*did not answer in time/)
  expect(await maxconns()).toEqual(['6000', '6000', '5000'])
})

/** Whether a daemon has logged `message` since the cut, of the third node where the line names one. */
async function isNoticed(host: Host, daemon: string, message: string): Promise<boolean> {
  const lines = (await logOf(host, daemon)).split('\n').filter((line) => line.startsWith('{'))
  const logged: { time: number; msg: string; node?: string }[] = lines.map((line) => JSON.parse(line))
  return logged.some(
    ({ time, msg, node = '10.10.10.13' }) => time >= cutMs && msg === message && node === '10.10.10.13',
  )
}

test.each([
  ['the controller', 'admin', 'controller', 'agent disconnected'],
  ['the agent', THIRD, 'agent', 'no stream to the controller'],
])(
  '%s notices the dead connection',
  async (_who, host, daemon, message) => {
    await waitFor(
      'the dead connection to be noticed',
      async () => (await isNoticed(system.lab.host(host), daemon, message)) || undefined,
      { timeoutMs: NOTICE_MS, everyMs: 200 },
    )
  },
  NOTICE_MS + 30_000,
)

test('a publish goes on without the node that is not there', async () => {
  expect((await system.run('pgsvc status')).stdout).toMatch(/10\.10\.10\.13 +offline/)

  const result = await system.run('pgsql-svc pg-test')

  expect(result.status).toBe(2)
  expect(result.stdout).toMatch(/10\.10\.10\.13.*offline/)
  expect(await maxconns()).toEqual(['6000', '6000', '5000'])
})

test(
  'when the network is back the node catches up by itself',
  async () => {
    await system.lab.host(THIRD).network(true)

    await waitFor('the node to catch up', async () => ((await maxconns())[2] === '6000' ? true : undefined), {
      timeoutMs: NOTICE_MS, // the agent may have to notice first, and then waits between two attempts
      everyMs: 200,
    })

    await waitFor('all to be well', async () =>
      (await system.run('pgsvc status')).status === 0 ? true : undefined,
    )
  },
  2 * NOTICE_MS,
)
