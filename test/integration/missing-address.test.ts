/** Services that listen on addresses which the node does not have, on a real HAProxy. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EnginePorts } from '../../agent/apply/engine-ports.ts'
import type { Applied } from '../../agent/apply/outcome.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../agent/haproxy/show-proc.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { type OwnerFiles, service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene, whoAnswers } from '../support/haproxy-lab.ts'
import { snapshotOf } from '../support/snapshots.ts'

let scene: Scene
let lab: HaproxyLab
let engine: TestEngine
let port: number
let otherPort: number
const added: string[] = []

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, port, otherPort } = scene)
  await lab.start()
  engine = await testEngine(lab)
})

afterEach(async () => {
  for (const address of [...added]) await takeAway(address)
  await scene.end()
})

const ip = (...args: readonly string[]) => promisify(execFile)('ip', args)

/** Of the tests' own network: it has no other interface than the loopback. */
async function give(address: string): Promise<void> {
  added.push(address)
  await ip('address', 'add', address, 'dev', 'lo')
}

async function takeAway(address: string): Promise<void> {
  added.splice(added.indexOf(address), 1)
  await ip('address', 'delete', address, 'dev', 'lo')
}

const [vip, vip6] = ['198.51.100.17', '2001:db8::17']

/** A service on an address of its own. */
function on(address: string, name: string, options = ''): string {
  const bind = `bind ${address}:${name === 'a' ? port : otherPort}${options}`
  return service(name, 0, scene.red.port).replace('bind 127.0.0.1:0', bind)
}

const one = (name: string, text: string): OwnerFiles => ({ '': { [`${name}.cfg`]: text } })
const here = (name: string, more = '') =>
  one(name, service(name, name === 'a' ? port : otherPort, scene.red.port, more))

async function applied(version: number, owners: Readonly<Record<string, OwnerFiles>>): Promise<Applied> {
  const outcome = await engine.publish(version, owners)
  if (outcome.kind === 'failed') throw new Error(`${outcome.fault.code}: ${outcome.fault.message}`)
  return outcome
}

async function prepared(owners: Readonly<Record<string, OwnerFiles>>, change: Partial<EnginePorts> = {}) {
  const { snapshot, blobs } = snapshotOf(7, owners)
  const outcome = await (await testEngine(lab, change)).prepare(snapshot, blobs, () => undefined)
  if (outcome.kind === 'prepared') await engine.discard(outcome.set)
  return outcome
}

const quarantined = () => engine.state().quarantined.map(({ owner, keptRevision }) => [owner, keptRevision])
const failedReloads = async () =>
  parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))?.failed

test.each([vip, `[${vip6}]`])('in a publish %s is refused before anything changes', async (address) => {
  const outcome = await prepared({ a: one('a', on(address, 'a')), b: here('b') })

  expect(outcome).toMatchObject({ kind: 'failed', faults: [{ owner: 'a' }] })
  expect(outcome).toMatchObject({
    fault: { stage: 'validate', code: 'ADDRESS_MISSING', owner: 'a', file: 'a.cfg', line: 2 },
  })
  const family = address === vip ? 'ipv4' : 'ipv6'
  const text = outcome.kind === 'failed' ? outcome.fault.message : ''
  expect(text).toContain(`the address ${address.replace(/[[\]]/g, '')};`)
  expect(text).toContain(`net.${family}.ip_nonlocal_bind=1`)
  expect(await readdir(lab.serviceDir)).toEqual([])
})

test('in an apply its owner alone is put in quarantine, without a reload that fails', async () => {
  await applied(1, { a: here('a'), b: here('b') })

  const done = await applied(2, { a: one('a', on(vip, 'a')), b: here('b', '    maxconn 7\n') })

  expect(done).toMatchObject({ change: 'reload', reasons: ['b.cfg changed'] })
  expect(quarantined()).toEqual([['a', 1]])
  expect(engine.state().quarantined[0]?.fault).toMatchObject({
    code: 'ADDRESS_MISSING',
    file: 'a.cfg',
    line: 2,
  })
  expect(await lab.get('a.cfg')).toBe(service('a', port, scene.red.port))
  expect(await lab.get('b.cfg')).toContain('maxconn 7')
  expect(await failedReloads()).toBe(0)
  expect(await whoAnswers(port)).toBe('red')
})

test.each([
  ['*', ''],
  ['', ''],
  ['0.0.0.0', ''],
  ['127.0.0.9', ''],
  ['::', ''],
  ['[::1]', ''],
  ['localhost', ''],
  [vip, ' transparent'],
])('what HAProxy can listen on is not refused: %s%s', async (address, options) => {
  expect(await applied(1, { a: one('a', on(address, 'a', options)) })).toMatchObject({ change: 'reload' })
  expect(await failedReloads()).toBe(0)
})

