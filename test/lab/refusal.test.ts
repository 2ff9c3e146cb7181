import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { INVENTORY_FILE } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { restartAgent, type System, serviceFiles, serviceTexts, startSystem, workerPids } from './system.ts'
import { INVENTORY } from './topology.ts'

let system: System

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

beforeEach(async () => {
  await writeFile(system.admin.file(INVENTORY_FILE), INVENTORY)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
})

/** Everything that must not change: files with their text and worker pids. */
async function state(): Promise<unknown> {
  return [await Promise.all(system.nodes.map(serviceTexts)), await workerPids(system)]
}

/** Node by node: did its files change? */
function changed(before: unknown, after: unknown): readonly boolean[] {
  const files = (state: unknown) => (Array.isArray(state) && Array.isArray(state[0]) ? state[0] : [])
  const maxconn = (texts: unknown) => (texts instanceof Map ? texts.get('pg-test-standby.cfg') : undefined)
  return files(before).map((texts, i) => maxconn(texts) !== maxconn(files(after)[i]))
}

test.each([
  ['a balance that HAProxy does not know', 'maxconn: 5000', 'maxconn: 6000 ,balance: rondrobin'],
  ['a selector that does not parse', 'selector: "[]" ,maxconn', 'selector: "[?" ,maxconn'],
  ['a port that another service of the cluster has', 'port: 5435', 'port: 5433'],
  ['a file that is no YAML', 'pg-test:', 'pg-test: ]'],
])('%s is refused, and nothing changes on any node', async (_what, from, to) => {
  const before = await state()
  await system.edit(from, to)

  const result = await system.run('pgsql-svc pg-test')

  expect(result.status).toBe(2)
  expect(`${result.stdout}${result.stderr}`).toMatch(/standby|pigsty\.yml/)
  expect(await state()).toEqual(before)
})

test('a broken file of somebody else blocks its node alone, is named, and mending it and publishing again suffices', async () => {
  const [, second] = system.nodes
  if (!second) throw new Error('the lab has three members')
  const foreign = second.file('/etc/haproxy/conf.d/zz-other.cfg')
  const before = await state()
  await system.edit('maxconn: 5000', 'maxconn: 6000')
  await writeFile(foreign, 'listen other\n    bnd *:7000\n')

  const result = await system.run('pgsql-svc pg-test')
  const meanwhile = await state()
  await rm(foreign)
  const again = await system.run('pgsql-svc pg-test')

  expect(result.status).toBe(2)
  expect(result.stdout).toMatch(/10\.10\.10\.12.*zz-other\.cfg:2/)
  expect(changed(before, meanwhile)).toEqual([true, false, true])
  expect(again).toMatchObject({ status: 0 })
  expect(changed(before, await state())).toEqual([true, true, true])
})

test('a file of somebody else that HAProxy takes is left as it is', async () => {
  const [first] = system.nodes
  if (!first) throw new Error('the lab has three members')
  const foreign = first.file('/etc/haproxy/conf.d/other.cfg')
  const text = '# not ours\nlisten other\n    bind *:7000\n    mode tcp\n'
  await writeFile(foreign, text)
  await system.edit('maxconn: 5000', 'maxconn: 6000')

  const result = await system.run('pgsql-svc pg-test')

  expect(result).toMatchObject({ status: 0 })
  expect(await readFile(foreign, 'utf8')).toBe(text)
  await rm(foreign)
})

test('a cluster that is published and gone from the inventory is named, keeps its files, and can be removed', async () => {
  const before = await state()
  await system.edit('pg_cluster: pg-test', 'pg_shard: pg-test')
  const result = await system.run('pgsql-svc pg-test')
  const all = await system.run('pgsql-svc all --check')
  const glob = await system.run("pgsql-svc 'pg-*' --check")

  expect(result.status).toBe(2)
  expect(result.stdout).toContain('OWNER_GONE: the inventory has no pg-test any more')
  for (const { stdout } of [all, glob]) expect(stdout).toContain('OWNER_GONE')
  expect(await state()).toEqual(before)
  expect(await system.run('pgsvc remove pg-test --check')).toMatchObject({ status: 0 })
})

test('taking the last server of a service away needs --allow-shrink', async () => {
  const before = await state()
  await system.edit('selector: "[]" ,maxconn', 'selector: "[?pg_seq > `1`] | [?pg_seq < `2`]" ,maxconn')

  const refused = await system.run('pgsql-svc pg-test')
  const after = await state()
  const allowed = await system.run('pgsql-svc pg-test --allow-shrink')

  expect(refused.status).toBe(2)
  expect(`${refused.stdout}${refused.stderr}`).toContain('--allow-shrink')
  expect(after).toEqual(before)
  expect(allowed).toMatchObject({ status: 0 })
})

test('a node that was away and cannot take one owner takes the others, says so, and comes round', async () => {
  const [, second] = system.nodes
  if (!second) throw new Error('the lab has three members')
  const agent = system.agents.get('pg-test-2')
  agent?.kill('SIGTERM')
  await agent?.exited
  await system.edit(
    'pg_services:\n',
    'pg_services:\n          - { name: extra ,port: 5440 ,dest: postgres ,check: /health ,selector: "[]" }\n',
  )
  await system.edit(
    '10.10.10.12: { pg_seq: 2, pg_role: replica }',
    '10.10.10.12: { pg_seq: 2, pg_role: replica, haproxy_services: [ { name: own, port: 7100, servers: [ { name: s1, ip: 10.10.10.11, port: 6432 } ] } ] }',
  )
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 2 })
  expect((await system.run('pgsvc node 10.10.10.12')).stdout).toContain('committed node:10.10.10.12@1')
  const foreign = second.file('/etc/haproxy/conf.d/zz-other.cfg')
  await writeFile(foreign, 'listen pg-test-extra\n    bind *:7000\n    mode tcp\n')

  await restartAgent(system, 'pg-test-2')
  await system.connected()
  const quarantined = /pg-test@(\d+) is in quarantine, @\d+ runs on: pg-test-extra\.cfg: HAPROXY_REFUSED/
  await waitFor('the quarantine', async () => {
    const { stdout } = await system.run('pgsvc status')
    return quarantined.test(stdout) || undefined
  })
  const status = await system.run('pgsvc status')
  const files = await serviceFiles(second)
  const check = await system.run('pgsql-svc pg-test --check')
  const history = await system.run('pgsvc history pg-test')

  expect(status.status).toBe(1)
  expect(status.stdout).toMatch(/10\.10\.10\.12: pg-test@\d+ is in quarantine/)
  expect(files).toContain('own.cfg')
  expect(files).toContain('pg-test-standby.cfg')
  expect(files).not.toContain('pg-test-extra.cfg')
  expect(check.status).toBe(2)
  expect(history.stdout).toContain('failed: 10.10.10.12')

  await rm(foreign)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  expect(await serviceFiles(second)).toContain('pg-test-extra.cfg')
  expect(await system.run('pgsvc status')).toMatchObject({ status: 0 })
})
