import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDrift, findReworded } from '../../../agent/observe/drift.ts'
import { createBlobStore } from '../../../agent/state/blob-store.ts'
import { appliedOwners, createStateFile, emptyState } from '../../../agent/state/state-file.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'
import { systemFiles } from '../../../shared/ports/files.ts'
import { snapshotOf } from '../../support/haproxy-agent.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pgsvc-state-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

test('what was put is what is loaded; what was only staged is not', async () => {
  const file = createStateFile(systemFiles(), dir)
  const { snapshot } = snapshotOf(3, { a: { l1: { 'a.cfg': 'listen a\n' } } })
  const state = {
    ...emptyState('n'),
    generation: 4,
    snapshot,
    leaders: { a: 'l2' },
    failed: { version: 9, fault: { stage: 'validate', code: 'X', message: 'm', line: 3 } as const },
  }

  const put = await file.stage(state)
  expect(await file.load('n')).toEqual(emptyState('n'))
  await put()

  expect(await file.load('n')).toEqual(state)
  expect(appliedOwners(await file.load('n'))).toEqual([{ owner: 'a', revision: 3, leader: 'l2' }])
})

test.each(['{', '{"format":99}', ''])('a state that is %j is refused, not guessed', async (text) => {
  await writeFile(join(dir, 'state.json'), text)

  await expect(createStateFile(systemFiles(), dir).load('n')).rejects.toMatchObject({
    code: 'STATE_UNREADABLE',
  })
})

test('the state of another node is refused', async () => {
  const file = createStateFile(systemFiles(), dir)
  await (await file.stage(emptyState('other')))()

  await expect(file.load('n')).rejects.toMatchObject({ code: 'STATE_OF_OTHER_NODE' })
})

test('contents are kept by digest; a damaged one counts as not held', async () => {
  const blobs = createBlobStore(systemFiles(), join(dir, 'blobs'))
  const [good, bad] = ['good\n', 'bad\n'].map(sha256)
  if (!good || !bad) throw new Error('two digests')
  await blobs.keep(
    new Map([
      [good, 'good\n'],
      [bad, 'bad\n'],
    ]),
  )
  await writeFile(join(dir, 'blobs', bad), 'damaged')

  expect(await blobs.held()).toEqual([good])
  expect(await blobs.read([good, bad, sha256('never seen')])).toEqual(new Map([[good, 'good\n']]))
})

test('garbage is everything that is not named', async () => {
  const blobs = createBlobStore(systemFiles(), join(dir, 'blobs'))
  await blobs.keep(
    new Map([
      [sha256('a'), 'a'],
      [sha256('b'), 'b'],
    ]),
  )

  await blobs.retain(new Set([sha256('b')]))

  expect(await blobs.held()).toEqual([sha256('b')])
})

test('drift names what is missing and what means something else', () => {
  const applied = 'listen a\n  mode tcp\n'
  const owned = Object.fromEntries(
    ['same', 'reworded', 'edited', 'gone'].map((name) => [
      `${name}.cfg`,
      { digest: sha256(applied), owner: name },
    ]),
  )
  const live = new Map([
    ['same.cfg', applied],
    ['reworded.cfg', '# by another program\nlisten a\n    mode tcp\n'],
    ['edited.cfg', 'listen a\n  mode http\n'],
    ['foreign.cfg', 'listen z\n'],
  ])

  const held = new Map([[sha256(applied), applied]])

  expect(findDrift(owned, live, held)).toEqual([
    {
      name: 'edited.cfg',
      kind: 'changed',
      owner: 'edited',
      diff: '--- a/edited.cfg\n+++ b/edited.cfg\n@@ -1,2 +1,2 @@\n listen a\n-  mode tcp\n+  mode http\n',
    },
    { name: 'gone.cfg', kind: 'missing', owner: 'gone' },
  ])
  const reworded = sha256(live.get('reworded.cfg') ?? '')
  expect(findReworded(owned, live, held)).toEqual(new Map([['reworded.cfg', reworded]]))
  const noted = { 'reworded.cfg': { digest: sha256(applied), owner: 'reworded', taken: reworded } }
  expect(findReworded(noted, live, held)).toEqual(new Map())
  expect(findDrift(noted, live, new Map())).toEqual([])
})