test('an address that the node is given is one that it has', async () => {
  await give(vip)
  expect(await prepared({ a: one('a', on(vip, 'a')) })).toMatchObject({ kind: 'prepared' })
})

test('where the kernel lets any address be bound, none is missing', async () => {
  const files = systemFiles()
  const nonlocal = {
    ...files,
    read: (path: string) =>
      path === '/proc/sys/net/ipv4/ip_nonlocal_bind' ? Promise.resolve(Buffer.from('1\n')) : files.read(path),
  }
  const owners = { a: one('a', on(vip, 'a')), b: one('b', on(`[${vip6}]`, 'b')) }

  expect(await prepared(owners, { files: nonlocal })).toMatchObject({
    kind: 'failed',
    faults: [{ owner: 'b' }],
  })
})

test('`interface` beside an address does not make it one of the node, for HAProxy neither', async () => {
  const text = on(vip, 'a', ' interface lo')
  expect(await prepared({ a: one('a', text) })).toMatchObject({ fault: { code: 'ADDRESS_MISSING' } })

  await lab.put('a.cfg', text)
  await systemCli().ask(lab.masterSocket, 'reload', 5_000)
  await expect.poll(failedReloads, { timeout: 20_000 }).toBe(1)
})

test('a host name that means no address of the node is told with what it means', async () => {
  const elsewhere = { addressesOf: async () => [vip, vip6] }
  const partly = { addressesOf: async () => [vip, '127.0.0.1'] }
  const unknown = { addressesOf: async () => [] }
  const owners = { a: one('a', on('localhost', 'a')) }

  const outcome = await prepared(owners, { names: elsewhere })

  expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'ADDRESS_MISSING', owner: 'a' } })
  expect(outcome.kind === 'failed' && outcome.fault.message).toContain(`localhost (${vip}, ${vip6})`)
  expect(await prepared(owners, { names: partly })).toMatchObject({ kind: 'prepared' })
  expect(await prepared(owners, { names: unknown })).toMatchObject({ kind: 'prepared' })
})

test("another leader's variant is looked at too", async () => {
  const outcome = await prepared({ a: { 'a-1': here('a')[''] ?? {}, 'a-2': { 'a.cfg': on(vip, 'a') } } })

  expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'ADDRESS_MISSING', owner: 'a', line: 2 } })
  expect(outcome.kind === 'failed' && outcome.fault.message).toMatch(
    /^when a-2 leads: this node does not have/,
  )
})

test('an IPv4 address that went away keeps nobody from being changed: its socket is handed on', async () => {
  await give(vip)
  await applied(1, { a: one('a', on(vip, 'a')), b: here('b') })
  await takeAway(vip)

  const done = await applied(2, {
    a: one('a', on(vip, 'a', '\n    maxconn 9')),
    b: here('b', '    maxconn 7\n'),
  })

  expect(done).toMatchObject({ change: 'reload' })
  expect(quarantined()).toEqual([])
  expect(await failedReloads()).toBe(0)
})

test('an IPv6 address that went away would fail the reload, so the node is left as it is', async () => {
  await give(vip6)
  await applied(1, { a: one('a', on(`[${vip6}]`, 'a')), b: here('b') })
  await takeAway(vip6)

  const outcome = await engine.publish(2, {
    a: one('a', on(`[${vip6}]`, 'a')),
    b: here('b', '    maxconn 7\n'),
  })

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: { stage: 'validate', code: 'ADDRESS_MISSING', owner: 'a' },
  })
  expect(await failedReloads()).toBe(0)
  expect(await lab.get('b.cfg')).not.toContain('maxconn')
  expect(await whoAnswers(otherPort)).toBe('red')
})

test('with HAProxy down, an address that went away keeps nobody from being changed either', async () => {
  await give(vip)
  await applied(1, { a: one('a', on(vip, 'a')), b: here('b') })
  await lab.stop()
  await takeAway(vip)

  const done = await applied(2, {
    a: one('a', on(vip, 'a')),
    b: here('b', '    maxconn 7\n'),
    c: one('c', on(vip, 'c')),
  })

  expect(done).toMatchObject({ change: 'not-running' })
  expect(quarantined()).toEqual([['c', 0]])
  expect((await readdir(lab.serviceDir)).sort()).toEqual(['a.cfg', 'b.cfg'])
  expect(await lab.get('b.cfg')).toContain('maxconn 7')
  expect((await readdir(join(lab.dir, 'haproxy/pgsvc'))).filter((name) => /stage|check/.test(name))).toEqual(
    [],
  )
})
