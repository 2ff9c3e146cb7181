/** One bad owner among many, on a real HAProxy. */
import { lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Applied } from '../../agent/apply/outcome.ts'
import { serversWithin, usualRules } from '../../shared/haproxy/guard-rules.ts'
import type { Snapshot } from '../../shared/model/snapshot.ts'
import {
  type OwnerFiles,
  service,
  snapshotOf,
  type TestEngine,
  testEngine,
} from '../support/haproxy-agent.ts'
import {
  createHaproxyLab,
  type HaproxyLab,
  type Layout,
  layouts,
  type Scene,
  startScene,
  whoAnswers,
} from '../support/haproxy-lab.ts'

let scene: Scene
let lab: HaproxyLab
let engine: TestEngine

async function begin(layout: Layout): Promise<void> {
  scene = await startScene({ layout })
  lab = scene.lab
  await lab.start()
  engine = await testEngine(lab)
}

beforeEach(() => begin('conf.d'))
afterEach(() => scene.end())

/** What depends on where the files lie is tried in both layouts. */
async function inLayout(layout: Layout): Promise<void> {
  if (layout === 'conf.d') return
  await scene.end()
  await begin(layout)
}

type Owners = Readonly<Record<string, OwnerFiles>>

/** A cluster of two members: one variant for each of them. */
function cluster(name: string, port: number, more = '', moreOfSecond = more): OwnerFiles {
  const file = `${name}.cfg`
  return {
    [`${name}-1`]: { [file]: service(name, port, scene.red.port, more) },
    [`${name}-2`]: { [file]: service(name, port, scene.blue.port, moreOfSecond) },
  }
}

/** Ports that nobody connects to: several sections on one are fine for HAProxy. */
const nobodysPort = 47_000
const names = Array.from({ length: 100 }, (_, i) => `pg-${String(i).padStart(3, '0')}`)

function hundred(): Owners {
  return Object.fromEntries(names.map((name, i) => [name, cluster(name, nobodysPort + i)]))
}

/** Snapshots where an owner's revision moves only when it is named. */
function published(version: number, owners: Owners, revisions: Readonly<Record<string, number>> = {}) {
  const { snapshot, blobs } = snapshotOf(version, owners)
  const assignments = snapshot.assignments.map((one) => ({ ...one, revision: revisions[one.owner] ?? 1 }))
  const whole: Snapshot = { version, assignments }
  return { snapshot: whole, blobs }
}

async function apply(version: number, owners: Owners, revisions: Readonly<Record<string, number>> = {}) {
  const { snapshot, blobs } = published(version, owners, revisions)
  return await engine.apply(snapshot, blobs, () => undefined)
}

async function applied(...args: Parameters<typeof apply>): Promise<Applied> {
  const outcome = await apply(...args)
  if (outcome.kind === 'failed') throw new Error(`${outcome.fault.code}: ${outcome.fault.message}`)
  return outcome
}

/** But for HAProxy's own, which lies beside them in the flat layout. */
const filesOnDisk = async () =>
  (await readdir(lab.serviceDir)).filter((name) => name.endsWith('.cfg') && name !== 'haproxy.cfg')
const inQuarantine = () =>
  engine.state().quarantined.map(({ owner, revision, keptRevision }) => [owner, revision, keptRevision])
const sideways = '    balance sideways\n'
const noTable = '    stick on src table nowhere\n'

test.each(layouts)('%s: among a hundred owners one with a broken file is left out', async (layout) => {
  await inLayout(layout)
  const owners = { ...hundred(), 'pg-042': cluster('pg-042', nobodysPort, sideways) }

  const outcome = await applied(1, owners)

  expect(outcome.change).toBe('reload')
  expect(engine.checks.length).toBeLessThanOrEqual(3)
  expect(inQuarantine()).toEqual([['pg-042', 1, 0]])
  expect(engine.state().quarantined[0]?.fault).toMatchObject({
    stage: 'validate',
    code: 'HAPROXY_REFUSED',
    owner: 'pg-042',
    file: 'pg-042.cfg',
    line: 4,
    haproxy: expect.stringContaining(join(lab.serviceDir, 'pg-042.cfg:4')),
  })
  expect(await filesOnDisk()).toEqual(names.filter((name) => name !== 'pg-042').map((name) => `${name}.cfg`))
  expect(engine.state().snapshot.version).toBe(1)
})

