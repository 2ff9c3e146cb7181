import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Cli, systemCli } from '../../agent/haproxy/cli.ts'
import { observe } from '../../agent/observe/observe.ts'
import { sha256 } from '../../shared/digest/sha256.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type Exec, systemExec } from '../../shared/ports/exec.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { frozenForGood, frozenWhile } from '../support/frozen-processes.ts'
import { service, snapshotOf, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  type Backend,
  type HaproxyLab,
  type Scene,
  startScene,
  until,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

let scene: Scene
let lab: HaproxyLab
let red: Backend
let blue: Backend
let port: number

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, red, blue, port } = scene)
  await lab.start()
  const engine = await testEngine(lab)
  await engine.publish(1, owner(red))
})

afterEach(() => scene.end())

function owner(backend: Backend) {
  return { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, backend.port) } } }
}

/** The disk, but one operation fails on the paths that match: the first time, and for all but `sync` each time. */
function failing(operation: 'write' | 'rename' | 'symlink' | 'sync', path: RegExp, code: string): Files {
  const files = systemFiles()
  let failed = 0
  const fail = (...args: readonly unknown[]) => {
    if (operation === 'sync' && failed > 0) return undefined
    if (!args.some((arg) => typeof arg === 'string' && path.test(arg))) return undefined
    failed += 1
    return Promise.reject(Object.assign(new Error(`${code}: as the test wants`), { code }))
  }
  return {
    ...files,
    write: (...args) => (operation === 'write' && fail(args[0])) || files.write(...args),
    rename: (...args) => (operation === 'rename' && fail(...args)) || files.rename(...args),
    symlink: (...args) => (operation === 'symlink' && fail(...args)) || files.symlink(...args),
    sync: (...args) => (operation === 'sync' && fail(...args)) || files.sync(...args),
  }
}

/** HAProxy's check ends after whatever else goes on beside it. */
function slowExec() {
  let busy = 0
  const run: Exec['run'] = async (...args) => {
    busy += 1
    await setTimeout(200)
    return await systemExec()
      .run(...args)
      .finally(() => {
        busy -= 1
      })
  }
  return { run, isBusy: () => busy > 0 }
}

async function expectAsBefore(engine: TestEngine): Promise<void> {
  expect(await readdir(lab.serviceDir)).toEqual(['pg-a.cfg'])
  expect(await lab.get('pg-a.cfg')).toBe(service('pg-a', port, red.port))
  expect(await whoAnswers(port)).toBe('red')
  expect(engine.state().snapshot.version).toBe(1)
  expect(
    (await readdir(join(lab.dir, 'haproxy/pgsvc'))).filter((name) => /^(stage|check)/.test(name)),
  ).toEqual([])
}

test.each([
  ['staging', 'write', /stage-\d+\/pg-a\.cfg/, 'ENOSPC', 'stage', 'DISK_FULL'],
  ['making the staged files durable', 'sync', /stage-\d+$/, 'EIO', 'validate', 'DISK_FAILED'],
  ['writing the state', 'write', /state\.json/, 'ENOSPC', 'swap', 'DISK_FULL'],
  ['moving the generation in place', 'rename', /\/g2$/, 'EIO', 'swap', 'DISK_FAILED'],
  ['making the link', 'symlink', /g2$/, 'EROFS', 'swap', 'DISK_FAILED'],
  ['making the swap durable', 'sync', /\/haproxy$/, 'EIO', 'swap', 'DISK_FAILED'],
] as const)('when %s fails everything is as before', async (_case, operation, path, errno, stage, code) => {
  const exec = slowExec()
  const engine = await testEngine(lab, { files: failing(operation, path, errno), exec })
  const worker = await lab.workerPid()

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage, code } })
  expect(exec.isBusy()).toBe(false)
  await expectAsBefore(engine)
  expect(await lab.workerPid()).toBe(worker)
})

