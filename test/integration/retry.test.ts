/** What the node could not take is taken as soon as it can be, by the agent itself, on a real HAProxy. */
import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineOptions, EnginePorts } from '../../agent/apply/engine-ports.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../agent/haproxy/show-proc.ts'
import { createLedger } from '../../agent/observe/ledger.ts'
import { createRetrier } from '../../agent/retry/retrier.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type OwnerFiles, service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene, until, whoAnswers } from '../support/haproxy-lab.ts'
import { hurriedClock } from '../support/hurried-clock.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

let scene: Scene
let lab: HaproxyLab
let engine: TestEngine
let port: number
let otherPort: number
let ledger: ReturnType<typeof createLedger>
/** Undone in reverse order, whatever a test comes to. */
const cleanUp: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, port, otherPort } = scene)
  ledger = createLedger(systemClock())
  await lab.start()
  engine = await testEngine(lab)
})

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  await scene.end()
})

/** Half a minute is a tenth of a second, ten minutes are two seconds. */
const hurry = 300
const patience = { timeout: 20_000 }

function startRetrying(): void {
  const stop = new AbortController()
  const retrier = createRetrier(
    {
      engine,
      ledger,
      clock: hurriedClock(hurry),
      exclusively: async (task) => await task(),
      oldWorkers: { count: async () => [] },
      log: pino({ level: 'silent' }),
      random: Math.random,
    },
    { quietMs: 5_000, pollMs: 5_000 },
  )
  const running = retrier.run(stop.signal)
  cleanUp.push(async () => {
    stop.abort()
    await running
  })
}

async function engineWith(change: Partial<EnginePorts>, limits: Partial<EngineOptions> = {}) {
  engine = await testEngine(lab, change, {}, limits)
}

const text = (name: string, more = '') => service(name, name === 'a' ? port : otherPort, scene.red.port, more)
const one = (name: string, content: string): OwnerFiles => ({ '': { [`${name}.cfg`]: content } })

async function applied(version: number, owners: Readonly<Record<string, OwnerFiles>>): Promise<void> {
  const outcome = await engine.publish(version, owners)
  if (outcome.kind === 'failed') throw new Error(`${outcome.fault.code}: ${outcome.fault.message}`)
}

const reloads = async () =>
  parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))?.reloads
const quarantined = () => engine.state().quarantined.map(({ owner, fault }) => [owner, fault.code])
const tries = () => [...ledger.counts().retries].reduce((sum, [, count]) => sum + count, 0)
const noTable = '    stick on src table nowhere\n'
const table = 'backend nowhere\n    stick-table type ip size 1k\n'

/** A HAProxy that refuses files with that word, as long as another file is there: nobody can see that from here. */
async function haproxyRefusing(word: string): Promise<{ haproxyBin: string; reason: string }> {
  const [haproxyBin, reason] = [join(lab.dir, 'haproxy-moody'), join(lab.dir, 'reason')]
  await writeFile(reason, '')
  const script = `#!/bin/sh
for arg; do if [ -e ${reason} ] && [ -e "$arg" ] && grep -rqs '${word}' "$arg"; then echo '[ALERT] (1) : config : out of luck'; exit 1; fi; done
exec /usr/sbin/haproxy "$@"
`
  await writeFile(haproxyBin, script, { mode: 0o755 })
  return { haproxyBin, reason }
}

/** Whether it is a reason to try again. */
async function isReason(happening: () => Promise<unknown>): Promise<boolean> {
  const { digest } = await engine.circumstances()
  await happening()
  return (await engine.circumstances()).digest !== digest
}

const vip = '198.51.100.18'
const ip = (what: string) => promisify(execFile)('ip', ['address', what, vip, 'dev', 'lo'])

