import { mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { createLedger } from '../../agent/observe/ledger.ts'
import { observe } from '../../agent/observe/observe.ts'
import { createRepairer, type Repairer, type RepairOptions } from '../../agent/repair/repairer.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type Scene, startScene, until, whoAnswers } from '../support/haproxy-lab.ts'

const quietMs = 400
let scene: Scene
let engine: TestEngine
let log: string[]
let stop: AbortController
let running: Promise<void> | undefined

beforeEach(async () => {
  scene = await startScene()
  log = []
  stop = new AbortController()
  running = undefined
})

afterEach(async () => {
  stop.abort()
  await running
  await scene.end()
})

const text = (more = '') => service('pg-a', scene.port, scene.red.port, more)
const other = () => service('pg-b', scene.otherPort, scene.blue.port)
const path = (name: string) => join(scene.lab.serviceDir, name)
const read = (name: string) => readFile(path(name), 'utf8').catch(() => undefined)

async function publish(): Promise<void> {
  engine = await testEngine(scene.lab)
  const outcome = await engine.publish(1, {
    'pg-a': { '': { 'pg-a.cfg': text() } },
    'pg-b': { '': { 'pg-b.cfg': other() } },
  })
  expect(outcome).toMatchObject({ kind: 'applied' })
}

function watch(options: Partial<RepairOptions> = {}): Repairer {
  const clock = systemClock()
  const sink = { write: (line: string) => void log.push(line) }
  const repairer = createRepairer(
    {
      files: systemFiles(),
      clock,
      blobs: engine.blobs,
      engine,
      exclusively: (task) => task(),
      ledger: createLedger(clock),
      oldWorkers: { count: async () => [] },
      log: pino({}, sink),
    },
    { paths: engine.options.paths, policy: 'leave', quietMs, ...options },
  )
  running = repairer.run(stop.signal)
  return repairer
}

const look = () =>
  observe(
    { files: systemFiles(), clock: systemClock(), cli: systemCli(), blobs: engine.blobs },
    engine.options.paths,
    engine.state(),
  )

async function published(options: Partial<RepairOptions> = {}): Promise<Repairer> {
  await scene.lab.start()
  await publish()
  return watch(options)
}

test('one removed file comes back after some quiet, with a reload that says why', async () => {
  const repairer = await published()
  await unlink(path('pg-a.cfg'))
  expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('waiting')

  await until(() => repairer.lastRepair() !== undefined, 8_000)

  expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], repaired: [], change: 'reload' })
  expect(await read('pg-a.cfg')).toBe(text())
  expect(log.join('')).toContain('"reasons":["pg-a.cfg restored"]')
  expect(await look()).toMatchObject({ servingApplied: true, drift: [] })
  expect(await whoAnswers(scene.port)).toBe('red')
})

// Stands in for `haproxy_clean: true`, whose task removes everything in conf.d, through the link.
test('of a directory that was emptied ours come back, and files of others are named, with a copy', async () => {
  await scene.lab.put('admin.cfg', 'listen admin\n    mode tcp\n')
  const repairer = await published()
  for (const name of await readdir(scene.lab.serviceDir)) await unlink(path(name))

  await until(() => repairer.lastRepair() !== undefined, 8_000)

  const last = repairer.lastRepair()
  expect(last?.restored).toEqual(['pg-a.cfg', 'pg-b.cfg'])
  expect(last?.othersVanished).toEqual([
    expect.stringMatching(/^admin\.cfg \(a copy is .*\/kept\/admin\.cfg\./),
  ])
  const copy = /copy is (.*)\)$/.exec(last?.othersVanished[0] ?? '')?.[1] ?? ''
  expect(await readFile(copy, 'utf8')).toBe('listen admin\n    mode tcp\n')
  expect(await readdir(scene.lab.serviceDir)).toEqual(['pg-a.cfg', 'pg-b.cfg'])
})