test('what failed is told and remembered as it was, though what was staged cannot be removed', async () => {
  const failingAtSwap = failing('rename', /\/g2$/, 'EIO')
  let isBroken = false
  const files: Files = {
    ...failingAtSwap,
    rename: (...paths) => {
      isBroken ||= paths.some((path) => path.endsWith('/g2'))
      return failingAtSwap.rename(...paths)
    },
    remove: (path) =>
      isBroken && /stage-\d+$/.test(path)
        ? Promise.reject(Object.assign(new Error('EROFS: as the test wants'), { code: 'EROFS' }))
        : failingAtSwap.remove(path),
  }
  const engine = await testEngine(lab, { files })

  const outcome = await engine.publish(2, owner(blue))

  const fault = { stage: 'swap', code: 'DISK_FAILED', message: 'EIO: as the test wants' }
  expect(outcome).toMatchObject({ kind: 'failed', fault })
  expect(engine.state().failed).toMatchObject({ version: 2, fault })
  expect(await whoAnswers(port)).toBe('red')
})

test('a service directory that cannot be read at the commit is named, and nothing staged stays behind', async () => {
  const files = systemFiles()
  let isBroken = false
  const engine = await testEngine(lab, {
    files: {
      ...files,
      list: (path) =>
        isBroken && path === lab.serviceDir
          ? Promise.reject(Object.assign(new Error('EIO: as the test wants'), { code: 'EIO' }))
          : files.list(path),
    },
  })
  const { snapshot, blobs } = snapshotOf(2, owner(blue))
  const prepared = await engine.prepare(snapshot, blobs, () => undefined)
  if (prepared.kind === 'failed') throw new Error(prepared.fault.message)
  isBroken = true

  const outcome = await engine.commit(prepared.set, () => undefined)
  isBroken = false

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'swap', code: 'DISK_FAILED' } })
  expect(engine.state().failed).toMatchObject({ version: 2 })
  await expectAsBefore(engine)
})

test('when no new worker is seen in time the files are put back and loaded again', async () => {
  const isNew = async () => (await lab.get('pg-a.cfg')).includes(`:${blue.port}`)
  const engine = await testEngine(lab, await frozenWhile(lab, isNew))

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'confirm', code: 'RELOAD_NOT_CONFIRMED' } })
  await expect.poll(() => whoAnswers(port), { timeout: 30_000 }).toBe('red')
  await expectAsBefore(engine)
  expect(engine.state().confirmed).toBe(true)
})

test('when the files put back are not seen to be loaded either, that is said and remembered', async () => {
  const cli = await frozenForGood(lab)
  const engine = await testEngine(lab, { cli }, {}, { reloadTimeoutMs: 400 })

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: { stage: 'confirm', code: 'RESTORE_NOT_CONFIRMED' },
  })
  expect(outcome.kind === 'failed' && outcome.fault.message).toContain('the files were put back')
  await expect.poll(() => whoAnswers(port), { timeout: 30_000 }).toBe('red')
  await expectAsBefore(engine)
  const next = await testEngine(lab)
  expect(next.state()).toMatchObject({ confirmed: false, mustReload: true })
  expect(await look(next)).toMatchObject({ servingApplied: false })
  expect(await next.publish(3, owner(red))).toMatchObject({ kind: 'applied', change: 'reload' })
})

/** Answers a reload as HAProxy does from 2.7 on, in the words that this one has in its log. */
function tellingCli(): Cli {
  const real = systemCli()
  const log = join(lab.dir, 'haproxy.log')
  return {
    async ask(path, command, timeoutMs) {
      const answer = await real.ask(path, command, timeoutMs)
      if (command !== 'reload') return answer
      await until(async () => (await readFile(log, 'utf8')).includes('Loading failure!'), 20_000)
      return `Success=0\n--\n${await readFile(log, 'utf8')}`
    },
  }
}

test('where HAProxy says what it could not bind, the owner, file and line of a refused reload are named', async () => {
  const engine = await testEngine(lab, { cli: tellingCli(), files: unseenAddresses() })
  const text = service('pg-b', port, blue.port).replace('bind 127.0.0.1', 'bind 192.0.2.1')

  const outcome = await engine.publish(2, { ...owner(red), 'pg-b': { '': { 'pg-b.cfg': text } } })

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: {
      ...{ stage: 'reload', code: 'RELOAD_FAILED', owner: 'pg-b', file: 'pg-b.cfg', line: 2 },
      message: expect.stringMatching(/goes on with the old one: .*cannot bind socket \(Cannot assign/),
      haproxy: expect.stringContaining(`${join(lab.serviceDir, 'pg-b.cfg')}:2`),
    },
  })
  await expectAsBefore(engine)
})

