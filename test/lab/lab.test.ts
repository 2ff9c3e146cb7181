import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { serverStates, startHaproxy, workerPid } from './haproxy.ts'
import { startLab } from './lab.ts'
import { isAlive, killPid, waitFor } from './process.ts'
import { startStandIn, whoAnswers } from './services.ts'

const TWO = [
  { name: 'admin', address: '10.10.10.10' },
  { name: 'pg-test-1', address: '10.10.10.11' },
]

/** Network namespaces that some process is in. */
function namespaces(): ReadonlySet<string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const links = pids.flatMap((pid) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/net`)]
    } catch {
      return []
    }
  })
  return new Set(links)
}

/** Directories and mounts that labs of this process leave visible. */
function traces(owner = process.pid): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const directories = readdirSync(tmpdir()).map((name) => path.join(tmpdir(), name))
  return [...mounts, ...directories].filter((line) => line.includes(`pgsvc-hosts-${owner}-`))
}

test('hosts reach each other on their own addresses and have no way out', async () => {
  const lab = await startLab(TWO)
  try {
    await startStandIn(lab.host('pg-test-1'), 'pg-test-1', 'primary')

    const answers = await whoAnswers(lab.host('admin'), ['10.10.10.11:5432', '192.0.2.1:5432'])
    const routes = await lab.host('admin').must(['ip', 'route', 'show', 'default'])

    expect(answers.get('10.10.10.11:5432')).toEqual(['pg-test-1 primary 5432'])
    expect(answers.get('192.0.2.1:5432')).toEqual(['error: ENETUNREACH'])
    expect(routes).toBe('')
  } finally {
    await lab.stop()
  }
})

test('two labs with the same addresses do not see each other', async () => {
  const [one, two] = await Promise.all([startLab(TWO), startLab(TWO)])
  try {
    await startStandIn(one.host('pg-test-1'), 'in-lab-one', 'primary')

    expect((await whoAnswers(one.host('admin'), ['10.10.10.11:5432'])).get('10.10.10.11:5432')).toEqual([
      'in-lab-one primary 5432',
    ])
    expect((await whoAnswers(two.host('admin'), ['10.10.10.11:5432'])).get('10.10.10.11:5432')).toEqual([
      'error: ECONNREFUSED',
    ])
  } finally {
    await Promise.all([one.stop(), two.stop()])
  }
})

test('files under /etc, /run and /var/lib are the host’s own, and the machine’s cannot be written', async () => {
  const lab = await startLab(TWO)
  try {
    const [admin, node] = [lab.host('admin'), lab.host('pg-test-1')]
    await admin.must(['touch', '/etc/haproxy/x', '/run/x', '/var/lib/pgsvc/x'])

    const seenByOther = await node.must(['ls', '/etc/haproxy', '/run', '/var/lib/pgsvc'])
    const write = await node.exec(['bash', '-c', 'echo >>/etc/passwd'])

    expect(seenByOther.split('\n')).not.toContain('x')
    expect(write.status).not.toBe(0)
    expect(await node.must(['hostname'])).toBe('pg-test-1\n')
  } finally {
    await lab.stop()
  }
})

test('a lab that was stopped leaves no process, namespace, mount or directory', async () => {
  const lab = await startLab(TWO)
  const haproxy = await startHaproxy(lab.host('pg-test-1'))
  const holders = [lab.groundPid, ...lab.hosts.map((host) => host.initPid)]
  const pids = [...holders, haproxy.pid]
  const networks = holders.map((pid) => readlinkSync(`/proc/${pid}/ns/net`))
  expect(pids.every(isAlive)).toBe(true)
  expect(networks.filter((name) => namespaces().has(name))).toEqual(networks)
  expect(traces()).not.toEqual([])

  await lab.stop()

  expect(pids.filter(isAlive)).toEqual([])
  expect(networks.filter((name) => namespaces().has(name))).toEqual([])
  expect(traces()).toEqual([])
})

test('a lab whose owner is killed goes with it, and the next one removes the empty directory', async () => {
  const owner = spawn(process.execPath, [path.join(import.meta.dirname, '../support/lab-owner/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pids = await new Promise<number[]>((resolve) => {
    owner.stdout.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString('utf8'))))
  })
  expect(pids.length).toBe(2)
  expect(pids.every(isAlive)).toBe(true)

  killPid(owner.pid ?? 0)
  await waitFor('the lab to go', () => (pids.some(isAlive) ? undefined : true))
  const next = await startLab([])
  await next.stop()

  expect(traces(owner.pid)).toEqual([])
})

test('HAProxy started as Pigsty’s unit does answers on both its sockets', async () => {
  const lab = await startLab(TWO)
  try {
    await startHaproxy(lab.host('pg-test-1'))

    expect(await workerPid(lab.host('pg-test-1'))).toBeGreaterThan(1)
    expect(await serverStates(lab.host('pg-test-1'))).toEqual(new Map())
  } finally {
    await lab.stop()
  }
})
