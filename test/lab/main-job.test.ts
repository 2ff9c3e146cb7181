import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { INVENTORY_FILE } from './pgsvc.ts'
import { prove } from './proof.ts'
import { restartAgent, type System, serviceFiles, serviceTexts, startSystem, workerPids } from './system.ts'
import { PG_TEST_EXPECTED } from './topology.ts'

const FIVE = ['default', 'offline', 'primary', 'replica', 'standby'].map((name) => `pg-test-${name}.cfg`)

let system: System

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

/** Sets maxconn of the service standby in the inventory, whatever it was. */
async function setMaxconn(value: number): Promise<void> {
  const text = await readFile(system.admin.file(INVENTORY_FILE), 'utf8')
  const now = /maxconn: \d+/.exec(text)?.[0] ?? 'no maxconn in the inventory'
  await system.edit(now, `maxconn: ${value}`)
}

async function maxconns(): Promise<readonly (string | undefined)[]> {
  const files = await Promise.all(system.nodes.map(serviceTexts))
  return files.map((texts) => /maxconn (\d+)/.exec(texts.get('pg-test-standby.cfg') ?? '')?.[1])
}

test('before the first publish a node has no service and nothing was reloaded', async () => {
  expect(await Promise.all(system.nodes.map(serviceFiles))).toEqual([[], [], []])
})

test('pgsql-svc pg-test makes every port of every member reach the right backend', async () => {
  const result = await system.run('pgsql-svc pg-test')

  expect(result).toMatchObject({ status: 0 })
  expect(await Promise.all(system.nodes.map(serviceFiles))).toEqual([FIVE, FIVE, FIVE])
  const wrong = (await prove(system.ask, PG_TEST_EXPECTED)).filter((proof) => !proof.ok)
  expect(wrong).toEqual([])
})

describe('with pg-test published', () => {
  beforeEach(async () => {
    await setMaxconn(5000)
    expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  })

  test('a second run changes nothing and reloads nothing', async () => {
    const workers = await workerPids(system)

    const result = await system.run('pgsql-svc pg-test')

    expect(result.status).toBe(0)
    expect(result.stdout.toLowerCase()).toContain('nothing to do')
    expect(await workerPids(system)).toEqual(workers)
  })

  test('a change reaches every member, each with one new worker', async () => {
    const workers = await workerPids(system)
    await setMaxconn(6000)

    expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })

    expect(await maxconns()).toEqual(['6000', '6000', '6000'])
    const now = await workerPids(system)
    expect(now.filter((pid, index) => pid === workers[index])).toEqual([])
  })

  test('a publish to one address changes that node alone, also after another node’s agent was restarted', async () => {
    await setMaxconn(7000)

    expect(await system.run('pgsql-svc pg-test 10.10.10.12')).toMatchObject({ status: 0 })
    const first = system.agents.get('pg-test-1')
    first?.kill('SIGTERM')
    await first?.exited
    await restartAgent(system, 'pg-test-1')
    await system.connected()

    expect(await maxconns()).toEqual(['5000', '7000', '5000'])
  })

  test('--check --diff shows what would change and changes nothing', async () => {
    const workers = await workerPids(system)
    await setMaxconn(6000)

    const result = await system.run('pgsql-svc pg-test --check --diff')

    expect(result.status).toBe(0)
    expect(result.stdout).toMatch(/^\s*-.*maxconn 5000/m)
    expect(result.stdout).toMatch(/^\s*\+.*maxconn 6000/m)
    expect(await maxconns()).toEqual(['5000', '5000', '5000'])
    expect(await workerPids(system)).toEqual(workers)
  })

  test('a rollback brings the revision before back to every member', async () => {
    await setMaxconn(6500)
    expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })

    const result = await system.run('pgsvc rollback pg-test')

    expect(result).toMatchObject({ status: 0 })
    expect(await maxconns()).toEqual(['5000', '5000', '5000'])
    const history = await system.run('pgsvc history pg-test')
    expect(history.stdout).toContain('rollback')
  })

  test('remove takes the files away where it is asked to, and only there', async () => {
    const result = await system.run('pgsvc remove pg-test 10.10.10.13')

    expect(result).toMatchObject({ status: 0 })
    expect(await Promise.all(system.nodes.map(serviceFiles))).toEqual([FIVE, FIVE, []])
  })

  test.each([
    ['pgsql-svc', 1],
    ['pgsql-svc pg-test 10.10.10.300', 3],
    ['pgsql-svc no-such-cluster', 2],
    ['pgsql-svc pg-test 10.10.10.99', 4],
    ['pgsql-svc pg-test 10.10.10.11 10.10.10.99', 4],
  ])('%s ends with status %i and changes nothing', async (line, status) => {
    await setMaxconn(9000)
    const workers = await workerPids(system)

    const result = await system.run(line)

    expect(result.status).toBe(status)
    expect(await workerPids(system)).toEqual(workers)
    expect(await maxconns()).toEqual(['5000', '5000', '5000'])
  })
})
