import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineOptions, EnginePorts } from '../../agent/apply/engine-ports.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { observe } from '../../agent/observe/observe.ts'
import type { Fault } from '../../shared/errors/fault.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { type FaultName, faultTable } from '../fault-table/rows.ts'
import { buildApplyChild } from '../support/apply-child.ts'
import { frozenForGood, frozenWhile } from '../support/frozen-processes.ts'
import { optionsFor, service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene, whoAnswers } from '../support/haproxy-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

const exec = promisify(execFile)
let scene: Scene
let lab: HaproxyLab
let port: number
/** Undone in reverse order, whatever a test comes to. */
const cleanUp: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, port } = scene)
})

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  await scene.end()
})

const file = (more = '') => service('pg-a', port, scene.blue.port, more)
const owner = (text: string) => ({ 'pg-a': { '': { 'pg-a.cfg': text } } })
const elsewhere = (text: string) => text.replace('bind 127.0.0.1', 'bind 192.0.2.1')

/** A file system of its own for a directory of the lab. */
async function onTmpfs(dir: string, bytes: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await exec('cp', ['-a', `${dir}/.`, join(lab.dir, 'kept')]).catch(() => undefined)
  await exec('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', dir])
  cleanUp.push(() => exec('umount', ['-l', dir]))
  await exec('cp', ['-a', `${join(lab.dir, 'kept')}/.`, dir])
  await rm(join(lab.dir, 'kept'), { recursive: true })
}

/** Until nothing fits any more. */
async function fill(dir: string): Promise<void> {
  const filler = join(dir, '.filler')
  await exec('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']).catch(() => undefined)
  await rm(filler).then(() => exec('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']).catch(() => undefined))
}

const remount = (how: 'ro' | 'rw') => exec('mount', ['-o', `remount,${how}`, join(lab.dir, 'haproxy')])

/** What makes the fault, and what mends it. */
interface Making {
  /** Before HAProxy starts. */
  readonly ground?: () => Promise<unknown>
  readonly before?: () => Promise<unknown>
  readonly after?: () => Promise<unknown>
  readonly text?: () => string
  readonly ports?: () => Promise<Partial<EnginePorts>>
  readonly limits?: Partial<EngineOptions>
  readonly uid?: number
}

const home = () => join(lab.dir, 'haproxy')

const makings: Readonly<Record<FaultName, Making>> = {
  'refused by haproxy -c': { text: () => file('    balance sideways\n') },
  'foreign file broken': {
    before: () => lab.put('foreign.cfg', 'listen foreign\n    broken\n'),
    after: () => rm(join(lab.serviceDir, 'foreign.cfg')),
  },
  'disk full': {
    ground: () => onTmpfs(home(), '256k'),
    before: () => fill(home()),
    after: () => rm(join(home(), '.filler')),
  },
  'state disk full': {
    ground: () => onTmpfs(join(lab.dir, 'state'), '256k'),
    before: () => fill(join(lab.dir, 'state')),
    after: () => rm(join(lab.dir, 'state/.filler')),
  },
  'read-only': {
    ground: () => onTmpfs(home(), '1m'),
    before: () => remount('ro'),
    after: () => remount('rw'),
  },
  immutable: {
    before: async () => {
      cleanUp.push(() => exec('chattr', ['-i', home()]))
      await exec('chattr', ['+i', home()])
    },
    after: () => exec('chattr', ['-i', home()]),
  },
  'no permission': {
    uid: 65_534,
    before: async () => {
      await chmod(lab.dir, 0o755)
      await exec('chown', ['-R', '65534', join(lab.dir, 'state')])
    },
  },
  'not installed': { limits: { haproxyBin: '/nonexistent/haproxy' } },
  'not running': { before: () => lab.stop() },
  'port taken': {
    before: () => takePort(),
    text: () => service('pg-a', scene.otherPort, scene.blue.port),
    after: () => freePort(),
  },
  'port taken unseen': {
    before: () => takePort(),
    text: () => service('pg-a', scene.otherPort, scene.blue.port),
    ports: async () => ({ files: { ...systemFiles(), read: (path) => readButPorts(path) } }),
    after: () => freePort(),
  },
  'address not here': { text: () => elsewhere(file()) },
  'master hangs': {
    before: () => signalMaster('SIGSTOP'),
    after: () => signalMaster('SIGCONT'),
    limits: { reloadTimeoutMs: 2_500 },
  },
  'port of others': {
    before: () => lab.put('foreign.cfg', service('foreign', scene.otherPort, scene.red.port)),
    text: () => service('pg-a', scene.otherPort, scene.blue.port),
    after: () => rm(join(lab.serviceDir, 'foreign.cfg')),
  },
  'foreign file unbindable': {
    before: () => lab.put('foreign.cfg', elsewhere(service('foreign', scene.otherPort, scene.red.port))),
    after: () => rm(join(lab.serviceDir, 'foreign.cfg')),
  },
  'address gone unseen': {
    text: () => elsewhere(file()),
    ports: async () => ({ files: unseenAddresses() }),
  },
  'not confirmed': {
    ports: () => frozenWhile(lab, isNewInPlace),
  },
  'not confirmed twice': {
    ports: async () => ({ cli: await frozenForGood(lab) }),
    limits: { reloadTimeoutMs: 900 },
  },
  'not put back': {
    ground: () => onTmpfs(home(), '1m'),
    text: () => elsewhere(file()),
    ports: async () => ({
      files: unseenAddresses(),
      cli: {
        ask: async (path: string, command: string, timeoutMs: number) => {
          if (command === 'reload') await remount('ro')
          return await systemCli().ask(path, command, timeoutMs)
        },
      },
    }),
    after: () => remount('rw'),
  },
}

