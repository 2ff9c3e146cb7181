import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemFiles } from '../../shared/ports/files.ts'
import { until } from '../support/haproxy-lab.ts'

let dir: string
const children: ChildProcess[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pgsvc-agent-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

const source = join(import.meta.dirname, '../../agent/main.ts')
const program = `const { main } = await import(${JSON.stringify(source)}); process.exitCode = await main(process.argv.slice(1))`

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    output += String(chunk)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, ended, output: () => output }
}

async function pemFiles(): Promise<readonly string[]> {
  const { execFileSync } = await import('node:child_process')
  const pair = ['-keyout', join(dir, 'k.pem'), '-out', join(dir, 'c.pem'), '-subj', '/CN=n']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...pair], { stdio: 'ignore' })
  return ['--tls-ca', join(dir, 'c.pem'), '--tls-cert', join(dir, 'c.pem'), '--tls-key', join(dir, 'k.pem')]
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an agent without a controller cleanly', async (signal) => {
  const config = join(dir, 'agent.yml')
  await writeFile(config, `node: node-1\nstate_dir: ${dir}/state\ncontrollers: ["127.0.0.1:1"]\n`)
  const agent = start([
    '--config',
    config,
    '--haproxy-config',
    join(dir, 'haproxy.cfg'),
    ...(await pemFiles()),
  ])
  await until(() => agent.output().includes('no stream to the controller'), 10_000)

  agent.child.kill(signal)

  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain('stopped')
})