test.each(layouts)('%s: an owner that was there keeps its last good files, and serves on', async (layout) => {
  await inLayout(layout)
  const [first, second] = [scene.port, scene.otherPort]
  await applied(1, { a: cluster('a', first), b: cluster('b', second) })

  await applied(
    2,
    { a: cluster('a', first, sideways), b: cluster('b', second, '    maxconn 7\n') },
    { a: 2, b: 2 },
  )

  expect(inQuarantine()).toEqual([['a', 2, 1]])
  expect(await lab.get('a.cfg')).toBe(service('a', first, scene.red.port))
  expect(await lab.get('b.cfg')).toContain('maxconn 7')
  expect(await whoAnswers(first)).toBe('red')
  expect(await whoAnswers(second)).toBe('red')
})

test('many bad owners, with faults of both kinds that HAProxy looks for, are found in a few runs', async () => {
  const bad = names.filter((_, i) => i % 7 === 3)
  const owners = {
    ...hundred(),
    ...Object.fromEntries(
      bad.map((name, i) => [name, cluster(name, nobodysPort, i % 2 ? sideways : noTable)]),
    ),
  }

  await applied(1, owners)

  expect(
    inQuarantine()
      .map(([owner]) => owner)
      .toSorted(),
  ).toEqual(bad)
  expect(engine.checks.length).toBeLessThanOrEqual(6)
  for (const { owner, fault } of engine.state().quarantined)
    expect(fault).toMatchObject({ owner, file: `${owner}.cfg` })
})

test.each(layouts)('%s: a variant that is not to run now puts its owner in quarantine', async (layout) => {
  await inLayout(layout)
  await applied(1, hundred())
  const before = engine.checks.length
  const owners = {
    ...hundred(),
    'pg-007': cluster('pg-007', nobodysPort + 7, '    maxconn 5\n', sideways),
    'pg-008': cluster('pg-008', nobodysPort + 8, '    maxconn 5\n'),
  }

  await applied(2, owners, { 'pg-007': 2, 'pg-008': 2 })

  expect(inQuarantine()).toEqual([['pg-007', 2, 1]])
  expect(engine.state().quarantined[0]?.fault.message).toMatch(/^when pg-007-2 leads: /)
  expect(await lab.get('pg-007.cfg')).not.toContain('maxconn')
  expect(await lab.get('pg-008.cfg')).toContain('maxconn 5')
  expect(engine.checks.length - before).toBeLessThanOrEqual(5)
})

/** A HAProxy that refuses whatever holds a word, and says nothing of where it stands. */
async function silentHaproxy(word: string): Promise<string> {
  const path = join(lab.dir, 'haproxy-silent')
  const script = `#!/bin/sh
for arg; do if [ -e "$arg" ] && grep -rqs '${word}' "$arg"; then echo '[ALERT] (1) : config : out of luck'; exit 1; fi; done
exec /usr/sbin/haproxy "$@"
`
  await writeFile(path, script, { mode: 0o755 })
  return path
}

test.each(['pg-000', 'pg-001', 'pg-042', 'pg-062', 'pg-099'])(
  'where HAProxy does not say who is at fault, %s is found among a hundred in at most ten runs',
  async (name) => {
    engine = await testEngine(lab, {}, {}, { haproxyBin: await silentHaproxy('maxconn 13') })
    const index = Number(name.slice(3))

    await applied(1, { ...hundred(), [name]: cluster(name, nobodysPort + index, '    maxconn 13\n') })

    expect(inQuarantine()).toEqual([[name, 1, 0]])
    expect(engine.checks.length).toBeLessThanOrEqual(10)
    // Known from then on: with a change of another owner it costs one run more, not ten.
    const before = engine.checks.length
    await applied(
      2,
      {
        ...hundred(),
        [name]: cluster(name, nobodysPort + index, '    maxconn 13\n'),
        'pg-050': cluster('pg-050', nobodysPort, '    maxconn 5\n'),
      },
      { 'pg-050': 2 },
    )
    expect(inQuarantine()).toEqual([[name, 1, 0]])
    expect(engine.checks.length - before).toBe(2)
  },
)

