/**
 * The power fails at any moment of an apply. A real apply is recorded, call by call, and played again on a model
 * of a disk; right before each fsync every state that the disk may then be left in is set up, the recovery is
 * run on it, and what HAProxy would load is compared with old and new.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { systemDisk } from '../../shared/ports/disk.ts'
import { filesOver } from '../../shared/ports/files.ts'
import { testEngine } from '../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab } from '../support/haproxy-lab.ts'
import { type ModelDisk, modelDisk, type Tree } from '../support/model-disk.ts'
import { type Recorded, recordingDisk } from '../support/recording-disk.ts'
import { recoverLab } from '../support/recover-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'
import { hasGoneThrough, type Ports, type Scene, scenes, setStage, withNext } from './scenes.ts'

const maxStates = 1_024
const maxNestedStates = 128
/** Enough to find an fsync that is missing; each is left out in turn. */
const maxStatesEach = 192

/** Repeatable: a linear congruential generator. Source: Numerical Recipes, section 7.1. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

interface Recording {
  readonly scene: Scene
  readonly lab: HaproxyLab
  readonly before: Tree
  readonly record: readonly Recorded[]
  /** What HAProxy would load, with what lies beside it. */
  readonly old: Readonly<Record<string, string>>
  readonly fresh: Readonly<Record<string, string>>
  /** What was found wrong with a disk before; the same one comes up again and again. */
  readonly verdicts: Map<string, string | undefined>
}

async function recordApply(scene: Scene): Promise<Recording> {
  const lab = await createHaproxyLab({ layout: scene.layout })
  const [a = 0, b = 0, other = 0] = await freePorts(3)
  const ports: Ports = [a, b, other]
  await setStage(scene, lab, ports)
  const before = [...parentsOf(lab.dir), ...(await treeBelow(lab.dir))]
  const record: Recorded[] = []
  const files = unseenAddresses(filesOver(recordingDisk(systemDisk(), record)))
  const engine = await testEngine(lab, { files })
  const { follow } = scene
  const outcome = follow
    ? await engine.follow(follow.owner, follow.leader, 1)
    : await engine.publish(2, scene.next(ports))
  expect(outcome.kind, JSON.stringify(outcome)).toBe(scene.isRefused ? 'failed' : 'applied')
  const old = await liveSet(modelDisk(before), lab)
  const fresh = withNext(scene, ports, old)
  const after = modelDisk([...parentsOf(lab.dir), ...(await treeBelow(lab.dir))])
  expect(await liveSet(after, lab)).toEqual(scene.isRefused ? old : fresh)
  await lab.destroy()
  return { scene, lab, before, record, old, fresh, verdicts: new Map() }
}

function parentsOf(path: string): Tree {
  const parent = dirname(path)
  return path === '/' ? [] : [...parentsOf(parent), [path, '/']]
}

async function treeBelow(dir: string): Promise<Tree> {
  const trees = (await readdir(dir, { withFileTypes: true })).map(async (entry): Promise<Tree> => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return [[path, '/'], ...(await treeBelow(path))]
    if (entry.isSymbolicLink()) return [[path, `-> ${await readlink(path)}`]]
    return entry.isFile() ? [[path, await readFile(path, 'utf8')]] : []
  })
  return (await Promise.all(trees)).flat()
}