test('a file of somebody else that HAProxy cannot bind is named in a refused reload, and no owner', async () => {
  await lab.put('foreign.cfg', service('foreign', port, 1).replace('bind 127.0.0.1', 'bind 192.0.2.1'))
  const engine = await testEngine(lab, { cli: tellingCli(), files: unseenAddresses() })

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: { stage: 'reload', code: 'RELOAD_FAILED', file: 'foreign.cfg', line: 2 },
  })
  expect(outcome.kind === 'failed' ? outcome.fault.owner : '').toBeUndefined()
  expect(await whoAnswers(port)).toBe('red')
})

test('a content that is not what its digest says is refused', async () => {
  const engine = await testEngine(lab)
  const { snapshot, blobs } = snapshotOf(2, owner(blue))
  const swapped = new Map([...blobs].map(([digest, text]) => [digest, `${text}# more\n`]))

  const outcome = await engine.apply(snapshot, swapped, () => undefined)

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'receive', code: 'DIGEST_MISMATCH' } })
  await expectAsBefore(engine)
})

test('a content that neither came along nor is held is named', async () => {
  const engine = await testEngine(lab)

  const outcome = await engine.apply(snapshotOf(2, owner(blue)).snapshot, new Map(), () => undefined)

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: { stage: 'receive', code: 'BLOB_MISSING', owner: 'pg-a', file: 'pg-a.cfg' },
  })
  await expectAsBefore(engine)
})

test('a HAProxy that is not installed is named', async () => {
  const engine = await testEngine(lab, {}, {}, { haproxyBin: '/nonexistent/haproxy' })

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'validate', code: 'HAPROXY_MISSING' } })
  await expectAsBefore(engine)
})

test('an agent that died between swap and record reloads what HAProxy has not loaded', async () => {
  const wanted = service('pg-a', port, blue.port)
  await lab.put('pg-a.cfg', wanted)
  const engine = await testEngine(lab)

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload', reasons: ['pg-a.cfg changed'] })
  expect(await whoAnswers(port)).toBe('blue')
  expect(engine.state().files['pg-a.cfg']?.digest).toBe(sha256(wanted))
})

/** The disk of an agent that is killed at an operation: it neither does it nor ever answers. */
function dyingAt(operation: 'rename' | 'sync', isIt: (path: string, to?: string) => boolean) {
  const files = systemFiles()
  let died: () => void = () => undefined
  const death = new Promise<void>((resolve) => {
    died = resolve
  })
  const never = () => {
    died()
    return new Promise<void>(() => undefined)
  }
  const dying: Files = {
    ...files,
    rename: (from, to) => (operation === 'rename' && isIt(from, to) ? never() : files.rename(from, to)),
    sync: (path) => (operation === 'sync' && isIt(path) ? never() : files.sync(path)),
  }
  return { files: dying, death }
}

async function look(engine: TestEngine) {
  const ports = { files: systemFiles(), clock: systemClock(), cli: systemCli(), blobs: engine.blobs }
  return await observe(ports, engine.options.paths, engine.state())
}

test('an apply that was killed between swap and reload is not taken for loaded, and the next one reloads', async () => {
  const { files, death } = dyingAt('sync', (path) => path.endsWith('/haproxy'))
  void (await testEngine(lab, { files })).publish(2, owner(blue))
  await death
  expect(await lab.get('pg-a.cfg')).toBe(service('pg-a', port, blue.port))

  const engine = await testEngine(lab)
  expect(await look(engine)).toMatchObject({ haproxyRunning: true, servingApplied: false })
  const outcome = await engine.publish(3, owner(blue))

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
  expect(await whoAnswers(port)).toBe('blue')
  expect(await look(engine)).toMatchObject({ servingApplied: true })
  expect(await engine.publish(4, owner(blue))).toMatchObject({ change: 'none', generation: 2 })
})
