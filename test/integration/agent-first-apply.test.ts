import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { observe } from '../../agent/observe/observe.ts'
import { createStateFile } from '../../agent/state/state-file.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  type Backend,
  freePorts,
  type HaproxyLab,
  type Scene,
  startScene,
  whoAnswers,
} from '../support/haproxy-lab.ts'

let scene: Scene
let lab: HaproxyLab
let red: Backend
let blue: Backend
let port: number
let otherPort: number

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, red, blue, port, otherPort } = scene)
  await lab.put('foreign.cfg', service('foreign', otherPort, red.port))
})

afterEach(() => scene.end())

const file = (backend: Backend) => service('pg-a', port, backend.port)
const owner = (backend: Backend) => ({ 'pg-a': { '': { 'pg-a.cfg': file(backend) } } })

async function look(engine: TestEngine) {
  const ports = { files: systemFiles(), clock: systemClock(), cli: systemCli(), blobs: engine.blobs }
  return await observe(ports, engine.options.paths, engine.state())
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** An agent that is killed at one rename: it neither does it nor ever answers. */
function dyingAt(isIt: (from: string, to: string) => boolean) {
  const real = systemFiles()
  let died: () => void = () => undefined
  const death = new Promise<void>((resolve) => {
    died = resolve
  })
  const files: Files = {
    ...real,
    rename(from, to) {
      if (!isIt(from, to)) return real.rename(from, to)
      died()
      return new Promise<void>(() => undefined)
    },
  }
  return { files, death }
}

test('a file that lies on disk but was never loaded is loaded by the first publish', async () => {
  await lab.put('pg-a.cfg', file(red))
  await lab.start()
  await lab.put('pg-a.cfg', file(blue))

  const outcome = await (await testEngine(lab)).publish(1, owner(blue))

  expect(outcome).toMatchObject({ change: 'reload', reasons: ['pg-a.cfg not known to be loaded'] })
  expect(await whoAnswers(port)).toBe('blue')
})

test('files that another tool wrote and reloaded are taken over without a reload, one owner after another', async () => {
  await lab.start()
  await lab.put('pg-a.cfg', file(red))
  const extra = (await freePorts(1))[0] ?? 0
  await lab.put('pg-b.cfg', service('pg-b', extra, red.port))
  await pause(500)
  await lab.reload()
  const worker = await lab.workerPid()
  const engine = await testEngine(lab)
  const reworded = `# ours\n${file(red)}`
  const pgB = { 'pg-b': { '': { 'pg-b.cfg': service('pg-b', extra, red.port) } } }

  const first = await engine.publish(1, { 'pg-a': { '': { 'pg-a.cfg': reworded } } })
  const second = await engine.publish(2, { 'pg-a': { '': { 'pg-a.cfg': reworded } }, ...pgB })

  expect([first, second]).toMatchObject([{ change: 'none' }, { change: 'none' }])
  expect(await lab.workerPid()).toBe(worker)
})

test('a file of another owner that was never loaded is loaded, though the node was confirmed', async () => {
  await lab.start()
  const engine = await testEngine(lab)
  await engine.publish(1, owner(red))
  const extra = (await freePorts(1))[0] ?? 0
  await lab.put('pg-b.cfg', service('pg-b', extra, blue.port))
  const pgB = { 'pg-b': { '': { 'pg-b.cfg': service('pg-b', extra, blue.port) } } }

  const outcome = await engine.publish(2, { ...owner(red), ...pgB })

  expect(outcome).toMatchObject({ change: 'reload' })
  expect(await whoAnswers(extra)).toBe('blue')
})

test('what was put in place and never seen to be loaded is no ground for saying that nothing is to do', async () => {
  await lab.start()
  await (await testEngine(lab)).publish(1, owner(red))
  await forgetConfirmation()
  await systemFiles().write(join(lab.serviceDir, 'pg-a.cfg'), file(blue), 0o644)

  const engine = await testEngine(lab)
  const outcome = await engine.publish(2, owner(blue))

  expect(outcome).toMatchObject({ change: 'reload' })
  expect(await whoAnswers(port)).toBe('blue')
})

/** As after an apply that found no HAProxy running. */
async function forgetConfirmation(): Promise<void> {
  const states = createStateFile(systemFiles(), join(lab.dir, 'state'))
  await (await states.stage({ ...(await states.load('node-1')), confirmed: false }))()
}

test('a first apply that was killed between swap and reload is loaded by the next one', async () => {
  await lab.put('pg-a.cfg', file(red))
  await lab.start()
  const state = join(lab.dir, 'state/state.json')
  const real = systemFiles()
  let died: () => void = () => undefined
  const death = new Promise<void>((resolve) => {
    died = resolve
  })
  const cli = {
    ask: (path: string, command: string, timeoutMs: number) => {
      if (command !== 'reload') return systemCli().ask(path, command, timeoutMs)
      died()
      return new Promise<string>(() => undefined)
    },
  }
  void (await testEngine(lab, { cli })).publish(1, owner(blue))
  await death
  expect(String(await real.read(state))).toContain('"mustReload": true')

  const engine = await testEngine(lab)
  const before = await look(engine)
  const outcome = await engine.publish(2, owner(blue))

  expect(before.servingApplied).toBe(false)
  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
  expect(await whoAnswers(port)).toBe('blue')
})

test.each([
  ['while HAProxy runs', true],
  ['and HAProxy with it', false],
])(
  'a death between the two renames of the first swap %s loses no file of others',
  async (_case, isRunning) => {
    await lab.put('cert.pem', 'a certificate\n')
    await lab.start()
    const { files, death } = dyingAt((_from, to) => to === lab.serviceDir)
    void (await testEngine(lab, { files })).publish(1, owner(red))
    await death
    expect(await systemFiles().kind(lab.serviceDir)).toBeUndefined()
    if (!isRunning) await lab.stop()

    const engine = await testEngine(lab)
    expect(await readdir(lab.serviceDir)).toEqual(['cert.pem', 'foreign.cfg'])
    const outcome = await engine.publish(2, owner(blue))

    expect(outcome).toMatchObject({ kind: 'applied', change: isRunning ? 'reload' : 'not-running' })
    expect(await readdir(lab.serviceDir)).toEqual(['cert.pem', 'foreign.cfg', 'pg-a.cfg'])
    if (isRunning) expect(await whoAnswers(otherPort)).toBe('red')
  },
)

test('a directory that was put aside is found again without any record of it', async () => {
  await lab.start()
  await mkdir(join(lab.dir, 'haproxy/pgsvc'))
  await rename(lab.serviceDir, join(lab.dir, 'haproxy/pgsvc/before-g1'))

  const outcome = await (await testEngine(lab)).publish(1, owner(red))

  expect(outcome).toMatchObject({ kind: 'applied' })
  expect(await readdir(lab.serviceDir)).toEqual(['foreign.cfg', 'pg-a.cfg'])
})

test('a link that was removed points to the last generation again', async () => {
  await lab.start()
  const engine = await testEngine(lab)
  await engine.publish(1, owner(red))
  await rm(lab.serviceDir)

  const outcome = await engine.publish(2, owner(red))

  expect(outcome).toMatchObject({ kind: 'applied', change: 'none' })
  expect((await lstat(lab.serviceDir)).isSymbolicLink()).toBe(true)
  expect(await readdir(lab.serviceDir)).toEqual(['foreign.cfg', 'pg-a.cfg'])
})

test('a directory that is gone for good is named, and nothing is published in its place', async () => {
  await lab.start()
  await rm(lab.serviceDir, { recursive: true })

  const outcome = await (await testEngine(lab)).publish(1, owner(red))

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'stage', code: 'SERVICE_DIR_MISSING' } })
  expect(await systemFiles().kind(lab.serviceDir)).toBeUndefined()
})