/** Bytes by name; what lies in `pgsvc` left out. */
async function liveSet(disk: ModelDisk, lab: HaproxyLab): Promise<Readonly<Record<string, string>>> {
  const files = filesOver(disk)
  const visit = async (dir: string): Promise<readonly (readonly [string, string])[]> => {
    const rows: (readonly [string, string])[] = []
    for (const { name, kind } of (await files.list(dir)) ?? []) {
      const path = join(dir, name)
      if (kind === 'directory') rows.push(...(name === 'pgsvc' ? [] : await visit(path)))
      else rows.push([relative(lab.serviceDir, path), String(await files.read(path))])
    }
    return rows
  }
  return Object.fromEntries(await visit(lab.serviceDir))
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

interface Tally {
  windows: number
  bounded: number
  states: number
  nested: number
}

/** @returns what is wrong with the disk as a power loss left it; undefined for nothing */
async function findWrong(
  { scene, lab, old, fresh }: Recording,
  tree: Tree,
  onSync?: (disk: ModelDisk) => void,
): Promise<string | undefined> {
  const disk = modelDisk(tree, onSync)
  const raw = await liveSet(disk, lab)
  const isOldOrNew = (set: typeof old) => isSame(set, old) || isSame(set, fresh)
  if (scene.isWholeAlways && !isOldOrNew(raw)) return `before recovery: ${JSON.stringify(raw)}`
  const lines = await recoverLab(lab, filesOver(disk))
  const wrong = lines.find((line) => /"level":[456]0/.test(line))
  if (wrong !== undefined) return wrong
  const live = await liveSet(disk, lab)
  if (!isOldOrNew(live)) return `after recovery: ${JSON.stringify(live)}`
  const text = await filesOver(disk).read(join(lab.dir, 'state/state.json'))
  const isFresh = isSame(live, fresh)
  if (hasGoneThrough(scene, text?.toString()) !== isFresh)
    return `remembers ${text} with ${JSON.stringify(live)}`
  return scene.layout === 'flat' ? undefined : await findWrongWithoutMemory({ lab, old, fresh }, tree, raw)
}

/** The agent's memory is lost too, and then the link as well: one whole set is there, and no newer one than is known to be good. */
async function findWrongWithoutMemory(
  { lab, old, fresh }: Pick<Recording, 'lab' | 'old' | 'fresh'>,
  tree: Tree,
  raw: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const memory = join(lab.dir, 'state')
  const without = tree.filter(([path]) => path !== memory && !path.startsWith(`${memory}/`))
  const after = async (left: Tree) => {
    const disk = modelDisk(left)
    await recoverLab(lab, filesOver(disk))
    return await liveSet(disk, lab)
  }
  const expected = isSame(raw, fresh) ? fresh : old
  const live = await after(without)
  if (!isSame(live, expected)) return `without memory: ${JSON.stringify(live)}`
  const isLink = ([path, content]: Tree[number]) => path === lab.serviceDir && content.startsWith('-> ')
  if (!without.some(isLink)) return undefined
  const isMarked = without.some(
    ([path, content]) => path === join(lab.dir, 'haproxy/pgsvc/good') && isNewest(without, content),
  )
  const found = await after(without.filter((row) => !isLink(row)))
  return isSame(found, isMarked && isSame(raw, fresh) ? fresh : old)
    ? undefined
    : `without memory and link: ${JSON.stringify(found)}`
}

function isNewest(tree: Tree, mark: string): boolean {
  const numbers = tree.map(([path]) => Number(/\/pgsvc\/g(\d+)$/.exec(path)?.[1] ?? 0))
  return mark === `-> g${Math.max(...numbers)}`
}

interface Stop {
  readonly what: string
  readonly trees: readonly Tree[]
}

/** Plays the record, without the call left out: every state before each fsync and at the end. */
async function stopsOf(
  { before, record }: Recording,
  { tally, random, leaveOut }: { tally: Tally; random: () => number; leaveOut: number | undefined },
): Promise<readonly Stop[]> {
  const stops: Stop[] = []
  let what = ''
  const look = (disk: ModelDisk) => {
    const limit = leaveOut === undefined ? maxStates : maxStatesEach
    const { trees, isComplete } = disk.crashes({ maxStates: limit, random })
    tally.windows += 1
    if (!isComplete) tally.bounded += 1
    stops.push({ what, trees })
  }
  const disk = modelDisk(before, look)
  for (const [index, recorded] of record.entries()) {
    what = `${index} ${recorded.what}`
    if (index !== leaveOut) await recorded.replay(disk)
  }
  what = 'the end'
  look(disk)
  return stops
}

async function findFault(
  recording: Recording,
  { leaveOut, tally, isNested }: { leaveOut?: number; tally: Tally; isNested: boolean },
): Promise<string | undefined> {
  const random = seeded(4)
  for (const { what, trees } of await stopsOf(recording, { tally, random, leaveOut })) {
    for (const tree of trees) {
      const key = JSON.stringify(tree)
      const isNew = !recording.verdicts.has(key)
      const wrong = isNew ? await findWrong(recording, tree) : recording.verdicts.get(key)
      recording.verdicts.set(key, wrong)
      if (wrong !== undefined) return `${what}: ${wrong}`
      if (!isNew) continue
      tally.states += 1
      const again = isNested ? await findNested(recording, tree, tally, random) : undefined
      if (again !== undefined) return `${what}, then while recovering: ${again}`
    }
  }
  return undefined
}

/** The power fails again, while the recovery is at it. */
async function findNested(
  recording: Recording,
  tree: Tree,
  tally: Tally,
  random: () => number,
): Promise<string | undefined> {
  const found = new Map<string, Tree>()
  await findWrong(recording, tree, (disk) => {
    for (const one of disk.crashes({ maxStates: maxNestedStates, random }).trees)
      found.set(JSON.stringify(one), one)
  })
  for (const one of found.values()) {
    tally.nested += 1
    const wrong = await findWrong(recording, one)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const newTally = (): Tally => ({ windows: 0, bounded: 0, states: 0, nested: 0 })

test.each(scenes)('power lost at any moment: $name', { timeout: 600_000 }, async (scene) => {
  const recording = await recordApply(scene)
  const tally = newTally()

  const fault = await findFault(recording, { tally, isNested: true })

  expect(fault).toBeUndefined()
  process.stderr.write(
    `${scene.name}: ${recording.record.length} calls, ${tally.windows} windows (${tally.bounded} of them bounded), ${tally.states} states, ${tally.nested} of a second loss while recovering\n`,
  )
})

/** Paths without what differs from run to run. */
function told(recording: Recording, what: string): string {
  return what.replaceAll(recording.lab.dir, '').replace(/[0-9a-f]{64}/, '<digest>')
}

test.each([
  [
    'update in conf.d',
    [
      'fsync /haproxy',
      'fsync /haproxy/pgsvc',
      'fsync /haproxy/pgsvc/stage-1',
      'fsync /haproxy/pgsvc/stage-1/certs',
      'fsync /haproxy/pgsvc/stage-1/certs/a.pem',
      'fsync /haproxy/pgsvc/stage-1/foreign.cfg',
      'fsync /haproxy/pgsvc/stage-1/pg-a.cfg',
      'fsync /haproxy/pgsvc/stage-1/pg-b.cfg',
      'fsync /state',
      'fsync /state/.state.json.pgsvc-new',
    ],
  ],
  [
    'first conversion to a link',
    [
      'fsync ',
      'fsync /haproxy',
      'fsync /haproxy/pgsvc/stage-1',
      'fsync /haproxy/pgsvc/stage-1/certs',
      'fsync /haproxy/pgsvc/stage-1/certs/a.pem',
      'fsync /haproxy/pgsvc/stage-1/foreign.cfg',
      'fsync /haproxy/pgsvc/stage-1/pg-a.cfg',
      'fsync /state',
      'fsync /state/.state.json.pgsvc-new',
    ],
  ],
  [
    'update in the flat layout',
    [
      'fsync /haproxy',
      'fsync /haproxy/.pg-a.cfg.pgsvc-new',
      'fsync /haproxy/.pg-c.cfg.pgsvc-new',
      'fsync /haproxy/pgsvc',
      'fsync /haproxy/pgsvc/replaced-g2',
      'fsync /haproxy/pgsvc/replaced-g2/pg-a.cfg',
      'fsync /haproxy/pgsvc/replaced-g2/pg-b.cfg',
      'fsync /state',
      'fsync /state/.state.json.pgsvc-new',
    ],
  ],
] as const)('an fsync that is left out is found: %s', { timeout: 600_000 }, async (name, expected) => {
  const scene = scenes.find((one) => one.name === name)
  if (!scene) throw new Error(`no scene ${name}`)
  const recording = await recordApply(scene)
  const missed = new Set<string>()
  for (const [leaveOut, { what }] of recording.record.entries()) {
    if (!what.startsWith('fsync')) continue
    const fault = await findFault(recording, { leaveOut, tally: newTally(), isNested: false })
    if (fault !== undefined) missed.add(told(recording, what))
  }
  expect([...missed].sort()).toEqual(expected)
})
