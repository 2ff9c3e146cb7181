import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initAuthority, issueCertificate } from '../../controller/pki/pki.ts'
import { AdminService } from '../../shared/rpc/services.ts'
import { type Behaviour, type Pem, TestAgent, until } from './controller-agent.ts'
import { publish, summary } from './controller-harness.ts'

/** The real program, started as an operator starts it, on a real inventory. */
const program = join(import.meta.dirname, '..', '..', 'bin', 'pgsvc')
const inventory = `
all:
  children:
    pg-test:
      hosts:
        n1: { pg_seq: 1, pg_role: primary }
        n2: { pg_seq: 2, pg_role: replica }
      vars:
        pg_cluster: pg-test
`

let dir: string
const pems = new Map<string, Pem>()
let children: { child: ChildProcess; closed: Promise<number | null> }[] = []
let agents: TestAgent[] = []
let admins: InstanceType<typeof AdminService>[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-process-'))
  writeFileSync(join(dir, 'pigsty.yml'), inventory)
  initAuthority(dir, Date.now())
  issueCertificate({ kind: 'controller' }, { dir, out: dir, days: 1, nowMs: Date.now() })
  for (const name of ['n1', 'n2']) {
    const { cert, key } = issueCertificate(
      { kind: 'node', name },
      { dir, out: dir, days: 1, nowMs: Date.now() },
    )
    pems.set(name, {
      ca: readFileSync(join(dir, 'ca.crt')),
      cert: readFileSync(cert),
      key: readFileSync(key),
    })
  }
})

afterEach(async () => {
  for (const agent of agents) agent.close()
  for (const admin of admins) admin.close()
  for (const { child, closed } of children) {
    child.kill('SIGKILL')
    await closed
  }
  agents = []
  admins = []
  children = []
  rmSync(dir, { recursive: true })
})

interface Started {
  readonly child: ChildProcess
  readonly port: number
  readonly closed: Promise<number | null>
  readonly log: string[]
}

/** Resolves when the log says that it is up. */
async function start(...more: string[]): Promise<Started> {
  const child = spawn(
    program,
    [
      ...['controller', '--inventory', join(dir, 'pigsty.yml'), '--listen', '127.0.0.1:0'],
      ...['--socket', join(dir, 'c.sock'), '--state-dir', join(dir, 'state'), '--log-format', 'json'],
      ...['--tls-ca', join(dir, 'ca.crt'), '--tls-cert', join(dir, 'controller.crt')],
      ...['--tls-key', join(dir, 'controller.key'), ...more],
    ],
    { stdio: ['ignore', 'inherit', 'pipe'] },
  )
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  children.push({ child, closed })
  const log: string[] = []
  const up = new Promise<number>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      const port = /"port":(\d+)\}.*controller is up/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
  const ended = closed.then((status) => {
    throw new Error(`ended with ${status}: ${log.join('\n')}`)
  })
  ended.catch(() => undefined)
  return { child, port: await Promise.race([up, ended]), closed, log }
}

async function connect({ port }: Started, node: string, behaviour: Behaviour = {}): Promise<TestAgent> {
  const pem = pems.get(node)
  if (!pem) throw new Error(`no certificate for ${node}`)
  const agent = new TestAgent(port, pem, { node }, behaviour)
  agents.push(agent)
  await until('welcome', () => agent.heard.length > 0)
  return agent
}

