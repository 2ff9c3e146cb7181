import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { sha256 } from '../../shared/digest/sha256.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { service, snapshotOf, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  type Backend,
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  startBackend,
  whoAnswers,
} from '../support/haproxy-lab.ts'

let lab: HaproxyLab
let red: Backend
let blue: Backend
let port: number

beforeEach(async () => {
  lab = await createHaproxyLab()
  await lab.start()
  red = await startBackend('red')
  blue = await startBackend('blue')
  port = (await freePorts(1))[0] ?? 0
  const engine = await testEngine(lab)
  await engine.publish(1, owner(red))
})

afterEach(async () => {
  await red.close()
  await blue.close()
  await lab.destroy()
})

function owner(backend: Backend) {
  return { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, backend.port) } } }
}

/** The disk, but one operation fails on the paths that match. */
function failing(operation: 'write' | 'rename' | 'symlink' | 'sync', path: RegExp, code: string): Files {
  const files = systemFiles()
  const fail = (...args: readonly unknown[]) => {
    if (!args.some((arg) => typeof arg === 'string' && path.test(arg))) return undefined
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
  const engine = await testEngine(lab, { files: failing(operation, path, errno) })
  const worker = await lab.workerPid()

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage, code } })
  await expectAsBefore(engine)
  expect(await lab.workerPid()).toBe(worker)
})

test('when no new worker is seen in time the files are put back and loaded again', async () => {
  const real = systemCli()
  const frozen = await real.ask(lab.masterSocket, 'show proc', 1_000)
  const cli = {
    ask: (path: string, command: string, timeoutMs: number) =>
      command === 'show proc' ? Promise.resolve(frozen) : real.ask(path, command, timeoutMs),
  }
  const engine = await testEngine(lab, { cli }, {}, { reloadTimeoutMs: 400 })

  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'confirm', code: 'RELOAD_NOT_CONFIRMED' } })
  await expect.poll(() => whoAnswers(port), { timeout: 3_000 }).toBe('red')
  await expectAsBefore(engine)
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
