import { expect, test } from 'vitest'
import { type Candidate, makeCandidate } from '../../../agent/apply/candidate.ts'
import { isParallel, renameSections } from '../../../agent/apply/check-set.ts'
import { compare } from '../../../agent/apply/compare.ts'
import { FaultError } from '../../../agent/apply/fault-error.ts'
import { setsKey } from '../../../agent/apply/validate.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'
import { snapshotOf } from '../../support/haproxy-agent.ts'

function faultOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof FaultError) return error.fault
    throw error
  }
  throw new Error('nothing was thrown')
}

const a1 = { 'a.cfg': 'listen a\n  server one\n' }
const a2 = { 'a.cfg': 'listen a\n  server two\n' }

test('the chosen variant runs, each other content is an alternate once', () => {
  const { snapshot, blobs } = snapshotOf(1, {
    a: { l1: a1, l2: a2, l3: a2, l4: a1 },
    b: { '': { 'b.cfg': 'listen b\n' } },
  })

  const candidate = makeCandidate(snapshot, blobs)

  expect([...candidate.files.keys()]).toEqual(['a.cfg', 'b.cfg'])
  expect(candidate.files.get('a.cfg')?.text).toBe(a1['a.cfg'])
  expect(candidate.leaders).toEqual({ a: 'l1', b: '' })
  expect(candidate.alternates.map(({ owner, leader }) => [owner, leader])).toEqual([['a', 'l2']])
})

test('a leader without a variant, a missing content and a file claimed twice are faults', () => {
  const { snapshot, blobs } = snapshotOf(1, { a: { l1: a1, l2: a2 } })
  const unknown = { ...snapshot, assignments: snapshot.assignments.map((one) => ({ ...one, leader: 'l9' })) }
  const twice = snapshotOf(1, { a: { '': a1 }, b: { '': a1 } })

  expect(faultOf(() => makeCandidate(unknown, blobs))).toMatchObject({ code: 'VARIANT_MISSING', owner: 'a' })
  expect(faultOf(() => makeCandidate(twice.snapshot, twice.blobs))).toMatchObject({
    code: 'FILE_CLASH',
    owner: 'b',
  })
  const lacking = new Map([...blobs].filter(([digest]) => digest !== sha256(a2['a.cfg'])))
  expect(faultOf(() => makeCandidate(snapshot, lacking))).toMatchObject({
    code: 'BLOB_MISSING',
    file: 'a.cfg',
  })
})

function candidateOf(owners: Parameters<typeof snapshotOf>[1]): Candidate {
  const { snapshot, blobs } = snapshotOf(1, owners)
  return makeCandidate(snapshot, blobs)
}

test('what was validated is the same whichever variant is chosen, and another when a content is', () => {
  const first = setsKey(candidateOf({ a: { l1: a1, l2: a2 } }))

  expect(setsKey(candidateOf({ a: { l2: a2, l1: a1 } }))).toBe(first)
  expect(setsKey(candidateOf({ a: { l1: a1, l2: { 'a.cfg': 'listen a\n  server three\n' } } }))).not.toBe(
    first,
  )
})

test('variants with other sections or files are not parallel, and then the choice counts', () => {
  const other = { 'a.cfg': 'listen a\n  server two\nlisten more\n' }
  const candidate = candidateOf({ a: { l1: a1, l2: other } })

  expect(candidate.alternates.map((one) => isParallel(one, candidate.files))).toEqual([false])
  expect(setsKey(candidate)).not.toBe(setsKey(candidateOf({ a: { l2: other, l1: a1 } })))
})

test('only the names of sections are changed', () => {
  expect(renameSections('# listen x\nlisten a b\n  bind listen\n\tlisten c\n', ':v1')).toBe(
    '# listen x\nlisten a:v1 b\n  bind listen\n\tlisten c:v1\n',
  )
})

function comparison(text: string, live: string | undefined, loaded?: string, isStillLoaded = false) {
  const candidate = candidateOf({ a: { '': { 'a.cfg': text } } })
  return compare({
    candidate: candidate.files,
    live: new Map(live === undefined ? [] : [['a.cfg', live]]),
    owned: {},
    loaded: new Map(loaded === undefined ? [] : [['a.cfg', loaded]]),
    isRunning: true,
    isStillLoaded,
  })
}

test.each([
  ['new', 'listen a\n', undefined, undefined, ['a.cfg'], ['a.cfg added']],
  ['the same', 'listen a\n', 'listen a\n', 'listen a\n', [], []],
  ['written otherwise', 'listen a\n', '# x\nlisten  a\n', '# x\nlisten  a\n', ['a.cfg'], []],
  [
    'the same, but perhaps never loaded',
    'listen a\n',
    'listen a\n',
    undefined,
    [],
    ['a.cfg not known to be loaded'],
  ],
  ['without a meaning', '# a\n', '# a\n', undefined, [], []],
  ['changed', 'listen a\n', 'listen b\n', undefined, ['a.cfg'], ['a.cfg changed']],
  ['on disk, but something else was loaded', 'listen a\n', 'listen a\n', 'listen b\n', [], ['a.cfg changed']],
  ['loaded, but gone from disk', 'listen a\n', undefined, 'listen a\n', ['a.cfg'], ['a.cfg restored']],
  ['loaded, but edited on disk', 'listen a\n', 'listen b\n', 'listen a\n', ['a.cfg'], ['a.cfg changed']],
])('a file that is %s', (_case, text, live, loaded, write, reasons) => {
  expect(comparison(text, live, loaded)).toMatchObject({ write, remove: [], reasons, weights: [] })
})

test.each([
  ['gone from disk', 'listen a\n', undefined, ['a.cfg'], []],
  ['edited on disk', 'listen a\n', 'listen b\n', ['a.cfg'], []],
  ['edited on disk, and changed now', 'listen c\n', 'listen b\n', ['a.cfg'], ['a.cfg changed']],
])(
  'a file that the same worker has loaded all the time and that is %s',
  (_case, text, live, write, reasons) => {
    expect(comparison(text, live, 'listen a\n', true)).toMatchObject({ write, reasons })
  },
)

test('a file that was emptied by others and is to go has still to be unloaded', () => {
  const owned = { 'old.cfg': { digest: '', owner: 'a' } }
  const loaded = new Map([['old.cfg', 'listen old\n']])
  const live = new Map([['old.cfg', '']])
  const compared = { candidate: new Map(), live, owned, loaded, isRunning: true, isStillLoaded: false }

  expect(compare(compared)).toMatchObject({ remove: ['old.cfg'], reasons: ['old.cfg removed'] })
})

test('only files of ours go, and an empty one goes without a reload', () => {
  const owned = { 'old.cfg': { digest: '', owner: 'a' }, 'empty.cfg': { digest: '', owner: 'a' } }
  const live = new Map([
    ['old.cfg', 'listen old\n'],
    ['empty.cfg', '# nothing\n'],
    ['foreign.cfg', 'listen foreign\n'],
  ])

  const compared = {
    candidate: new Map(),
    live,
    owned,
    loaded: new Map(),
    isRunning: true,
    isStillLoaded: false,
  }
  expect(compare(compared)).toEqual({
    write: [],
    remove: ['old.cfg', 'empty.cfg'],
    reasons: ['old.cfg removed'],
    causes: ['removed'],
    weights: [],
  })
})
