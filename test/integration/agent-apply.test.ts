import { chmod, chown, lstat, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { observe } from '../../agent/observe/observe.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { service, snapshotOf, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  type Backend,
  freePorts,
  type HaproxyLab,
  type Scene,
  startScene,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

let scene: Scene
let lab: HaproxyLab
let engine: TestEngine
let red: Backend
let blue: Backend
let port: number
let otherPort: number

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, red, blue, port, otherPort } = scene)
  engine = await testEngine(lab)
})

afterEach(() => scene.end())

/** One owner without a leader. */
function plain(files: Record<string, string>) {
  return { '': files }
}

/** Everything that HAProxy would load now. */
async function onDisk(): Promise<Record<string, string>> {
  const names = (await readdir(lab.serviceDir)).sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await lab.get(name)])))
}

describe('a running HAProxy', () => {
  beforeEach(async () => {
    await lab.put('foreign.cfg', service('foreign', otherPort, red.port))
    await lab.start()
  })

  test('has a directory of the mode and owner that others gave it, in each generation', async () => {
    await chmod(lab.serviceDir, 0o710)
    await chown(lab.serviceDir, 0, 12)

    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const first = await stat(lab.serviceDir)
    await chmod(lab.serviceDir, 0o750)
    await engine.publish(2, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, blue.port) }) })
    const second = await stat(lab.serviceDir)

    expect([first, second].map(({ mode, uid, gid }) => [mode & 0o777, uid, gid])).toEqual([
      [0o710, 0, 12],
      [0o750, 0, 12],
    ])
  })

  test('serves a first publish, and the directory becomes a link to a generation', async () => {
    const outcome = await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    expect(outcome).toMatchObject({
      kind: 'applied',
      change: 'reload',
      reasons: ['pg-a.cfg added'],
      generation: 1,
    })
    expect(await whoAnswers(port)).toBe('red')
    expect(await whoAnswers(otherPort)).toBe('red')
    expect((await lstat(lab.serviceDir)).isSymbolicLink()).toBe(true)
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'pg-a.cfg'])
    expect(await readdir(join(lab.dir, 'haproxy/pgsvc/before-g1'))).toEqual(['foreign.cfg'])
  })

  test('is left alone when the same is published again', async () => {
    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const worker = await lab.workerPid()
    engine.checks.length = 0

    const outcome = await engine.publish(2, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'none', reasons: [], generation: 1 })
    expect(await lab.workerPid()).toBe(worker)
    expect(engine.checks).toEqual([])
    expect(engine.state().snapshot.version).toBe(2)
  })

  test('is not reloaded for comments and blanks, but the bytes are put on disk', async () => {
    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const worker = await lab.workerPid()
    const commented = `# why\n${service('pg-a', port, red.port)}`

    const outcome = await engine.publish(2, { 'pg-a': plain({ 'pg-a.cfg': commented }) })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'none', generation: 2 })
    expect(await lab.workerPid()).toBe(worker)
    expect(await lab.get('pg-a.cfg')).toBe(commented)
  })

  test('has a new worker that serves a change', async () => {
    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const worker = await lab.workerPid()

    const outcome = await engine.publish(2, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, blue.port) }),
    })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'reload', reasons: ['pg-a.cfg changed'] })
    expect(await lab.workerPid()).not.toBe(worker)
    expect(await whoAnswers(port)).toBe('blue')
  })

  test('takes over files that another tool wrote, without a reload', async () => {
    await lab.stop()
    await lab.put('pg-a.cfg', `# written by hand\n${service('pg-a', port, red.port)}`)
    await lab.start()
    const worker = await lab.workerPid()

    const outcome = await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'none' })
    expect(await lab.workerPid()).toBe(worker)
    const kept = await readFile(join(lab.dir, 'haproxy/pgsvc/before-g1/pg-a.cfg'), 'utf8')
    expect(kept).toContain('written by hand')
  })

  test('keeps everything when HAProxy refuses the only change, and the fault names file, line and owner', async () => {
    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const before = await onDisk()
    const worker = await lab.workerPid()
    const broken = service('pg-a', otherPort, red.port, '    balance sideways\n')

    const outcome = await engine.publish(2, { 'pg-a': plain({ 'pg-a.cfg': broken }) })

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: { stage: 'validate', code: 'HAPROXY_REFUSED', owner: 'pg-a', file: 'pg-a.cfg', line: 4 },
    })
    const words = outcome.kind === 'failed' ? outcome.fault.haproxy : ''
    expect(words).toContain(join(lab.serviceDir, 'pg-a.cfg:4'))
    expect(words).not.toContain('stage-')
    expect(await onDisk()).toEqual(before)
    expect(await lab.workerPid()).toBe(worker)
    expect(await readdir(join(lab.dir, 'haproxy/pgsvc'))).toEqual(['before-g1', 'g1', 'good'])
    expect(engine.state().failed).toMatchObject({ version: 2 })
  })

  test('names the file of somebody else that is broken', async () => {
    await lab.put('zz-foreign.cfg', 'listen other\n    frobnicate\n')

    const outcome = await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: {
        stage: 'validate',
        code: 'FOREIGN_FILE_BROKEN',
        owner: undefined,
        file: 'zz-foreign.cfg',
        line: 2,
      },
    })
    expect((await lstat(lab.serviceDir)).isSymbolicLink()).toBe(false)
  })

  test('refuses a port that another program listens on, before anything changes', async () => {
    const outcome = await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', red.port, blue.port) }),
    })

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: { stage: 'validate', code: 'PORT_TAKEN', owner: 'pg-a', file: 'pg-a.cfg', line: 2 },
    })
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg'])
  })

  test('is back where it was when the reload fails to bind', async () => {
    await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    const before = await onDisk()
    engine = await testEngine(lab, { files: unseenAddresses() })
    const elsewhere = service('pg-a', port, blue.port).replace('127.0.0.1', '192.0.2.1')

    const outcome = await engine.publish(2, { 'pg-a': plain({ 'pg-a.cfg': elsewhere }) })

    expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'reload', code: 'RELOAD_FAILED' } })
    expect(await onDisk()).toEqual(before)
    expect(await whoAnswers(port)).toBe('red')
    expect(engine.state().snapshot.version).toBe(1)
    const again = await engine.publish(3, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, blue.port) }) })
    expect(again).toMatchObject({ kind: 'applied', change: 'reload' })
    expect(await whoAnswers(port)).toBe('blue')
  })

  test('leaves the plain directory in place when the first reload fails', async () => {
    engine = await testEngine(lab, { files: unseenAddresses() })
    const elsewhere = service('pg-a', port, blue.port).replace('127.0.0.1', '192.0.2.1')

    const outcome = await engine.publish(1, { 'pg-a': plain({ 'pg-a.cfg': elsewhere }) })

    expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'reload' } })
    expect((await lstat(lab.serviceDir)).isDirectory()).toBe(true)
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg'])
  })

  test('keeps the files of an owner that the controller does not know, restarted or not', async () => {
    const pgA = { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) }
    const pgB = { 'pg-b': plain({ 'pg-b.cfg': service('pg-b', (await freePorts(1))[0] ?? 0, blue.port) }) }
    await engine.publish(1, { ...pgA, ...pgB })
    engine = await testEngine(lab)
    const { snapshot, blobs } = snapshotOf(1, pgB)

    const outcome = await engine.apply({ ...snapshot, keptOwners: ['pg-a', 'pg-z'] }, blobs, () => undefined)

    expect(outcome).toMatchObject({ kind: 'applied', change: 'none' })
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'pg-a.cfg', 'pg-b.cfg'])
    expect(
      engine
        .state()
        .snapshot.assignments.map(({ owner }) => owner)
        .sort(),
    ).toEqual(['pg-a', 'pg-b'])
  })

  test('loses the files of an owner that is not listed any more, and no other', async () => {
    await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
      'pg-a-2': plain({ 'pg-a-2.cfg': 'listen pg-a-2\n    mode tcp\n' }),
    })
    // A name says nothing of whose a file is.
    await lab.put('pg-a-theirs.cfg', 'listen pg-a-theirs\n    mode tcp\n')

    const outcome = await engine.publish(2, {
      'pg-a-2': plain({ 'pg-a-2.cfg': 'listen pg-a-2\n    mode tcp\n' }),
    })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'reload', reasons: ['pg-a.cfg removed'] })
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'pg-a-2.cfg', 'pg-a-theirs.cfg'])
    expect(await whoAnswers(port)).toBe('ECONNREFUSED')
  })

  test('every variant is checked, and one that would break later is refused now', async () => {
    const good = service('pg-a', port, red.port)

    const outcome = await engine.publish(1, {
      'pg-a': {
        'pg-a-1': { 'pg-a.cfg': good },
        'pg-a-2': { 'pg-a.cfg': good.replace('mode tcp', 'mode sideways') },
      },
    })

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: { stage: 'validate', owner: 'pg-a', file: 'pg-a.cfg', line: 3 },
    })
    expect(outcome.kind === 'failed' && outcome.fault.message).toContain('when pg-a-2 leads')
  })

  test('good variants cost one run of haproxy -c together', async () => {
    const variants = Object.fromEntries(
      [red.port, blue.port, 1].map((server, i) => [
        `pg-a-${i + 1}`,
        { 'pg-a.cfg': service('pg-a', port, server) },
      ]),
    )

    const outcome = await engine.publish(1, { 'pg-a': variants })

    expect(outcome).toMatchObject({ kind: 'applied' })
    expect(engine.checks).toHaveLength(1)
    expect(await whoAnswers(port)).toBe('red')
  })

  test('another leader of the same revision is swapped in without a new check of what was checked', async () => {
    const first = { 'pg-a.cfg': service('pg-a', port, red.port) }
    const second = { 'pg-a.cfg': service('pg-a', port, blue.port) }
    await engine.publish(1, { 'pg-a': { 'pg-a-1': first, 'pg-a-2': second } })
    engine.checks.length = 0

    const outcome = await engine.publish(2, { 'pg-a': { 'pg-a-2': second, 'pg-a-1': first } })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
    expect(await whoAnswers(port)).toBe('blue')
    expect(engine.checks).toEqual([])
    expect(engine.state().leaders).toEqual({ 'pg-a': 'pg-a-2' })
  })

  test('a dry run says what would change and shows what is there, and leaves nothing', async () => {
    await lab.put('pg-a.cfg', service('pg-a', port, blue.port))
    const { snapshot, blobs } = snapshotOf(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    const outcome = await engine.prepare(snapshot, blobs, () => undefined)

    if (outcome.kind === 'failed') throw new Error(outcome.fault.message)
    expect(outcome.set.change).toBe('reload')
    expect(outcome.set.liveFiles).toEqual([{ name: 'pg-a.cfg', text: service('pg-a', port, blue.port) }])
    await engine.discard(outcome.set)
    expect(await lab.get('pg-a.cfg')).toBe(service('pg-a', port, blue.port))
    expect(await readdir(join(lab.dir, 'haproxy/pgsvc'))).toEqual([])
  })

  test("somebody else's file that appears between prepare and commit is carried along", async () => {
    const { snapshot, blobs } = snapshotOf(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })
    const prepared = await engine.prepare(snapshot, blobs, () => undefined)
    if (prepared.kind === 'failed') throw new Error(prepared.fault.message)
    await lab.put('late.cfg', 'listen late\n    mode tcp\n')

    const outcome = await engine.commit(prepared.set, () => undefined)

    expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'late.cfg', 'pg-a.cfg'])
  })

  test("somebody else's certificate that is renewed between prepare and commit stays renewed", async () => {
    await lab.put('cert.pem', 'old\n')
    await createDirectory(join(lab.serviceDir, 'certs'))
    await lab.put('certs/inner.pem', 'old\n')
    const { snapshot, blobs } = snapshotOf(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })
    const prepared = await engine.prepare(snapshot, blobs, () => undefined)
    if (prepared.kind === 'failed') throw new Error(prepared.fault.message)
    await lab.put('cert.pem', 'new\n')
    await lab.put('certs/inner.pem', 'new\n')

    const outcome = await engine.commit(prepared.set, () => undefined)

    expect(outcome).toMatchObject({ kind: 'applied' })
    expect([await lab.get('cert.pem'), await lab.get('certs/inner.pem')]).toEqual(['new\n', 'new\n'])
  })

  test.each([
    ['the first', 0],
    ['a later', 1],
  ])(
    "somebody else's file written right before the rename of %s swap is not lost",
    async (_case, earlier) => {
      const owners = (backend: Backend) => ({
        'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, backend.port) }),
      })
      if (earlier > 0) await engine.publish(1, owners(red))
      const files = systemFiles()
      let isWritten = false
      const racing: Files = {
        ...files,
        async rename(from, to) {
          const isSwap = from === lab.serviceDir || to === lab.serviceDir
          if (isSwap && !isWritten) {
            isWritten = true
            await lab.put('late.cfg', 'listen late\n    mode tcp\n')
            await lab.put('late.pem', 'late\n')
          }
          await files.rename(from, to)
        },
      }
      const racer = await testEngine(lab, { files: racing })

      const outcome = await racer.publish(2, owners(blue))

      expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
      expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'late.cfg', 'late.pem', 'pg-a.cfg'])
      expect(await whoAnswers(port)).toBe('blue')
    },
  )

  test("somebody else's file written while a reload fails is still there afterwards", async () => {
    const real = systemCli()
    const cli = {
      ask: async (path: string, command: string, timeoutMs: number) => {
        if (command === 'reload') await lab.put('late.cfg', 'listen late\n    mode tcp\n')
        return await real.ask(path, command, timeoutMs)
      },
    }
    const racer = await testEngine(lab, { cli, files: unseenAddresses() })
    const elsewhere = service('pg-a', port, blue.port).replace('127.0.0.1', '192.0.2.1')

    const outcome = await racer.publish(1, { 'pg-a': plain({ 'pg-a.cfg': elsewhere }) })

    expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'reload' } })
    expect(Object.keys(await onDisk())).toEqual(['foreign.cfg', 'late.cfg'])
  })

  test('a dry run really asks HAProxy, and so does a publish after HAProxy was exchanged', async () => {
    const owners = { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) }
    const program = join(lab.dir, 'haproxy-program')
    await writeFile(program, '#!/bin/sh\nexec /usr/sbin/haproxy "$@"\n', { mode: 0o755 })
    const mine = await testEngine(lab, {}, {}, { haproxyBin: program })
    await mine.publish(1, owners)
    await mine.publish(2, owners)
    expect(mine.checks).toHaveLength(1)
    const { snapshot, blobs } = snapshotOf(3, owners)

    await mine.prepare(snapshot, blobs, () => undefined, true)
    expect(mine.checks).toHaveLength(2)
    await writeFile(program, '#!/bin/sh\n# newer\nexec /usr/sbin/haproxy "$@"\n', { mode: 0o755 })
    await mine.publish(3, owners)

    expect(mine.checks).toHaveLength(3)
  })

  test('what was applied survives a restart of the agent', async () => {
    const owners = { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) }
    await engine.publish(7, owners)
    const worker = await lab.workerPid()

    const next = await testEngine(lab)

    expect(next.state().snapshot.version).toBe(7)
    const { snapshot } = snapshotOf(8, owners)
    const outcome = await next.apply(snapshot, new Map(), () => undefined)
    expect(outcome).toMatchObject({ kind: 'applied', change: 'none' })
    expect(next.checks).toEqual([])
    expect(await lab.workerPid()).toBe(worker)
  })

  test('only the last three generations and the first state are kept', async () => {
    for (let version = 1; version <= 6; version += 1) {
      const server = version % 2 ? red.port : blue.port
      await engine.publish(version, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, server) }) })
    }

    expect(await readdir(join(lab.dir, 'haproxy/pgsvc'))).toEqual(['before-g1', 'g4', 'g5', 'g6', 'good'])
  })

  test('an edited and a deleted file are seen as drift, a section without a server as down', async () => {
    const dead = service('pg-b', otherPort, 1, '    default-server check inter 100ms fall 1\n')
    await lab.put('foreign.cfg', 'listen foreign\n    mode tcp\n')
    await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
      'pg-b': plain({ 'pg-b.cfg': dead, 'pg-c.cfg': 'listen pg-c\n    mode tcp\n' }),
    })
    const look = () =>
      observe(
        { files: systemFiles(), clock: systemClock(), cli: systemCli(), blobs: engine.blobs },
        engine.options.paths,
        engine.state(),
      )
    await expect.poll(async () => (await look()).servicesDown, { timeout: 3_000 }).toEqual(['pg-b'])
    expect(await look()).toMatchObject({ haproxyRunning: true, servingApplied: true, drift: [] })

    await writeFile(join(lab.serviceDir, 'pg-c.cfg'), '# by another program\nlisten pg-c\n  mode   tcp\n')
    await writeFile(join(lab.serviceDir, 'pg-a.cfg'), '# emptied\n')
    await unlink(join(lab.serviceDir, 'pg-b.cfg'))

    expect((await look()).drift).toEqual([
      { name: 'pg-a.cfg', kind: 'changed', owner: 'pg-a', diff: expect.stringContaining('+# emptied') },
      { name: 'pg-b.cfg', kind: 'missing', owner: 'pg-b' },
    ])
    await lab.stop()
    expect(await look()).toMatchObject({ haproxyRunning: false, workerPid: 0, servingApplied: false })
  })

  test('a directory that was wiped and made anew is filled again', async () => {
    const owners = { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) }
    await engine.publish(1, owners)
    await rm(lab.serviceDir)
    await createDirectory(lab.serviceDir)

    const outcome = await engine.publish(2, owners)

    expect(outcome).toMatchObject({ kind: 'applied', change: 'none', reasons: [] })
    expect(Object.keys(await onDisk())).toEqual(['pg-a.cfg'])
    // HAProxy had all the rest loaded, too, and nobody made it forget.
    expect(await whoAnswers(port)).toBe('red')
    expect(await whoAnswers(otherPort)).toBe('red')
  })
})

async function createDirectory(path: string): Promise<void> {
  await systemFiles().makeDir(path)
}

describe('a HAProxy that does not run', () => {
  test('gets its files in place and serves them once it is started', async () => {
    const outcome = await engine.publish(1, {
      'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }),
    })

    expect(outcome).toMatchObject({ kind: 'applied', change: 'not-running', reasons: ['pg-a.cfg added'] })
    const same = { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) }
    expect(await engine.publish(1, same)).toMatchObject({ change: 'not-running', reasons: [] })
    await lab.start()
    expect(await whoAnswers(port)).toBe('red')
    const again = await engine.publish(2, { 'pg-a': plain({ 'pg-a.cfg': service('pg-a', port, red.port) }) })
    expect(again).toMatchObject({ kind: 'applied', change: 'none' })
  })
})
