import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from './process.ts'
import { type System, serviceTexts, startSystem } from './system.ts'

/** Both sides promise to notice a dead stream within this long. */
const NOTICE_MS = 30_000
const THIRD = 'pg-test-3'
let system: System

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
  await system.lab.host(THIRD).network(false)

  const result = await system.run('pgsql-svc pg-test --timeout 3')

  expect(result.status).toBe(2)
  expect(result.stdout).toMatch(/10\.10\.10\.13.*did not answer in time/)
  expect(await maxconns()).toEqual(['6000', '6000', '5000'])
})

test('the controller notices the dead connection, and a publish goes on without the node', async () => {
  await waitFor(
    'the node to be offline',
    async () =>
      /10\.10\.10\.13 +offline/.test((await system.run('pgsvc status')).stdout) ? true : undefined,
    { timeoutMs: NOTICE_MS, everyMs: 500 },
  )

  const result = await system.run('pgsql-svc pg-test')

  expect(result.status).toBe(2)
  expect(result.stdout).toMatch(/10\.10\.10\.13.*offline/)
  expect(await maxconns()).toEqual(['6000', '6000', '5000'])
}, 60_000)

test('when the network is back the node catches up by itself', async () => {
  await system.lab.host(THIRD).network(true)

  await waitFor('the node to catch up', async () => ((await maxconns())[2] === '6000' ? true : undefined), {
    timeoutMs: 2 * NOTICE_MS, // the agent may have to notice first, and then waits between two attempts
    everyMs: 200,
  })

  await waitFor('all to be well', async () =>
    (await system.run('pgsvc status')).status === 0 ? true : undefined,
  )
}, 90_000)