test('what others change, HAProxy itself and what the host has are reasons to try again', async () => {
  const { haproxyBin } = await haproxyRefusing('maxconn 13')
  await engineWith({}, { haproxyBin })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  cleanUp.push(async () => server.close())
  await applied(1, {
    a: one('a', text('a')),
    b: one('b', text('b')),
    c: one('c', service('c', otherPort, 1).replace('bind 127.0.0.1', `bind ${vip}`)),
  })
  expect(quarantined().toSorted()).toEqual([
    ['a', 'PORT_TAKEN'],
    ['c', 'ADDRESS_MISSING'],
  ])

  expect(await isReason(() => lab.put('other.cfg', '# new\n'))).toBe(true)
  expect(await isReason(() => writeFile(lab.config, '# new\n', { flag: 'a' }))).toBe(true)
  expect(await isReason(() => writeFile(haproxyBin, '# new\n', { flag: 'a' }))).toBe(true)
  cleanUp.push(() => ip('delete'))
  expect(await isReason(() => ip('add'))).toBe(true)
  expect(await isReason(() => new Promise((resolve) => server.close(resolve)))).toBe(true)

  expect(await isReason(() => lab.put('other.cfg', '# new\n'))).toBe(false)
  expect(await isReason(() => lab.put('b.cfg', text('b', '    maxconn 3\n')))).toBe(false)
  expect(await isReason(() => lab.reload())).toBe(false)
})

test('a file of somebody else that was missing ends a quarantine, with one reload', async () => {
  await applied(1, { a: one('a', text('a', noTable)), b: one('b', text('b')) })
  expect(quarantined()).toEqual([['a', 'HAPROXY_REFUSED']])
  const before = await reloads()
  startRetrying()

  await lab.put('nowhere.cfg', table)

  await expect.poll(quarantined, patience).toEqual([])
  expect(await whoAnswers(port)).toBe('red')
  expect(await reloads()).toBe((before ?? 0) + 1)
  expect(engine.state()).toMatchObject({ snapshot: { version: 1 }, wanted: undefined })
  expect(ledger.counts().retries.get('gained')).toBe(1)
})

test('another HAProxy program ends a quarantine', async () => {
  const { haproxyBin } = await haproxyRefusing('maxconn 13')
  await engineWith({}, { haproxyBin })
  await applied(1, { a: one('a', text('a', '    maxconn 13\n')), b: one('b', text('b')) })
  expect(quarantined()).toEqual([['a', 'HAPROXY_REFUSED']])
  startRetrying()

  await writeFile(haproxyBin, '#!/bin/sh\nexec /usr/sbin/haproxy "$@"\n')

  await expect.poll(quarantined, patience).toEqual([])
  expect(await whoAnswers(port)).toBe('red')
})

test('what cannot be seen to change is tried again slower and slower, and changes nothing in vain', async () => {
  const { haproxyBin, reason } = await haproxyRefusing('maxconn 13')
  await engineWith({}, { haproxyBin })
  await applied(1, { a: one('a', text('a', '    maxconn 13\n')), b: one('b', text('b')) })
  const [before, { generation }] = [await reloads(), engine.state()]
  startRetrying()

  await expect.poll(tries, patience).toBeGreaterThanOrEqual(4)
  expect(await reloads()).toBe(before)
  expect(engine.state().generation).toBe(generation)
  expect([...ledger.counts().retries.keys()]).toEqual(['in-vain'])
  expect(quarantined()).toEqual([['a', 'HAPROXY_REFUSED']])
  await rm(reason)

  await expect.poll(quarantined, patience).toEqual([])
  expect(await whoAnswers(port)).toBe('red')
})

test('the address that was missing ends a quarantine', async () => {
  await applied(1, {
    a: one('a', text('a').replace('bind 127.0.0.1', `bind ${vip}`)),
    b: one('b', text('b')),
  })
  expect(quarantined()).toEqual([['a', 'ADDRESS_MISSING']])
  startRetrying()

  await ip('add')
  cleanUp.push(() => ip('delete'))

  await expect.poll(quarantined, patience).toEqual([])
  expect(await lab.get('a.cfg')).toContain(vip)
})

test('the port that was taken ends a quarantine', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const free = () => new Promise((resolve) => server.close(resolve))
  await applied(1, { a: one('a', text('a')), b: one('b', text('b')) }).catch(async (error) => {
    await free()
    throw error
  })
  expect(quarantined()).toEqual([['a', 'PORT_TAKEN']])
  startRetrying()

  await free()

  await expect.poll(quarantined, patience).toEqual([])
  expect(await whoAnswers(port)).toBe('red')
})

