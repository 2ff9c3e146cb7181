/**
 * The agent is killed before every step of an apply, one step after the other, in a process of its own beside a
 * real HAProxy.
 */
import { execFile } from 'node:child_process'
import { cp, lstat, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApplyChild, buildApplyChild } from '../support/apply-child.ts'
import { optionsFor, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  type Backend,
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  startBackend,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { recoverLab } from '../support/recover-lab.ts'
import type { Task } from './runner/main.ts'
import { hasGoneThrough, type Owners, type Ports, type Scene, scenes, setStage, withNext } from './scenes.ts'

let child: ApplyChild
/** Behind the file of others. */
let others: Backend
const { TMPDIR } = process.env

beforeAll(async () => {
  // A kill leaves what is written, synced or not: no need to wait for a disk.
  process.env.TMPDIR = '/dev/shm'
  child = await buildApplyChild()
  others = await startBackend('others')
})
afterAll(async () => {
  process.env.TMPDIR = TMPDIR
  if (TMPDIR === undefined) delete process.env.TMPDIR
  await child.remove()
  await others.close()
})

/** Every file below a directory with its bytes, every link with its target; what lies in `pgsvc` left out. */
async function treeOf(dir: string, from = dir): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.name === 'pgsvc') continue
    if (entry.isDirectory()) Object.assign(found, await treeOf(path, from))
    else if (entry.isSymbolicLink()) found[relative(from, path)] = `-> ${await readlink(path)}`
    else found[relative(from, path)] = await readFile(path, 'utf8')
  }
  return Object.fromEntries(
    Object.entries(found).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  )
}

/** What HAProxy would load, and what lies beside it; a link to the directory counts as the directory. */
async function liveSet(lab: HaproxyLab): Promise<Readonly<Record<string, string>>> {
  return await treeOf(lab.serviceDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return {}
    throw error
  })
}

async function namesBelow(dir: string): Promise<readonly string[]> {
  return (await readdir(dir, { recursive: true })).sort()
}

/** Names that only an apply in hand may have. */
const leftover = /pgsvc-new|stage-|check-/

/** The same place again and again: files from a copy, HAProxy told to load them. */
async function createStage(scene: Scene) {
  const lab = await createHaproxyLab({ layout: scene.layout })
  const [a = 0, b = 0, other = 0] = await freePorts(3)
  const ports: Ports = [a, b, other]
  await setStage(scene, lab, ports, others.port)
  const start = await takeCopy(lab.dir, 'copy-start')
  let worker = await lab.workerPid()
  const reset = async () => {
    await start()
    const before = await lab.workerPid()
    if (before === worker) return
    await lab.reload()
    worker = await lab.workerPid()
  }
  const isReloaded = async () => (await lab.workerPid()) !== worker
  const task = (killAt: number, isReloadRefused: boolean): Task => ({
    stateDir: join(lab.dir, 'state'),
    options: optionsFor(lab),
    version: 2,
    owners: scene.next(ports),
    follow: scene.follow,
    killAt,
    isReloadRefused,
  })
  return { lab, ports, reset, isReloaded, task }
}

/** @returns puts everything on the disk back as it is now */
async function takeCopy(dir: string, name: string): Promise<() => Promise<void>> {
  const copy = join(dir, name)
  const exchange = async (from: string, to: string) => {
    for (const part of ['haproxy', 'state']) {
      await rm(join(to, part), { recursive: true, force: true })
      const options = { recursive: true, verbatimSymlinks: true }
      await cp(join(from, part), join(to, part), options).catch(missing)
    }
  }
  await exchange(dir, copy)
  return () => exchange(copy, dir)
}

/**
 * The agent's memory is lost as well, and then the link too: what is in place stays, a directory that is gone comes
 * back as the newest set that is known to be good.
 */
async function expectWithoutMemory(
  scene: Scene,
  lab: HaproxyLab,
  { old, fresh, where }: { old: unknown; fresh: unknown; where: string },
): Promise<void> {
  // Files beside haproxy.cfg are exchanged one by one: only the memory says which of them belong together.
  if (scene.layout === 'flat') return
  const back = await takeCopy(lab.dir, 'copy-killed')
  const raw = await liveSet(lab)
  const memory = await readFile(join(lab.dir, 'state/state.json'), 'utf8').catch(() => undefined)
  await rm(join(lab.dir, 'state'), { recursive: true, force: true })
  await recoverLab(lab)
  const isWhole = [JSON.stringify(old), JSON.stringify(fresh)].includes(JSON.stringify(raw))
  expect(await liveSet(lab), `${where}, without memory`).toEqual(isWhole ? raw : old)
  if ((await lstat(lab.serviceDir)).isSymbolicLink()) {
    await rm(lab.serviceDir)
    await recoverLab(lab)
    const expected = hasGoneThrough(scene, memory) && (await isMarked(lab)) ? fresh : old
    expect(await liveSet(lab), `${where}, without memory and link`).toEqual(expected)
  }
  await back()
}

