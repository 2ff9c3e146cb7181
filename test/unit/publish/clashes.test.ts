import { expect, test } from 'vitest'
import { findClashes, mergedClashes } from '../../../controller/publish/clashes.ts'
import { assignmentOf } from '../../../controller/store/assignment.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'
import type { Assignment } from '../../../shared/model/snapshot.ts'
import { samplePlan } from '../store/sample.ts'

/** An owner with one service on port 5433 whose bind line is as given. */
function owner(name: string, bind: string): { assignment: Assignment; blobs: Map<string, string> } {
  const text = `listen ${name}-primary\n    bind ${bind}\n    mode tcp\n`
  const assignment = assignmentOf(samplePlan(name, ['n1'], 'x').plan, 1, 'n1', undefined)
  if (!assignment) throw new Error('no assignment')
  const files = [{ name: `${name}.cfg`, digest: sha256(text) }]
  return {
    assignment: { ...assignment, variants: [{ leader: assignment.leader, files }] },
    blobs: new Map([[sha256(text), text]]),
  }
}

test.each([
  ['*:5433', '*:5433', true],
  ['*:5433', '10.0.0.1:5433', true],
  [':5433', '10.0.0.1:5433', true],
  ['10.0.0.1:5433', '10.0.0.1:5433', true],
  ['10.0.0.2:5433,10.0.0.1:5433', '10.0.0.1:5433', true],
  [':::5433', '10.0.0.1:5433', true],
  ['10.0.0.1:5433', '10.0.0.2:5433', false],
])('binds %s and %s on one node clash: %s', (left, right, clash) => {
  const [one, two] = [owner('pg-a', left), owner('pg-b', right)]

  const notices = findClashes(
    'n1',
    [one.assignment, two.assignment],
    new Set(['pg-b']),
    new Map([...one.blobs, ...two.blobs]),
  )

  expect(notices.map(({ code, owner: refused }) => [code, refused])).toEqual(
    clash ? [['PORT_CLASH', 'pg-b']] : [],
  )
})

test('owners that are not published are not judged', () => {
  const [one, two] = [owner('pg-a', '*:5433'), owner('pg-b', '*:5433')]

  expect(
    findClashes(
      'n1',
      [one.assignment, two.assignment],
      new Set(['pg-c']),
      new Map([...one.blobs, ...two.blobs]),
    ),
  ).toEqual([])
})

test('the same clash on several nodes is told once', () => {
  const notice = (node: string, what: string) => ({
    code: 'PORT_CLASH',
    owner: 'pg-b',
    message: `on ${node} ${what}`,
  })
  const found = ['n1', 'n2'].map((node) => ({
    node,
    notices: [notice(node, 'port 1 is taken'), ...(node === 'n2' ? [notice(node, 'port 2 is taken')] : [])],
  }))

  expect(mergedClashes(found).map(({ message }) => message)).toEqual([
    'on n1, n2 port 1 is taken',
    'on n2 port 2 is taken',
  ])
})