test('a set that a broken file of somebody else stopped is taken when that is mended', async () => {
  await applied(1, { b: one('b', text('b')) })
  await lab.put('foreign.cfg', 'listen foreign\n    frobnicate\n')
  const outcome = await engine.publish(2, { a: one('a', text('a')), b: one('b', text('b')) })
  expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'FOREIGN_FILE_BROKEN' } })
  startRetrying()

  await rm(join(lab.serviceDir, 'foreign.cfg'))

  await expect.poll(() => engine.state().snapshot.version, patience).toBe(2)
  expect(engine.state()).toMatchObject({ failed: undefined, wanted: undefined })
  expect(await whoAnswers(port)).toBe('red')
})

test('an owner that was all there was to change, and was refused, is taken later too, by an agent that was restarted', async () => {
  await applied(1, { a: one('a', text('a')) })
  expect(await engine.publish(2, { a: one('a', text('a', noTable)) })).toMatchObject({ kind: 'failed' })
  await engine.collectGarbage()
  engine = await testEngine(lab)
  startRetrying()

  await lab.put('nowhere.cfg', table)

  await expect.poll(() => engine.state().snapshot.version, patience).toBe(2)
  expect(engine.state()).toMatchObject({ failed: undefined, quarantined: [] })
  expect(await lab.get('a.cfg')).toContain('stick on')
})

test('of two owners the one that can be taken is taken, and the other stays in quarantine', async () => {
  await applied(1, {
    a: one('a', text('a', noTable)),
    b: one('b', text('b')),
    c: one('c', 'listen c\n    mode tcp\n    stick on src table elsewhere\n'),
  })
  expect(quarantined().map(([owner]) => owner)).toEqual(['a', 'c'])
  startRetrying()

  await lab.put('nowhere.cfg', table)
  await expect.poll(quarantined, patience).toEqual([['c', 'HAPROXY_REFUSED']])
  await lab.put('elsewhere.cfg', table.replace('nowhere', 'elsewhere'))

  await expect.poll(quarantined, patience).toEqual([])
})

test('nothing is tried on top of what others did to files of ours', async () => {
  await applied(1, { a: one('a', text('a', noTable)), b: one('b', text('b')) })
  await lab.put('b.cfg', text('b', '    maxconn 3\n'))
  await lab.put('nowhere.cfg', table)
  startRetrying()

  // As long as many tries would have taken.
  await systemClock().sleep(1_500)
  expect(tries()).toBe(0)
  expect(await lab.get('b.cfg')).toContain('maxconn 3')
  await lab.put('b.cfg', text('b'))

  await expect.poll(quarantined, patience).toEqual([])
})

test('a reload that fails on the way is not repeated until something changes', async () => {
  await engineWith({ files: unseenAddresses() })
  const elsewhere = text('a', noTable).replace('bind 127.0.0.1', 'bind 192.0.2.1')
  await applied(1, { a: one('a', elsewhere), b: one('b', text('b')) })
  startRetrying()

  await lab.put('nowhere.cfg', table)
  await expect.poll(() => ledger.counts().failedReloads.get('RELOAD_FAILED'), patience).toBe(1)
  const before = await reloads()
  await systemClock().sleep(3_000)
  expect(await reloads()).toBe(before)
  expect(quarantined()).toEqual([['a', 'HAPROXY_REFUSED']])
  expect(await whoAnswers(otherPort)).toBe('red')

  await lab.put('other.cfg', '# another change\n')
  await expect.poll(() => ledger.counts().failedReloads.get('RELOAD_FAILED'), patience).toBe(2)
})

test('a state that another version of the agent wrote has nothing to try again', async () => {
  await applied(1, { a: one('a', text('a', noTable)), b: one('b', text('b')) })
  const path = join(lab.dir, 'state/state.json')
  const { wanted, ...old } = JSON.parse(await readFile(path, 'utf8'))
  expect(wanted).toMatchObject({ version: 1 })
  await writeFile(path, JSON.stringify(old))

  engine = await testEngine(lab)

  expect(engine.state().wanted).toBeUndefined()
  expect(await engine.retry()).toBeUndefined()
  await until(() => quarantined().length === 1, 1_000)
})