function admin(): InstanceType<typeof AdminService> {
  const client = new AdminService(`unix:${join(dir, 'c.sock')}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  })
  admins.push(client)
  return client
}

test('a real inventory is published, and SIGTERM ends the program cleanly', async () => {
  const controller = await start()
  const [first, second] = [await connect(controller, 'n1'), await connect(controller, 'n2')]

  const events = await publish(admin(), { pattern: 'pg-test' })
  controller.child.kill('SIGTERM')

  expect(summary(events)).toMatchObject({ nodes: ['n1 reloaded', 'n2 reloaded'], ok: true })
  expect(first.blobs.size).toBeGreaterThan(3)
  expect(await controller.closed).toBe(0)
  await until('the end', () => first.ended !== undefined && second.ended !== undefined)
})

test('SIGTERM in the middle of a publish before its commit changes nothing', async () => {
  const controller = await start()
  const waiting = await connect(controller, 'n1', { prepare: () => undefined })
  const call = admin().Publish({ pattern: 'pg-test' })
  call.on('error', () => undefined)
  await until('prepare', () => waiting.heard.includes('prepare v1 pg-test@1'))

  controller.child.kill('SIGTERM')

  expect(await controller.closed).toBe(0)
  const again = await connect(await start(), 'n1')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(again.heard).toEqual(['welcome n1'])
})

test('kill -9 after the commit point loses nothing: the node gets it from the next start', async () => {
  const controller = await start()
  const waiting = await connect(controller, 'n1', { commit: () => undefined })
  const call = admin().Publish({ pattern: 'pg-test' })
  call.on('error', () => undefined)
  call.on('data', () => undefined)
  await until('commit', () => waiting.heard.includes('commit v1'))

  controller.child.kill('SIGKILL')
  await controller.closed

  const again = await connect(await start(), 'n1')
  await until('the snapshot', () => again.heard.includes('snapshot v1 pg-test@1'))
})

test('SIGTERM after the commit point lets the nodes answer, and the command hears how it came out', async () => {
  const controller = await start()
  const answer = Promise.withResolvers<'ack'>()
  const slow = await connect(controller, 'n1', { commit: () => answer.promise })
  await connect(controller, 'n2')
  const events = publish(admin(), { pattern: 'pg-test' })
  await until('commit', () => slow.heard.includes('commit v1'))

  controller.child.kill('SIGTERM')
  await until('the stop', () => controller.log.some((line) => line.includes('controller stops')))
  await new Promise((resolve) => setTimeout(resolve, 300))
  answer.resolve('ack')

  expect(summary(await events)).toMatchObject({
    nodes: ['n1 reloaded', 'n2 reloaded'],
    ok: true,
    committed: true,
  })
  expect(await controller.closed).toBe(0)
})

test('SIGTERM after the commit point waits so long and no longer, and history is put right by nodes that come round', async () => {
  const controller = await start()
  const silent = await connect(controller, 'n1', { commit: () => undefined })
  await connect(controller, 'n2', { commit: () => undefined })
  const events = publish(admin(), { pattern: 'pg-test' })
  await until('commit', () => silent.heard.includes('commit v1'))

  controller.child.kill('SIGTERM')

  expect(summary(await events)).toMatchObject({ nodes: ['n1 offline', 'n2 offline'], ok: false })
  expect(await controller.closed).toBe(0)
  const second = await start()
  expect(await outcomes()).toEqual(['failed: n1, n2'])
  for (const node of ['n1', 'n2']) {
    const again = await connect(second, node)
    await until('the snapshot', () => again.heard.includes('snapshot v1 pg-test@1'))
  }
  await expect.poll(outcomes).toEqual(['done'])
})

async function outcomes(): Promise<readonly string[] | undefined> {
  const history = await new Promise<{ acts: { outcome: string }[] } | undefined>((resolve, reject) => {
    admin().History({ owner: 'pg-test' }, (error, response) => (error ? reject(error) : resolve(response)))
  })
  return history?.acts.map(({ outcome }) => outcome)
}

test('kill -9 before the commit point leaves no trace', async () => {
  const controller = await start()
  const waiting = await connect(controller, 'n1', { prepare: () => undefined })
  const call = admin().Publish({ pattern: 'pg-test' })
  call.on('error', () => undefined)
  await until('prepare', () => waiting.heard.includes('prepare v1 pg-test@1'))

  controller.child.kill('SIGKILL')
  await controller.closed

  const again = await connect(await start(), 'n1')
  const events = await publish(admin(), { pattern: 'pg-test', options: { check: true } })
  expect(again.heard).toEqual(['welcome n1', 'dry v1 pg-test@1'])
  expect(summary(events)).toMatchObject({ nodes: ['n1 would_reload', 'n2 offline'] })
})

test.each([
  ['a silence shorter than two heartbeats', ['--silence-ms', '6000'], 'silence_ms must be at least twice'],
  ['an address without a port', ['--listen', 'localhost'], '--listen: must be <address>:<port>'],
  ['a certificate that is not there', ['--tls-key', '/nowhere'], 'TLS_UNREADABLE'],
])('%s is an error in one line and status 1', async (_what, options, words) => {
  const failed = start(...options)

  await expect(failed).rejects.toThrow(words)
  await expect(failed).rejects.toThrow('ended with 1')
})

test('an inventory that cannot be read is told at the start, and again by the publish', async () => {
  writeFileSync(join(dir, 'pigsty.yml'), 'all: [')
  const controller = await start()

  const events = await publish(admin(), { pattern: 'pg-test' })

  await until('the warning', () => controller.log.some((line) => line.includes('cannot be read yet')))
  expect(summary(events)).toMatchObject({ ok: false, committed: false, errors: ['INVENTORY_INVALID'] })
})
