import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prove } from './proof.ts'
import { restartController, type System, serviceFiles, startSystem, workerPids } from './system.ts'
import { MEMBERS, PG_SRC_EXPECTED, PG_TEST_EXPECTED, PROXY_OWN_EXPECTED } from './topology.ts'

let system: System

beforeAll(async () => {
  system = await startSystem({ proxies: true })
})
afterAll(() => system?.stop())

async function filesOf(names: readonly string[]): Promise<readonly (readonly string[])[]> {
  return await Promise.all(names.map((name) => serviceFiles(system.lab.host(name))))
}

async function wrong(expectations: typeof PG_SRC_EXPECTED): Promise<unknown> {
  return (await prove(system.ask, expectations)).filter((proof) => !proof.ok)
}

const PG_SRC = ['pg-src-primary.cfg', 'pg-src-replica.cfg']

test('a delegated cluster lands on the proxies alone, and its ports there reach its members', async () => {
  const result = await system.run('pgsql-svc pg-src')

  expect(result).toMatchObject({ status: 0 })
  expect(await filesOf(['proxy-1', 'proxy-2'])).toEqual([PG_SRC, PG_SRC])
  expect(await filesOf(MEMBERS.map((member) => member.name))).toEqual([[], [], []])
  expect(await wrong(PG_SRC_EXPECTED)).toEqual([])
})

test('a member of a delegated cluster stands for the proxies that carry it', async () => {
  const workers = await workerPids(system)

  const result = await system.run('pgsql-svc pg-src 10.10.10.15')

  expect(result).toMatchObject({ status: 0 })
  expect(result.stdout).toContain('10.10.10.18')
  expect(await workerPids(system)).toEqual(workers)
})

test('pgsvc node publishes the services of the proxies beside the cluster’s', async () => {
  const result = await system.run('pgsvc node proxy')

  expect(result).toMatchObject({ status: 0 })
  expect(await filesOf(['proxy-1'])).toEqual([[...PG_SRC, 'source.cfg']])
  expect(await wrong([...PG_SRC_EXPECTED, ...PROXY_OWN_EXPECTED])).toEqual([])
})

test('a controller that lost its database takes nothing away that it does not know', async () => {
  system.controller.kill('SIGKILL')
  await system.controller.exited
  await rm(system.admin.file('/var/lib/pgsvc/controller'), { recursive: true })
  await restartController(system)
  await system.connected(['proxy-1', 'proxy-2'])

  const result = await system.run('pgsql-svc pg-src')
  const status = await system.run('pgsvc status')

  expect(result).toMatchObject({ status: 0 })
  expect(await filesOf(['proxy-1', 'proxy-2'])).toEqual(Array(2).fill([...PG_SRC, 'source.cfg']))
  expect(status.stdout).toContain('runs node:10.10.10.18, which was never published to it from here')
  expect(await system.run('pgsvc node proxy')).toMatchObject({ status: 0 })
  expect(await wrong([...PG_SRC_EXPECTED, ...PROXY_OWN_EXPECTED])).toEqual([])
})

test('the name of the provider group means every cluster delegated to it', async () => {
  await system.edit('port: 10015', 'port: 10016')

  const result = await system.run('pgsql-svc proxy')

  expect(result).toMatchObject({ status: 0 })
  const moved = PG_SRC_EXPECTED.map((each) => (each.port === 10015 ? { ...each, port: 10016 } : each))
  expect(await wrong(moved)).toEqual([])
})

test('a glob publishes the clusters it matches, each to its own nodes', async () => {
  const result = await system.run("pgsql-svc 'pg-*'")

  expect(result).toMatchObject({ status: 0 })
  expect((await filesOf(['pg-test-1']))[0]).toHaveLength(5)
  expect(await wrong(PG_TEST_EXPECTED)).toEqual([])
})

test('a group without PostgreSQL is nothing to do, with exit status 0', async () => {
  const result = await system.run('pgsql-svc infra')

  expect(result).toMatchObject({ status: 0 })
  expect(result.stdout).toContain('nothing to do')
})

test('remove takes a cluster off its proxies and leaves their own services', async () => {
  const result = await system.run('pgsvc remove pg-src')

  expect(result).toMatchObject({ status: 0 })
  expect(await filesOf(['proxy-1', 'proxy-2'])).toEqual([['source.cfg'], ['source.cfg']])
  expect(await wrong(PROXY_OWN_EXPECTED)).toEqual([])
})
