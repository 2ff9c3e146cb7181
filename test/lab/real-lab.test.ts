import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAlive, waitFor } from './process.ts'
import { prove } from './proof.ts'
import { settled, switchover } from './real/cluster.ts'
import { whichInstance } from './real/instance.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { expectationsOf, PARTS, PROXY_OWN_EXPECTED } from './real/topology.ts'

/** Health checks every 3 s and `rise 3`, on a machine that may be busy. */
const SETTLE_MS = 60_000
let system: RealSystem

beforeAll(async () => {
  // Patroni tells of role changes through whatever program it is given.
  const callback = `sh -c 'echo "$*" >>/run/postgresql/callbacks' callback`
  system = await startRealSystem({ callback })
}, 300_000)
afterAll(() => system?.stop())

test('every cluster has the leader of the inventory, and the others replicate from it', async () => {
  for (const name of ['pg-test', 'pg-duo', 'pg-meta']) {
    expect(await settled(system.probe, system.cluster(name))).toBe(`${name}-1`)
  }
})

test('what is published reaches the right PostgreSQL instances at every port of every node', async () => {
  for (const line of ['pgsql-svc pg-test', 'pgsql-svc pg-duo', 'pgsql-svc pg-meta', 'pgsvc node proxy']) {
    expect(await system.run(line)).toMatchObject({ status: 0 })
  }

  const proofs = await prove(system.ask, [...PARTS.flatMap(expectationsOf), ...PROXY_OWN_EXPECTED])

  expect(proofs.filter((proof) => !proof.ok)).toEqual([])
  expect(proofs).toHaveLength(28)
})

/** Writes a row through a port; who took it, or the error. */
async function write(address: string, port: number): Promise<string> {
  const statement = `INSERT INTO probe (note) VALUES ('test') RETURNING current_setting('lab.instance')`
  const rows = await system.probe
    .sql(address, statement, { port })
    .catch((error: unknown) => [[String(error)]])
  return rows[0]?.[0] ?? 'no row'
}

test('a write through another host arrives at the primary, and nowhere else is one taken', async () => {
  expect(await write('10.10.10.13', 5433)).toBe('pg-test-1')
  expect(await write('10.10.10.15', 5433)).toBe('pg-duo-1')
  expect(await write('10.10.10.19', 10016)).toBe('pg-meta-1')
  expect(await write('10.10.10.11', 5434)).toContain('read-only transaction')
})

test('after a switchover by patronictl a write through another host arrives at the new primary', async () => {
  const members = system.cluster('pg-test')
  const host = system.lab.host('pg-test-1')
  await switchover(host, { cluster: 'pg-test', from: 'pg-test-1', to: 'pg-test-2' })

  expect(await settled(system.probe, members)).toBe('pg-test-2')
  await waitFor(
    'writes to arrive',
    async () => (await write('10.10.10.13', 5433)) === 'pg-test-2' || undefined,
    { timeoutMs: SETTLE_MS, everyMs: 200 },
  )
  expect(await whichInstance(system.probe, '10.10.10.11', 5436)).toBe('pg-test-2 primary 5432')
  const callbacks = readFileSync(system.lab.host('pg-test-2').file('/run/postgresql/callbacks'), 'utf8')
  expect(callbacks).toMatch(/^on_role_change (master|primary) pg-test$/m)
})

/** Namespaces that some process is in. */
function namespacesInUse(): ReadonlySet<string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Set(pids.flatMap((pid) => namespacesOf(Number(pid))))
}

function namespacesOf(pid: number): readonly string[] {
  try {
    return ['net', 'mnt', 'pid'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`))
  } catch {
    return []
  }
}

/** What a lab of this process may leave that can be seen: mounts, directories, shared memory. */
function traces(): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const files = readdirSync(tmpdir()).map((name) => path.join(tmpdir(), name))
  const own = [...mounts, ...files].filter((line) => line.includes(`pgsvc-hosts-${process.pid}-`))
  return [...own, ...readdirSync('/dev/shm').filter((name) => name.startsWith('PostgreSQL'))]
}

test('a real lab that was stopped leaves no process, namespace, mount, file or shared memory', async () => {
  const holders = [system.lab.groundPid, ...system.lab.hosts.map((host) => host.initPid)]
  const outside = namespacesOf(process.pid)
  const theirs = holders.flatMap(namespacesOf).filter((name) => !outside.includes(name))
  expect(theirs.filter((name) => namespacesInUse().has(name))).toEqual(theirs)
  expect(traces()).not.toEqual([])

  await system.stop()

  expect(holders.filter(isAlive)).toEqual([])
  expect(theirs.filter((name) => namespacesInUse().has(name))).toEqual([])
  expect(traces()).toEqual([])
})

test('scripts/lab brings parts up, shows them, enters a host, and leaves nothing when it is down', () => {
  const name = `test-${process.pid}`
  const lab = (...args: readonly string[]) => {
    const done = spawnSync(path.join(import.meta.dirname, '../../scripts/lab'), [...args], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    return { status: done.status, stdout: done.stdout, stderr: done.stderr }
  }
  const stateFile = `/run/pgsvc-lab/${name}.json`
  try {
    const up = lab('up', '--name', name, '--without', 'duo,test')
    expect(up.status).toBe(0)
    expect(up.stdout).toContain(`To begin with: scripts/lab shell --name ${name} admin -- `)
    const state: { pid: number; hosts: { initPid: number }[] } = JSON.parse(readFileSync(stateFile, 'utf8'))

    expect(lab('up', '--name', name).stderr).toContain('is up already')
    const { stdout } = lab('status', '--name', name)
    expect(stdout).toMatch(/^pg-meta-1 +10\.10\.10\.16 +leader, running /m)
    expect(stdout).toMatch(/^proxy-2 +10\.10\.10\.19 +- +0 services +connected /m)
    expect(stdout).not.toContain('pg-test')
    expect(lab('shell', 'admin', '--name', name, '--', 'hostname')).toMatchObject({
      status: 0,
      stdout: 'admin\n',
    })
    expect(lab('shell', 'pg-meta-2', '--name', name, '--', 'sh', '-c', 'exit 7').status).toBe(7)
    expect(lab('down', '--name', name)).toMatchObject({ status: 0 })
    expect([state.pid, ...state.hosts.map(({ initPid }) => initPid)].filter(isAlive)).toEqual([])
    expect(existsSync(stateFile)).toBe(false)
    expect(lab('status', '--name', name)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Start it with scripts/lab up --name ${name}`),
    })
  } finally {
    lab('down', '--name', name)
  }
}, 600_000)