/** The mark names the newest generation. */
async function isMarked(lab: HaproxyLab): Promise<boolean> {
  const workDir = join(lab.dir, 'haproxy/pgsvc')
  const mark = await readlink(join(workDir, 'good')).catch(() => '')
  const numbers = (await readdir(workDir)).map((name) => Number(/^g(\d+)$/.exec(name)?.[1] ?? 0))
  return mark === `g${Math.max(...numbers)}`
}

function missing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** All that a restarted agent can tell one kill from another by. */
async function groundOf(lab: HaproxyLab, isReloaded: boolean): Promise<string> {
  const dirs = ['haproxy', 'haproxy/pgsvc', 'state'].map((name) => join(lab.dir, name))
  const trees = await Promise.all(dirs.map((dir) => treeOf(dir).catch(() => 'nothing')))
  const link = await readlink(lab.serviceDir).catch(() => 'no link')
  return JSON.stringify([isReloaded, link, trees])
}

/** What the next agent does. */
function converge(engine: TestEngine, { follow }: Scene, goal: Owners) {
  return follow ? engine.follow(follow.owner, follow.leader, 1) : engine.publish(3, goal)
}

const passed = new Set<string>()

/** `haproxy -c` on what is there; the same bytes are asked about once. */
async function expectLoadable(lab: HaproxyLab): Promise<void> {
  const paths = lab.serviceDir === join(lab.dir, 'haproxy') ? [lab.serviceDir] : [lab.config, lab.serviceDir]
  const key = JSON.stringify([lab.dir, await liveSet(lab)])
  if (passed.has(key)) return
  await promisify(execFile)('/usr/sbin/haproxy', ['-c', ...paths.flatMap((path) => ['-f', path])])
  passed.add(key)
}

test.concurrent.each(scenes)('killed at every step: $name', { timeout: 600_000 }, async (scene) => {
  const { lab, ports, reset, isReloaded, task } = await createStage(scene)
  // After a refusal the controller goes on with what was there.
  const goal = scene.isRefused ? (scene.old?.(ports) ?? {}) : scene.next(ports)
  const old = await liveSet(lab)
  const whole = await child.run(task(0, false))
  if (whole === 'killed') throw new Error('nobody was to be killed')
  expect(whole.outcome.kind, JSON.stringify(whole.outcome)).toBe(scene.isRefused ? 'failed' : 'applied')
  const after = await liveSet(lab)
  const fresh = withNext(scene, ports, old)
  const names = await namesBelow(lab.serviceDir)
  expect(after).toEqual(scene.isRefused ? old : fresh)
  const oldOrNew = (set: unknown) =>
    [JSON.stringify(old), JSON.stringify(fresh)].includes(JSON.stringify(set))
  const converged = new Set<string>()
  const seen = { kills: 0, old: 0, fresh: 0, neither: 0 }

  for (let killAt = 1; killAt <= whole.steps.length; killAt += 1) {
    const where = `${scene.name}, killed before step ${killAt}: ${whole.steps[killAt - 1]}`
    await reset()
    const end = await child.run(task(killAt, scene.isRefused === true))
    if (end !== 'killed') throw new Error(`${where}: it came to its end`)
    seen.kills += 1
    const raw = await liveSet(lab)
    if (!oldOrNew(raw)) seen.neither += 1
    if (scene.isWholeAlways) expect(oldOrNew(raw), where).toBe(true)
    await expectWithoutMemory(scene, lab, { old, fresh, where })

    await recoverLab(lab)
    const recovered = await liveSet(lab)
    expect(oldOrNew(recovered), `${where}: ${JSON.stringify(recovered)}`).toBe(true)
    // What HAProxy was never seen to take does not stay.
    if (scene.isRefused) expect(recovered, where).toEqual(old)
    seen[JSON.stringify(recovered) === JSON.stringify(old) ? 'old' : 'fresh'] += 1
    await expectLoadable(lab)
    expect(await whoAnswers(ports[2]), where).toBe('others')

    // Where disk and worker are the same, the next agent does the same.
    const ground = await groundOf(lab, await isReloaded())
    if (converged.has(ground)) continue
    converged.add(ground)
    const engine = await testEngine(lab)
    const outcome = await converge(engine, scene, goal)
    await engine.collectGarbage()
    expect(outcome.kind, `${where}: ${JSON.stringify(outcome)}`).toBe('applied')
    expect(await liveSet(lab), where).toEqual(after)
    expect(
      await namesBelow(lab.serviceDir).then((found) => found.filter((name) => !/pgsvc/.test(name))),
      where,
    ).toEqual(names.filter((name) => !/pgsvc/.test(name)))
    const everything = await namesBelow(lab.dir)
    expect(
      everything.filter((name) => !name.startsWith('copy') && leftover.test(name)),
      where,
    ).toEqual([])
  }
  process.stderr.write(
    `${scene.name}: ${whole.steps.length} steps, ${seen.kills} kills; before recovery neither old nor new ${seen.neither}; after it old ${seen.old}, new ${seen.fresh}; ${converged.size} different grounds to go on from\n`,
  )
  await lab.destroy()
})