test('of two owners with one section name the new one is at fault, whichever HAProxy names', async () => {
  await applied(1, { b: cluster('shared', scene.port) })
  const clash = (name: string) => ({
    [name]: { '': { [`${name}.cfg`]: service('shared', scene.otherPort, scene.blue.port) } },
  })

  const before = engine.checks.length
  await applied(2, { b: cluster('shared', scene.port), ...clash('a'), c: cluster('c', nobodysPort) })

  expect(inQuarantine()).toEqual([['a', 1, 0]])
  expect(engine.checks.length - before).toBe(2)
  expect(engine.state().quarantined[0]?.fault.haproxy).toContain("has the same name as proxy 'shared'")
  await applied(3, { b: cluster('shared', scene.port), ...clash('z') }, {})
  expect(inQuarantine()).toEqual([['z', 1, 0]])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('of two owners that HAProxy takes one by one only, and names neither, the new one is at fault', async () => {
  await applied(1, { z: cluster('z', scene.port, '    maxconn 21\n'), m: cluster('m', nobodysPort) })
  const path = join(lab.dir, 'haproxy-pair')
  const script = `#!/bin/sh
for arg; do if [ -e "$arg" ] && grep -rqs 'maxconn 21' "$arg" && grep -rqs 'maxconn 22' "$arg"; then echo '[ALERT] (1) : config : no'; exit 1; fi; done
exec /usr/sbin/haproxy "$@"
`
  await writeFile(path, script, { mode: 0o755 })
  engine = await testEngine(lab, {}, {}, { haproxyBin: path })

  await applied(2, {
    a: cluster('a', scene.otherPort, '    maxconn 22\n'),
    c: cluster('c', nobodysPort),
    m: cluster('m', nobodysPort),
    z: cluster('z', scene.port, '    maxconn 21\n'),
  })

  expect(inQuarantine()).toEqual([['a', 1, 0]])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test.each(layouts)('%s: of two owners with one file name the new one is at fault', async (layout) => {
  await inLayout(layout)
  const old = { a: cluster('same', scene.port) }
  await applied(1, { ...old, b: cluster('b', nobodysPort) })

  await applied(2, { 'A-new': cluster('same', scene.otherPort), ...old })

  expect(inQuarantine()).toEqual([['A-new', 1, 0]])
  expect(engine.state().quarantined[0]?.fault).toMatchObject({ code: 'FILE_CLASH', owner: 'A-new' })
  expect(await whoAnswers(scene.port)).toBe('red')
})

test.each(layouts)('%s: what the guard refuses is that owner alone, and costs no check', async (layout) => {
  await inLayout(layout)
  const lua = '    http-request lua.evil\n'

  await applied(1, {
    a: cluster('a', scene.port, lua),
    b: cluster('b', scene.otherPort),
    c: cluster('c', 1, lua),
  })

  expect(inQuarantine()).toEqual([
    ['a', 1, 0],
    ['c', 1, 0],
  ])
  expect(engine.state().quarantined[0]?.fault).toMatchObject({
    stage: 'guard',
    code: 'DIRECTIVE_REFUSED',
    line: 4,
  })
  expect(engine.checks).toHaveLength(1)
  expect(await whoAnswers(scene.otherPort)).toBe('red')
})

test.each(layouts)('%s: a quarantine outlives the agent, and ends with good files', async (layout) => {
  await inLayout(layout)
  await applied(1, { a: cluster('a', scene.port, sideways), b: cluster('b', scene.otherPort) })
  engine = await testEngine(lab)
  expect(inQuarantine()).toEqual([['a', 1, 0]])

  await applied(2, { a: cluster('a', scene.port), b: cluster('b', scene.otherPort) }, { a: 2 })

  expect(inQuarantine()).toEqual([])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('the same snapshot again, as after a Hello, tries the owner again', async () => {
  const sets = { a: cluster('a', scene.port, noTable), b: cluster('b', scene.otherPort) }
  await applied(1, sets)

  expect(await applied(1, sets)).toMatchObject({ change: 'none' })
  expect(inQuarantine()).toEqual([['a', 1, 0]])
  // What was missing is there now, in a file of somebody else.
  await lab.put('nowhere.cfg', 'backend nowhere\n    stick-table type ip size 1k\n')
  await applied(1, sets)

  expect(inQuarantine()).toEqual([])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test.each(layouts)(
  '%s: a publish changes nothing, and all that are bad are named at once',
  async (layout) => {
    await inLayout(layout)
    await applied(1, { a: cluster('a', scene.port), b: cluster('b', scene.otherPort) })
    const before = await filesOnDisk()
    const { snapshot, blobs } = published(
      2,
      {
        a: cluster('a', scene.port, sideways),
        b: cluster('b', scene.otherPort, noTable),
        c: cluster('c', nobodysPort),
      },
      { a: 2, b: 2 },
    )

    const outcome = await engine.prepare(snapshot, blobs, () => undefined)

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: { owner: 'a' },
      faults: [{ owner: 'a' }, { owner: 'b' }],
    })
    expect(await filesOnDisk()).toEqual(before)
    expect(
      (await readdir(join(lab.dir, 'haproxy/pgsvc'))).filter((name) => /stage|check/.test(name)),
    ).toEqual([])
  },
)

test.each(layouts)('%s: a publish of another owner is not held up by one in quarantine', async (layout) => {
  await inLayout(layout)
  const bad = { a: cluster('a', scene.port, sideways) }
  await applied(1, { ...bad, b: cluster('b', scene.otherPort) })
  const { snapshot, blobs } = published(
    2,
    { ...bad, b: cluster('b', scene.otherPort, '    maxconn 9\n') },
    { b: 2 },
  )

  const outcome = await engine.prepare(snapshot, blobs, () => undefined)

  if (outcome.kind === 'failed') throw new Error(outcome.fault.message)
  expect(outcome.set.quarantined.map(({ owner }) => owner)).toEqual(['a'])
  expect(await engine.commit(outcome.set, () => undefined)).toMatchObject({ kind: 'applied' })
  expect(inQuarantine()).toEqual([['a', 1, 0]])
  expect(await lab.get('b.cfg')).toContain('maxconn 9')
})

test.each(layouts)('%s: a broken file of others stops the node, nobody of ours is blamed', async (layout) => {
  await inLayout(layout)
  await applied(1, { a: cluster('a', scene.port) })
  await lab.put('foreign.cfg', 'listen foreign\n    frobnicate\n')

  const outcome = await apply(
    2,
    { a: cluster('a', scene.port, '    maxconn 9\n'), b: cluster('b', nobodysPort) },
    { a: 2 },
  )

  expect(outcome).toMatchObject({
    kind: 'failed',
    fault: { code: 'FOREIGN_FILE_BROKEN', file: 'foreign.cfg', line: 2 },
  })
  expect(inQuarantine()).toEqual([])
  expect(await lab.get('foreign.cfg')).toContain('frobnicate')
})

test.each(layouts)('%s: a section that clashes with one of somebody else is our fault', async (layout) => {
  await inLayout(layout)
  await lab.put('zz-foreign.cfg', 'listen mine\n    bind 127.0.0.1:47999\n')

  await applied(1, { a: cluster('a', scene.port), bad: cluster('mine', scene.otherPort) })

  expect(inQuarantine()).toEqual([['bad', 1, 0]])
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('what is in place is never taken away because it is refused all of a sudden, HAProxy running or not', async () => {
  const old = { a: cluster('a', scene.port, '    maxconn 13\n'), b: cluster('b', scene.otherPort) }
  await applied(1, old)
  engine = await testEngine(lab, {}, {}, { haproxyBin: await silentHaproxy('maxconn 13') })
  const next = { ...old, b: cluster('b', scene.otherPort, '    maxconn 9\n') }

  for (const isRunning of [true, false]) {
    if (!isRunning) await lab.stop()
    expect(await apply(2, next, { b: 2 })).toMatchObject({
      kind: 'failed',
      fault: { code: 'HAPROXY_REFUSED', owner: 'a' },
    })
    expect(inQuarantine()).toEqual([])
    expect(await lab.get('a.cfg')).toContain('maxconn 13')
    expect(await lab.get('b.cfg')).not.toContain('maxconn')
  }
  // A start then finds all that was served before.
  await lab.start()
  expect(await whoAnswers(scene.port)).toBe('red')
})

test.each(layouts)('%s: with HAProxy down an owner keeps its last good files too', async (layout) => {
  await inLayout(layout)
  await applied(1, { a: cluster('a', scene.port), b: cluster('b', scene.otherPort) })
  await lab.stop()

  const next = { a: cluster('a', scene.port, sideways), b: cluster('b', scene.otherPort, '    maxconn 9\n') }
  expect(await applied(2, next, { a: 2, b: 2 })).toMatchObject({ change: 'not-running' })

  expect(inQuarantine()).toEqual([['a', 2, 1]])
  expect(await filesOnDisk()).toEqual(['a.cfg', 'b.cfg'])
  await lab.start()
  expect(await whoAnswers(scene.port)).toBe('red')
})

test('a state written before there was a quarantine is read', async () => {
  await applied(1, { a: cluster('a', scene.port) })
  const path = join(lab.dir, 'state/state.json')
  const { quarantined, ...old } = JSON.parse(await readFile(path, 'utf8'))
  expect(quarantined).toEqual([])
  await rm(path)
  await writeFile(path, JSON.stringify(old))

  expect((await testEngine(lab)).state().quarantined).toEqual([])
})

test.each(layouts)(
  'a link that lies under the name of our file in the %s layout is replaced and not followed',
  async (layout) => {
    const linked = await createHaproxyLab({ layout })
    try {
      const victim = join(linked.dir, 'victim')
      await writeFile(victim, 'untouched')
      await linked.start()
      await symlink(victim, join(linked.serviceDir, 'pg-a.cfg'))
      const { snapshot, blobs } = published(1, { 'pg-a': cluster('pg-a', scene.port) })

      const done = await (await testEngine(linked)).apply(snapshot, blobs, () => undefined)

      expect(done).toMatchObject({ kind: 'applied' })
      expect(await readFile(victim, 'utf8')).toBe('untouched')
      expect((await lstat(join(linked.serviceDir, 'pg-a.cfg'))).isSymbolicLink()).toBe(false)
      expect(await whoAnswers(scene.port)).toBe('red')
    } finally {
      await linked.destroy()
    }
  },
)

test("what the agent's own configuration allows, HAProxy serves; what it narrows, is left out", async () => {
  const rule = '    acl all src 0.0.0.0/0\n    tcp-request connection accept if all\n'
  const guard = {
    ...usualRules,
    allow: new Set(['acl', 'tcp-request']),
    isServerAllowed: serversWithin(['127.0.0.1']),
  }
  engine = await testEngine(lab, {}, {}, { guard })
  const elsewhere = service('b', nobodysPort, 1).replace('server s1 127.0.0.1', 'server s1 192.0.2.1')

  await applied(1, { a: cluster('a', scene.port, rule), b: { '': { 'b.cfg': elsewhere } } })

  expect(inQuarantine()).toEqual([['b', 1, 0]])
  expect(engine.state().quarantined[0]?.fault).toMatchObject({ code: 'DIRECTIVE_REFUSED', line: 4 })
  expect(await whoAnswers(scene.port)).toBe('red')
})
