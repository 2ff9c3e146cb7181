import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BIN, hostPath, INVENTORY_FILE } from './pgsvc.ts'
import { waitFor } from './process.ts'
import {
  restartAgent,
  restartController,
  type System,
  serviceTexts,
  startSystem,
  workerPids,
} from './system.ts'
import { INVENTORY } from './topology.ts'

const THIRD = 'pg-test-3'
let system: System

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

beforeEach(async () => {
  await writeFile(system.admin.file(INVENTORY_FILE), INVENTORY)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
})

async function maxconns(): Promise<readonly (string | undefined)[]> {
  const files = await Promise.all(system.nodes.map(serviceTexts))
  return files.map((texts) => /maxconn (\d+)/.exec(texts.get('pg-test-standby.cfg') ?? '')?.[1])
}

async function agentOf(name: string) {
  const agent = system.agents.get(name)
  if (!agent) throw new Error(`no agent on ${name}`)
  return agent
}

async function killAgent(name: string): Promise<void> {
  const agent = await agentOf(name)
  agent.kill('SIGKILL')
  await agent.exited
}

test('a node whose agent is gone is named, makes the command fail, and gets the change when it is back', async () => {
  await killAgent(THIRD)
  await system.edit('maxconn: 5000', 'maxconn: 6000')

  const result = await system.run('pgsql-svc pg-test')
  const meanwhile = await maxconns()
  await restartAgent(system, THIRD)

  expect(result.status).toBe(2)
  expect(`${result.stdout}${result.stderr}`).toMatch(/10\.10\.10\.13.*offline/)
  expect(meanwhile).toEqual(['6000', '6000', '5000'])
  await waitFor('the third node to follow', async () => ((await maxconns())[2] === '6000' ? true : undefined))
  await system.connected()
})

test('an agent that was killed and started again has what it had, and reloads nothing', async () => {
  const workers = await workerPids(system)
  await killAgent(THIRD)

  await restartAgent(system, THIRD)
  await system.connected()
  const again = await system.run('pgsql-svc pg-test')

  expect(again).toMatchObject({ status: 0 })
  expect(again.stdout.toLowerCase()).toContain('nothing to do')
  expect(await workerPids(system)).toEqual(workers)
})

test('a file edited by hand stays over restarts of controller and agent, is reported, and the next publish mends it', async () => {
  const file = system.lab.host(THIRD).file('/etc/haproxy/conf.d/pg-test-standby.cfg')
  const applied = await readFile(file, 'utf8')
  const edited = applied.replace('maxconn 5000', 'maxconn 4000')
  await writeFile(file, edited)
  const workers = await workerPids(system)

  const agent = await agentOf(THIRD)
  for (const daemon of [agent, system.controller]) {
    daemon.kill('SIGTERM')
    await daemon.exited
  }
  await restartController(system)
  await restartAgent(system, THIRD)
  await system.connected()
  const status = await waitFor('the drift to be reported', async () => {
    const result = await system.run('pgsvc status')
    return result.stdout.includes('pg-test-standby.cfg changed') ? result : undefined
  })

  expect(status.status).toBe(1)
  expect(await readFile(file, 'utf8')).toBe(edited)
  expect(await workerPids(system)).toEqual(workers)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  expect(await readFile(file, 'utf8')).toBe(applied)
})

test('a file edited by hand that HAProxy has not loaded is put back by a publish, which says so, without a reload', async () => {
  const file = system.lab.host(THIRD).file('/etc/haproxy/conf.d/pg-test-standby.cfg')
  const applied = await readFile(file, 'utf8')
  const workers = await workerPids(system)
  await writeFile(file, applied.replace('maxconn 5000', 'maxconn 4000'))

  const check = await system.run('pgsql-svc pg-test --check')
  const done = await system.run('pgsql-svc pg-test')

  expect(check.stdout).toContain('pg-test-standby.cfg, changed by others, would be replaced')
  expect(done).toMatchObject({ status: 0 })
  expect(done.stdout).toContain('unchanged (pg-test-standby.cfg put back)')
  const [, copy = ''] = /EDIT_REPLACED: .* what they wrote is in (\S+)/.exec(done.stdout) ?? []
  expect(await readFile(system.lab.host(THIRD).file(copy), 'utf8')).toContain('maxconn 4000')
  expect(await readFile(file, 'utf8')).toBe(applied)
  expect(await workerPids(system)).toEqual(workers)
  await waitFor('the node to be well', async () =>
    (await system.run('pgsvc status')).status === 0 ? true : undefined,
  )
  expect((await system.run('pgsql-svc pg-test')).stdout).toContain('nothing to do')
})

test('a controller that was killed and started again knows every revision, and agents come back to it', async () => {
  const workers = await workerPids(system)
  const history = await system.run('pgsvc history pg-test --json')

  system.controller.kill('SIGKILL')
  await system.controller.exited
  const down = await system.run('pgsql-svc pg-test')
  await restartController(system)
  await system.connected()

  expect(down.status).toBe(2)
  expect(await system.run('pgsvc history pg-test --json')).toMatchObject({
    status: 0,
    stdout: history.stdout,
  })
  expect(await workerPids(system)).toEqual(workers)
  await system.edit('maxconn: 5000', 'maxconn: 6000')
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  expect(await maxconns()).toEqual(['6000', '6000', '6000'])
})

test('Ctrl-C before the commit point leaves everything as it was', async () => {
  const [before, workers] = [await maxconns(), await workerPids(system)]
  await system.edit('maxconn: 5000', 'maxconn: 6000')
  const stopped = await agentOf(THIRD)
  stopped.kill('SIGSTOP') // it will not answer, so the first phase has to wait
  const started = await system.admin.spawn('ctrl-c', [`${BIN}/pgsql-svc`, 'pg-test'], { PATH: hostPath() })
  await waitFor('the first node to be staged', async () => {
    const log = await readFile(system.admin.file('/run/log/ctrl-c.log'), 'utf8')
    return /10\.10\.10\.11/.test(log) || undefined
  })

  started.kill('SIGINT')
  const status = await started.exited
  stopped.kill('SIGCONT')
  await system.connected()

  expect(status).toBe(2)
  expect(await maxconns()).toEqual(before)
  expect(await workerPids(system)).toEqual(workers)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  expect(await maxconns()).toEqual(['6000', '6000', '6000'])
})

test('SIGTERM ends controller and agents cleanly, with status 0', async () => {
  const agent = await agentOf(THIRD)
  agent.kill('SIGTERM')
  system.controller.kill('SIGTERM')

  expect(await agent.exited).toBe(0)
  expect(await system.controller.exited).toBe(0)

  await restartController(system)
  await restartAgent(system, THIRD)
  await system.connected()
})