test('an agent says how its node stands without a controller, and when it is gone what it wrote down', async () => {
  const config = join(dir, 'agent.yml')
  const paths = `state_dir: ${dir}/state\nhaproxy_config: ${dir}/haproxy.cfg\nnotify_socket: ""\n`
  await writeFile(config, `node: node-1\ncontrollers: ["127.0.0.1:1"]\n${paths}`)
  const args = ['--config', config]
  const agent = start([...args, ...(await pemFiles())])
  await until(() => agent.output().includes('no stream to the controller'), 10_000)

  const live = start(['status', ...args])
  const json = start(['status', '--json', ...args])

  expect([await live.ended, await json.ended]).toEqual([0, 0])
  expect(live.output()).toContain(`node-1: agent `)
  expect(live.output()).toMatch(/^controller: none since \S+ \(127\.0\.0\.1:1: .*; what was applied stays/m)
  expect(live.output()).toContain('HAProxy: is not running, version 0\n\nno cluster is served here\n')
  expect(JSON.parse(json.output())).toMatchObject({
    node: 'node-1',
    agent: { pid: agent.child.pid, controller: { connected: false, address: '127.0.0.1:1' } },
    clusters: [],
  })
  expect((await stat(join(dir, 'state/status.sock'))).mode & 0o777).toBe(0o600)
  agent.child.kill('SIGKILL')
  await agent.ended
  const dead = start(['status', ...args])
  expect(await dead.ended).toBe(1)
  expect(dead.output()).toContain('node-1: no agent runs; this is what the last one wrote down, version 0')
})

test('a failure of status is JSON where JSON was asked for', async () => {
  const asked = start(['status', '--json', '--config', join(dir, 'nosuch.yml')])

  expect(await asked.ended).toBe(1)
  expect(JSON.parse(asked.output()).error.code).toBe('CONFIG_INVALID')
})

test('a second agent on the same state says who has it, and leaves everything of the first alone', async () => {
  const config = join(dir, 'agent.yml')
  const socket = join(dir, 'notify.sock')
  const paths = `state_dir: ${dir}/state\nhaproxy_config: ${dir}/haproxy.cfg\nnotify_socket: ${socket}\n`
  await writeFile(config, `node: node-1\ncontrollers: ["127.0.0.1:1"]\n${paths}`)
  const args = ['--config', config, ...(await pemFiles())]
  const first = start(args)
  await until(async () => (await systemFiles().kind(socket)) !== undefined, 10_000)

  const second = start(args)

  expect(await second.ended).toBe(1)
  expect(second.output()).toContain(
    `STATE_IN_USE: another agent runs with ${dir}/state: process ${first.child.pid}`,
  )
  expect(await systemFiles().kind(socket)).toBe('other')
  for (const others of ['recover', 'adopt']) {
    const beside = start([others, ...(others === 'adopt' ? ['--dry-run'] : []), ...args])
    await beside.ended
    expect(beside.output()).not.toContain('STATE_IN_USE')
  }
  first.child.kill('SIGKILL')
  await first.ended
  const next = start(args)
  await until(() => next.output().includes('no stream to the controller'), 10_000)
})

test('an agent that cannot start ends, also where systemd waits for its word', async () => {
  const config = join(dir, 'agent.yml')
  const paths = `state_dir: ${dir}/state\nhaproxy_config: ${dir}/haproxy.cfg\nnotify_socket: ""\n`
  await writeFile(config, `node: node-1\ncontrollers: ["127.0.0.1:1"]\n${paths}`)
  await mkdir(join(dir, 'state'))
  await writeFile(join(dir, 'state/state.json'), 'no state')
  const agent = start(['--config', config, ...(await pemFiles())], {
    NOTIFY_SOCKET: join(dir, 'nobody.sock'),
  })

  expect(await Promise.race([agent.ended, sleep(20_000, 'goes on')])).toBe(1)
  expect(agent.output()).toContain('STATE_UNREADABLE')
})

test('an agent whose disk lets nobody lock anything runs all the same, and says so', async () => {
  await mkdir(join(dir, 'state/lock'), { recursive: true })
  const config = join(dir, 'agent.yml')
  await writeFile(
    config,
    `node: node-1\nstate_dir: ${dir}/state\ncontrollers: ["127.0.0.1:1"]\nhaproxy_config: ${dir}/haproxy.cfg\n`,
  )
  const agent = start(['--config', config, '--notify-socket', '', ...(await pemFiles())])

  await until(() => agent.output().includes('no stream to the controller'), 10_000)
  expect(agent.output()).toContain('the state directory cannot be locked')
})

test('an agent that hangs is over soon after its deadline, and its status says so', async () => {
  const config = join(dir, 'agent.yml')
  const program = join(dir, 'haproxy')
  const asked = join(dir, 'asked')
  await writeFile(program, `#!/bin/sh\ntouch ${asked}\nexec sleep 20\n`, { mode: 0o755 })
  const limits = 'validate_timeout_ms: 100\nreload_timeout_ms: 100\n'
  const paths = `state_dir: ${dir}/state\nhaproxy_bin: ${program}\nhaproxy_config: ${dir}/haproxy.cfg\n`
  await writeFile(config, `node: node-1\ncontrollers: ["127.0.0.1:1"]\n${limits}${paths}`)
  const agent = start(['--config', config, ...(await pemFiles())])
  await until(async () => (await systemFiles().kind(asked)) !== undefined, 10_000)

  agent.child.kill('SIGTERM')

  expect(await agent.ended).not.toBe(0)
  expect(agent.output()).toContain('given up')
  expect(agent.output()).not.toContain('stopped')
})

test.each([
  ['without a name', [], 1, 'node is not set'],
  ['without certificates', ['--node', 'n', '--tls-ca', '/nonexistent'], 1, 'CERTIFICATE_UNREADABLE'],
  ['with a wrong value', ['--node', 'n', '--layout', 'round'], 1, '--layout'],
  ['with an unknown flag', ['--nonsense'], 2, 'unknown option'],
  ['with an unknown action', ['walk'], 2, "'walk' is invalid for argument 'action'"],
  ['asked for help', ['--help'], 0, '--reload-timeout-ms'],
])('an agent %s says so and ends', async (_case, args, status, words) => {
  const agent = start(args)

  expect(await agent.ended).toBe(status)
  expect(agent.output()).toContain(words)
})