test('while somebody goes on writing nothing is touched', async () => {
  const repairer = await published()
  await unlink(path('pg-a.cfg'))

  for (let turn = 0; turn < 12; turn += 1) {
    await scene.lab.put('other.cfg', `# ${turn}\n`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(repairer.lastRepair()).toBeUndefined()
  expect(await read('pg-a.cfg')).toBeUndefined()
  await until(() => repairer.lastRepair() !== undefined, 8_000)
})

// Stands in for Pigsty's bin/pgsql-svc: it wipes <cluster>-*.cfg, writes the same with its own words, and reloads.
test('files that were wiped and written again with the same meaning are taken over silently', async () => {
  const repairer = await published()
  const worker = await scene.lab.workerPid()
  const ansible = `# service [pg-a] @ 2026-11-21\n\n${text()}\n`
  await unlink(path('pg-a.cfg'))
  await new Promise((resolve) => setTimeout(resolve, quietMs / 2))
  await writeFile(path('pg-a.cfg'), ansible)

  await until(() => engine.state().files['pg-a.cfg']?.taken !== undefined, 8_000)

  expect(repairer.lastRepair()).toBeUndefined()
  expect(await read('pg-a.cfg')).toBe(ansible)
  expect(await scene.lab.workerPid()).toBe(worker)
  expect((await look()).drift).toEqual([])
  // It is known over a restart, and left alone when another file has to come back.
  expect((await testEngine(scene.lab)).state().files['pg-a.cfg']?.taken).toBeDefined()
  await unlink(path('pg-b.cfg'))
  await until(() => repairer.lastRepair() !== undefined, 8_000)
  expect(await read('pg-a.cfg')).toBe(ansible)
  expect(engine.state().files['pg-a.cfg']?.taken).toBeDefined()
})

test('a changed file is left by default, told with a diff, also when another one has to come back', async () => {
  const repairer = await published()
  const edited = text('    maxconn 7\n')
  await writeFile(path('pg-a.cfg'), edited)
  await until(() => log.join('').includes('left as it is'), 8_000)
  const [drift] = (await look()).drift
  expect(drift?.diff).toContain('+    maxconn 7')
  expect(drift && repairer.action(drift)).toBe('left')

  await unlink(path('pg-b.cfg'))
  await until(() => repairer.lastRepair() !== undefined, 8_000)

  expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-b.cfg'], repaired: [] })
  expect(await read('pg-a.cfg')).toBe(edited)
  expect((await look()).drift).toMatchObject([{ name: 'pg-a.cfg', kind: 'changed' }])
  // That reload has loaded the edit: what was applied is not what runs, and a publish knows it.
  expect((await look()).servingApplied).toBe(false)
  await writeFile(path('pg-a.cfg'), text())
  expect((await look()).servingApplied).toBe(false)
  const again = await engine.publish(2, {
    'pg-a': { '': { 'pg-a.cfg': text() } },
    'pg-b': { '': { 'pg-b.cfg': other() } },
  })
  expect(again).toMatchObject({ kind: 'applied', change: 'reload' })
  expect((await look()).servingApplied).toBe(true)
})

test('a changed file is put right when the policy says repair, and the edit is kept', async () => {
  const repairer = await published({ policy: 'repair' })
  const edited = text('    maxconn 7\n')
  await writeFile(path('pg-a.cfg'), edited)

  await until(() => repairer.lastRepair() !== undefined, 8_000)

  expect(repairer.lastRepair()).toMatchObject({ restored: [], repaired: ['pg-a.cfg'] })
  expect(await read('pg-a.cfg')).toBe(text())
  const kept = join(scene.lab.dir, 'haproxy/pgsvc/kept')
  expect(await Promise.all((await readdir(kept)).map((name) => readFile(join(kept, name), 'utf8')))).toEqual([
    edited,
  ])
})

test('who removes the same file again and again wins the fight, and that is told loudly', async () => {
  const repairer = await published({ quietMs: 100 })
  for (let round = 0; round < 3; round += 1) {
    await unlink(path('pg-a.cfg'))
    await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
  }
  await unlink(path('pg-a.cfg'))

  await until(() => log.join('').includes('"code":"FIGHT"'), 8_000)

  expect(await read('pg-a.cfg')).toBeUndefined()
  expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('fight')
  await unlink(path('pg-b.cfg'))
  await until(async () => (await read('pg-b.cfg')) !== undefined, 8_000)
  expect(await read('pg-a.cfg')).toBeUndefined()
})

test('a link that became a plain directory with other files gets ours, and keeps theirs', async () => {
  const repairer = await published()
  await rm(scene.lab.serviceDir)
  await mkdir(scene.lab.serviceDir)
  await scene.lab.put('other.cfg', '# of somebody else\n')

  await until(() => repairer.lastRepair() !== undefined, 8_000)

  expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg', 'pg-b.cfg'], change: 'reload' })
  expect(await readdir(scene.lab.serviceDir)).toEqual(['other.cfg', 'pg-a.cfg', 'pg-b.cfg'])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('a generation that was deleted is written anew, and a link that was deleted comes back', async () => {
  const repairer = await published()
  const generation = join(dirname(scene.lab.serviceDir), 'pgsvc/g1')
  await rm(generation, { recursive: true })

  await until(() => repairer.lastRepair()?.change === 'reload', 8_000)

  expect(repairer.lastRepair()?.restored).toEqual(['pg-a.cfg', 'pg-b.cfg'])
  await rm(scene.lab.serviceDir)
  await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
  expect(await read('pg-b.cfg')).toBe(other())
})

test('while HAProxy is down files come back all the same, and nobody is said to serve them', async () => {
  const repairer = await published()
  await scene.lab.stop()
  await unlink(path('pg-a.cfg'))

  await until(() => repairer.lastRepair() !== undefined, 8_000)

  expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], change: 'not-running' })
  expect(log.join('')).toContain('no HAProxy runs that serves them')
  await scene.lab.start()
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('what cannot be put back is told with the reason, and tried again no sooner than in a while', async () => {
  const repairer = await published()
  await scene.lab.put('broken.cfg', 'listen broken\n    nonsense\n')
  await unlink(path('pg-a.cfg'))

  await until(() => repairer.lastRepair() !== undefined, 8_000)
  await new Promise((resolve) => setTimeout(resolve, 2 * quietMs))

  expect(repairer.lastRepair()).toMatchObject({
    change: undefined,
    fault: { code: 'FOREIGN_FILE_BROKEN', file: 'broken.cfg' },
  })
  expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('failed')
  expect(log.join('').match(/could not be put back/g)).toHaveLength(1)
  expect(engine.state().failed).toBeUndefined()
  await unlink(path('broken.cfg'))
  await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
})