async function signalMaster(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const master = await lab.masterPid()
  process.kill(master, signal)
  // Stopped it would not end either.
  if (signal === 'SIGSTOP') cleanUp.push(async () => process.kill(master, 'SIGCONT'))
}

let freePort: () => Promise<unknown> = () => Promise.resolve()

async function takePort(): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(scene.otherPort, '127.0.0.1', resolve))
  let isFree = false
  freePort = async () => {
    if (!isFree) await new Promise((resolve) => server.close(resolve))
    isFree = true
  }
  cleanUp.push(freePort)
}

function readButPorts(path: string): Promise<Buffer | undefined> {
  return /^\/proc\/(self\/|\d+\/)?net\/tcp/.test(path) ? Promise.resolve(undefined) : systemFiles().read(path)
}

async function isNewInPlace(): Promise<boolean> {
  return (await readFile(join(lab.serviceDir, 'pg-a.cfg'), 'utf8')).includes(`:${scene.blue.port}`)
}

async function observed(engine: TestEngine) {
  const ports = { files: systemFiles(), clock: systemClock(), cli: systemCli(), blobs: engine.blobs }
  return await observe(ports, engine.options.paths, engine.state())
}

/** By an agent that is another user. */
async function applyAs(uid: number, text: string) {
  const child = await buildApplyChild()
  cleanUp.push(() => child.remove())
  const done = await child.run(
    {
      stateDir: join(lab.dir, 'state'),
      options: optionsFor(lab),
      version: 2,
      owners: owner(text),
      killAt: 0,
      isReloadRefused: false,
    },
    uid,
  )
  if (done === 'killed') throw new Error('nobody was to be killed')
  return done.outcome
}

const told = ({ message, haproxy }: Fault) => `${message} ${haproxy ?? ''}`

test.each(faultTable)('$fault: $expected', { timeout: 60_000 }, async (row) => {
  const making = makings[row.make]
  await making.ground?.()
  await lab.start()
  const old = service('pg-a', port, scene.red.port)
  expect(await (await testEngine(lab)).publish(1, owner(old))).toMatchObject({ kind: 'applied' })
  const wanted = making.text?.() ?? file()
  const ports = await making.ports?.()
  const engine = await testEngine(lab, ports, {}, making.limits)
  await making.before?.()

  const outcome =
    making.uid === undefined ? await engine.publish(2, owner(wanted)) : await applyAs(making.uid, wanted)

  const now = making.uid === undefined ? engine : await testEngine(lab)
  expect(await lab.get('pg-a.cfg')).toBe(row.onDisk === 'old' ? old : wanted)
  await expect
    .poll(() => whoAnswers(port), { timeout: 5_000 })
    .toBe(row.serves === 'old' ? 'red' : 'ECONNREFUSED')
  if (row.seen) {
    expect(outcome).toMatchObject({ kind: 'failed', fault: row.seen })
    if (outcome.kind === 'failed') expect(told(outcome.fault)).toContain(row.words)
    // Both facts: what runs, and what failed.
    expect(now.state().snapshot.version).toBe(1)
    expect(now.state().failed ?? { version: 2, fault: {} }).toMatchObject({ version: 2, fault: row.seen })
  } else {
    expect(outcome).toMatchObject({ kind: 'applied', change: 'not-running' })
    expect(await observed(now)).toMatchObject({ haproxyRunning: false, servingApplied: false })
  }

  await making.after?.()
  if (row.make === 'not running') await lab.start()
  const mended = await testEngine(lab)
  expect(await mended.publish(3, owner(file('    maxconn 99\n')))).toMatchObject({ kind: 'applied' })
  expect(mended.state().failed).toBeUndefined()
  expect(await whoAnswers(port)).toBe('blue')
  expect(await observed(mended)).toMatchObject({ haproxyRunning: true, servingApplied: true })
})
