import { mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { createLedger } from '../../agent/observe/ledger.ts'
import { observe } from '../../agent/observe/observe.ts'
import { createRepairer, type Repairer, type RepairOptions } from '../../agent/repair/repairer.ts'
import { type Clock, systemClock } from '../../shared/ports/clock.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  freePorts,
  type Layout,
  layouts,
  type Scene,
  startScene,
  until,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

const quietMs = 400
/** Many times what stands between two writes of somebody, also on a busy machine. */
const longQuietMs = 3_000
let scene: Scene
let engine: TestEngine
let log: string[]
/** How often the directory was looked at. */
let looks: number
let stop: AbortController
let running: Promise<void> | undefined

async function begin(layout: Layout): Promise<void> {
  scene = await startScene({ layout })
  log = []
  looks = 0
  turn = Promise.resolve()
  beforeSwap = undefined
  stop = new AbortController()
  running = undefined
}

afterEach(async () => {
  stop.abort()
  await running
  await scene.end()
})

const text = (more = '') => service('pg-a', scene.port, scene.red.port, more)
const other = () => service('pg-b', scene.otherPort, scene.blue.port)
const path = (name: string) => join(scene.lab.serviceDir, name)
const read = (name: string) => readFile(path(name), 'utf8').catch(() => undefined)
/** What HAProxy loads from there, but for its main configuration. */
const loaded = async () =>
  (await readdir(scene.lab.serviceDir)).filter((name) => name.endsWith('.cfg') && name !== 'haproxy.cfg')

/** One after the other, as the agent's queue has it. */
let turn: Promise<unknown>
function exclusively<T>(task: () => Promise<T>): Promise<T> {
  const done = turn.then(task)
  turn = done.catch(() => undefined)
  return done
}

/** @returns lets the agent go on; until then it only looks */
function hold(): () => void {
  let go: () => void = () => undefined
  turn = new Promise<void>((done) => {
    go = done
  })
  return go
}

/** Done once, right before files are exchanged. */
let beforeSwap: (() => Promise<void>) | undefined
function watchedFiles(): Files {
  // What cannot be bound is to be found at the reload.
  const files = unseenAddresses()
  return {
    ...files,
    async rename(from, to) {
      const now = [scene.lab.serviceDir, path('pg-a.cfg')].includes(to) ? beforeSwap : undefined
      if (now) beforeSwap = undefined
      await now?.()
      return await files.rename(from, to)
    },
  }
}

const publish = (version: number, ofA = text()) =>
  exclusively(() =>
    engine.publish(version, {
      'pg-a': { '': { 'pg-a.cfg': ofA } },
      'pg-b': { '': { 'pg-b.cfg': other() } },
    }),
  )

function watch(options: Partial<RepairOptions> = {}): Repairer {
  const real = systemClock()
  const clock: Clock = {
    ...real,
    sleep(ms, signal) {
      looks += 1
      return real.sleep(ms, signal)
    },
  }
  const sink = { write: (line: string) => void log.push(line) }
  const repairer = createRepairer(
    {
      files: systemFiles(),
      clock,
      blobs: engine.blobs,
      engine,
      exclusively,
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
  engine = await testEngine(scene.lab, { files: watchedFiles() })
  expect(await publish(1)).toMatchObject({ kind: 'applied' })
  return watch(options)
}

const repaired = (repairer: Repairer) => until(() => repairer.lastRepair() !== undefined, 8_000)
const countOf = (words: string) => log.filter((line) => line.includes(words)).length

/** So often that whatever would be done about what is there now has been done. */
async function lookOften(): Promise<void> {
  const end = looks + 6
  await until(() => looks >= end, 30_000)
}

describe.each(layouts)('in the %s layout', (layout) => {
  beforeEach(() => begin(layout))

  test('one removed file comes back after some quiet; HAProxy, which has it loaded, is left alone', async () => {
    const repairer = await published()
    const worker = await scene.lab.workerPid()
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], repaired: [], change: 'none' })
    expect(await read('pg-a.cfg')).toBe(text())
    expect(await scene.lab.workerPid()).toBe(worker)
    expect(await look()).toMatchObject({ servingApplied: true, drift: [] })
  })

  test('when HAProxy was reloaded without it, it comes back with a reload that says why', async () => {
    const repairer = await published()
    const goOn = hold()
    await unlink(path('pg-a.cfg'))
    await scene.lab.reload()
    goOn()
    expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('waiting')

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], repaired: [], change: 'reload' })
    expect(await read('pg-a.cfg')).toBe(text())
    expect(log.join('')).toContain('"reasons":["pg-a.cfg restored"]')
    expect(await look()).toMatchObject({ servingApplied: true, drift: [] })
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('a reload by others while the file is put back is seen, and made good by one of ours', async () => {
    const repairer = await published()
    beforeSwap = () => scene.lab.reload()
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], change: 'reload' })
    expect(log.join('')).toContain('HAProxy was reloaded by somebody else meanwhile')
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('an agent that has just started trusts no worker, and reloads', async () => {
    await published()
    stop.abort()
    await running
    stop = new AbortController()
    engine = await testEngine(scene.lab)
    const repairer = watch()
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], change: 'reload' })
  })

  test('what others served goes on being served when their files vanish together with ours', async () => {
    const [port = 0] = await freePorts(1)
    await scene.lab.put('theirs.cfg', service('theirs', port, scene.blue.port))
    const repairer = await published()
    for (const name of await loaded()) await unlink(path(name))

    await repaired(repairer)

    expect(await loaded()).toEqual(['pg-a.cfg', 'pg-b.cfg'])
    expect(await whoAnswers(port)).toBe('blue')
  })

  // Stands in for `haproxy_clean: true`, whose task removes every file there, through the link; then node.yml goes on.
  test('of a directory that was emptied ours come back, and files of others are named, with a copy', async () => {
    await scene.lab.put('admin.cfg', 'listen admin\n    mode tcp\n')
    const repairer = await published()
    await lookOften()
    const main = await readFile(scene.lab.config)
    for (const entry of await readdir(scene.lab.serviceDir, { withFileTypes: true }))
      if (entry.isFile()) await unlink(path(entry.name))
    await writeFile(scene.lab.config, main)

    await repaired(repairer)

    const last = repairer.lastRepair()
    expect(last?.restored).toEqual(['pg-a.cfg', 'pg-b.cfg'])
    expect(last?.othersVanished).toEqual([
      expect.stringMatching(/^admin\.cfg \(a copy is .*\/kept\/admin\.cfg\./),
    ])
    const copy = /copy is (.*)\)$/.exec(last?.othersVanished[0] ?? '')?.[1] ?? ''
    expect(await readFile(copy, 'utf8')).toBe('listen admin\n    mode tcp\n')
    expect(await loaded()).toEqual(['pg-a.cfg', 'pg-b.cfg'])
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('while somebody goes on writing nothing is touched', async () => {
    const repairer = await published({ quietMs: longQuietMs })
    await unlink(path('pg-a.cfg'))

    const writtenUntilMs = performance.now() + 2 * longQuietMs
    for (let turn = 0; performance.now() < writtenUntilMs; turn += 1) {
      await scene.lab.put('other.cfg', `# ${turn}\n`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(repairer.lastRepair()).toBeUndefined()
    expect(await read('pg-a.cfg')).toBeUndefined()
    await repaired(repairer)
  })

  // Stands in for Pigsty's bin/pgsql-svc: it wipes <cluster>-*.cfg, writes the same with its own words, and reloads.
  test('files that were wiped and written again with the same meaning are taken over silently', async () => {
    const repairer = await published({ quietMs: longQuietMs })
    const worker = await scene.lab.workerPid()
    const ansible = `# service [pg-a] @ 2026-11-21\n\n${text()}\n`
    await unlink(path('pg-a.cfg'))
    await new Promise((resolve) => setTimeout(resolve, longQuietMs / 15))
    await writeFile(path('pg-a.cfg'), ansible)

    await until(() => engine.state().files['pg-a.cfg']?.taken !== undefined, 15_000)

    expect(repairer.lastRepair()).toBeUndefined()
    expect(await read('pg-a.cfg')).toBe(ansible)
    expect(await scene.lab.workerPid()).toBe(worker)
    expect((await look()).drift).toEqual([])
    // It is known over a restart, and left alone when another file has to come back.
    expect((await testEngine(scene.lab)).state().files['pg-a.cfg']?.taken).toBeDefined()
    await unlink(path('pg-b.cfg'))
    await repaired(repairer)
    expect(await read('pg-a.cfg')).toBe(ansible)
    expect(engine.state().files['pg-a.cfg']?.taken).toBeDefined()
  })

  test('a changed file is left by default, told with a diff, also when another one has to come back', async () => {
    const repairer = await published()
    const edited = text('    maxconn 7\n')
    await writeFile(path('pg-a.cfg'), edited)
    await until(() => countOf('left as it is') > 0, 8_000)
    const [drift] = (await look()).drift
    expect(drift?.diff).toContain('+    maxconn 7')
    expect(drift && repairer.action(drift)).toBe('left')

    await scene.lab.reload()
    await unlink(path('pg-b.cfg'))
    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-b.cfg'], repaired: [], change: 'reload' })
    expect(await read('pg-a.cfg')).toBe(edited)
    expect((await look()).drift).toMatchObject([{ name: 'pg-a.cfg', kind: 'changed' }])
    // HAProxy has loaded the edit: what was applied is not what runs, and a publish knows it.
    expect((await look()).servingApplied).toBe(false)
    await writeFile(path('pg-a.cfg'), text())
    expect((await look()).servingApplied).toBe(false)
    expect(await publish(2)).toMatchObject({ kind: 'applied', change: 'reload' })
    expect((await look()).servingApplied).toBe(true)
  })

  test('a changed file is put right when the policy says repair, and the edit is kept', async () => {
    const repairer = await published({ policy: 'repair' })
    const edited = text('    maxconn 7\n')
    await writeFile(path('pg-a.cfg'), edited)

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: [], repaired: ['pg-a.cfg'] })
    expect(await read('pg-a.cfg')).toBe(text())
    const kept = join(scene.lab.dir, 'haproxy/pgsvc/kept')
    const copies = (await readdir(kept)).map((name) => readFile(join(kept, name), 'utf8'))
    expect(await Promise.all(copies)).toEqual([edited])
  })

  test('who removes the same file again and again wins the fight, and that is told loudly', async () => {
    const repairer = await published({ quietMs: 100 })
    for (let round = 0; round < 3; round += 1) {
      await unlink(path('pg-a.cfg'))
      await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
    }
    await unlink(path('pg-a.cfg'))

    await until(() => countOf('"code":"FIGHT"') > 0, 8_000)

    expect(await read('pg-a.cfg')).toBeUndefined()
    expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('fight')
    await unlink(path('pg-b.cfg'))
    await until(async () => (await read('pg-b.cfg')) !== undefined, 8_000)
    expect(await read('pg-a.cfg')).toBeUndefined()
  })

  test('while HAProxy is down files come back all the same, and nobody is said to serve them', async () => {
    const repairer = await published()
    await scene.lab.stop()
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg'], change: 'not-running' })
    expect(log.join('')).toContain('no HAProxy runs that serves them')
    await scene.lab.start()
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('what cannot be put back is told with the reason, and tried again no sooner than in a while', async () => {
    const repairer = await published()
    await scene.lab.put('broken.cfg', 'listen broken\n    nonsense\n')
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)
    await lookOften()

    expect(repairer.lastRepair()).toMatchObject({
      change: undefined,
      fault: { code: 'FOREIGN_FILE_BROKEN', file: 'broken.cfg' },
    })
    expect(repairer.action({ name: 'pg-a.cfg', kind: 'missing', owner: 'pg-a' })).toBe('failed')
    expect(countOf('could not be put back')).toBe(1)
    expect(engine.state().failed).toBeUndefined()
    await unlink(path('broken.cfg'))
    await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
  })

  // A playbook that wipes everything, and ends before it has written anything.
  test('without haproxy.cfg nothing is reloaded: what runs goes on, and ours come back with it', async () => {
    const repairer = await published()
    const worker = await scene.lab.workerPid()
    const main = await readFile(scene.lab.config)
    await unlink(scene.lab.config)
    await unlink(path('pg-a.cfg'))

    await repaired(repairer)

    expect(repairer.lastRepair()?.fault).toMatchObject({
      stage: 'stage',
      code: 'MAIN_CONFIG_MISSING',
      message: `${scene.lab.config} is gone while HAProxy runs with it`,
    })
    expect(await scene.lab.workerPid()).toBe(worker)
    expect(await read('pg-a.cfg')).toBeUndefined()
    await writeFile(scene.lab.config, main)
    await exclusively(() => engine.repair(new Set()))
    expect(await read('pg-a.cfg')).toBe(text())
  })

  // No host has this address: `haproxy -c` does not mind, the reload cannot bind.
  const unbindable = 'listen nowhere\n    bind 192.0.2.1:47999\n    mode tcp\n'

  test('files put back after a refused reload are no change by others: it is not tried again for them', async () => {
    const repairer = await published({ policy: 'repair' })
    const edited = text('    maxconn 7\n')
    const goOn = hold()
    await writeFile(path('pg-a.cfg'), edited)
    await scene.lab.reload()
    await scene.lab.put('nowhere.cfg', unbindable)
    goOn()

    await until(() => repairer.lastRepair() !== undefined, 20_000)
    await lookOften()

    expect(repairer.lastRepair()).toMatchObject({ change: undefined, fault: { stage: 'reload' } })
    expect(await read('pg-a.cfg')).toBe(edited)
    expect(countOf('could not be put back')).toBe(1)
    // Nor are those of a publish that went the same way.
    expect(await publish(2, text('    maxconn 8\n'))).toMatchObject({
      kind: 'failed',
      fault: { stage: 'reload' },
    })
    await lookOften()
    expect(await read('pg-a.cfg')).toBe(edited)
    expect(countOf('could not be put back')).toBe(1)

    // What others change is.
    await unlink(path('nowhere.cfg'))
    await until(async () => (await read('pg-a.cfg')) === text(), 20_000)
    expect(await read('pg-b.cfg')).toBe(other())
  })

  test('what others change while a repair is at work is looked at as soon as it has ended', async () => {
    const repairer = await published({ policy: 'repair' })
    const goOn = hold()
    const repair = engine.repair
    // Mended at the last moment: the repair is refused all the same.
    engine.repair = async (left) => {
      const outcome = await repair(left)
      engine.repair = repair
      await unlink(path('nowhere.cfg'))
      return outcome
    }
    await unlink(path('pg-a.cfg'))
    await scene.lab.reload()
    await scene.lab.put('nowhere.cfg', unbindable)
    goOn()

    await until(() => countOf('could not be put back') > 0, 20_000)
    await until(() => repairer.lastRepair()?.change === 'reload', 20_000)

    expect(await read('pg-a.cfg')).toBe(text())
  })

  test('a file that is left is told once, however often we write beside it ourselves', async () => {
    const repairer = await published()
    await writeFile(path('pg-a.cfg'), text('    maxconn 7\n'))
    await until(() => countOf('left as it is') > 0, 8_000)
    await unlink(path('pg-b.cfg'))
    await repaired(repairer)
    const told = countOf('left as it is')

    await lookOften()

    expect(countOf('left as it is')).toBe(told)
  })
})

describe('in the conf.d layout', () => {
  beforeEach(() => begin('conf.d'))

  test('a link that became a plain directory with other files gets ours, and keeps theirs', async () => {
    const repairer = await published()
    await rm(scene.lab.serviceDir)
    await mkdir(scene.lab.serviceDir)
    await scene.lab.put('other.cfg', '# of somebody else\n')

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg', 'pg-b.cfg'], change: 'none' })
    expect(await loaded()).toEqual(['other.cfg', 'pg-a.cfg', 'pg-b.cfg'])
    await scene.lab.reload()
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('a generation that was deleted is written anew, and a link that was deleted comes back', async () => {
    const repairer = await published()
    const generation = join(dirname(scene.lab.serviceDir), 'pgsvc/g1')
    await rm(generation, { recursive: true })

    await repaired(repairer)

    expect(repairer.lastRepair()).toMatchObject({ restored: ['pg-a.cfg', 'pg-b.cfg'], change: 'none' })
    await rm(scene.lab.serviceDir)
    await until(async () => (await read('pg-a.cfg')) !== undefined, 8_000)
    expect(await read('pg-b.cfg')).toBe(other())
  })
})
