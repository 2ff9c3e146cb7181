import { expect, test } from 'vitest'
import { diffText, groupDiffs } from '../../../controller/cli/diff-groups.ts'
import { createPaint, paintLine } from '../../../controller/cli/paint.ts'
import { eventLines, haproxyWords, nodeLine } from '../../../controller/cli/publish-lines.ts'
import type { NodeResult } from '../../../shared/rpc/generated/pgsvc/v1/NodeResult.ts'
import { event, stateOf } from './events.ts'

const plain = createPaint(false)

function outcomeLine(node: NodeResult): string {
  const known = stateOf({ node }).nodes.get('n1')
  if (!known) throw new Error('the node is not known')
  return paintLine(nodeLine(known, 4), plain)
}

const fault = { code: 'HAPROXY_REFUSED', file: 'a.cfg', line: 12, message: 'refused' }

test.each<[NodeResult, string]>([
  [
    { outcome: 'NODE_OUTCOME_RELOADED', timings: { reloadMs: 52 }, reasons: ['a.cfg changed', 'b.cfg gone'] },
    '[ OK ] n1    reloaded in 52 ms (a.cfg changed, b.cfg gone)',
  ],
  [{ outcome: 'NODE_OUTCOME_RELOADED' }, '[ OK ] n1    reloaded'],
  [
    { outcome: 'NODE_OUTCOME_RELOADED', reasons: ['a.cfg changed'], sessionsLeft: 12, oldWorkers: 2 },
    '[ OK ] n1    reloaded (a.cfg changed); 12 sessions stay in 2 old workers',
  ],
  [
    { outcome: 'NODE_OUTCOME_RELOADED', sessionsLeft: 1, oldWorkers: 1 },
    '[ OK ] n1    reloaded; 1 session stays in 1 old worker',
  ],
  [
    { outcome: 'NODE_OUTCOME_ADJUSTED', reasons: ['weight of a/s is 1 instead of 2'] },
    '[ OK ] n1    adjusted without a reload (weight of a/s is 1 instead of 2)',
  ],
  [{ outcome: 'NODE_OUTCOME_WOULD_ADJUST' }, '[ OK ] n1    would adjust without a reload'],
  [{ outcome: 'NODE_OUTCOME_UNCHANGED' }, '[ OK ] n1    unchanged'],
  [
    { outcome: 'NODE_OUTCOME_WOULD_RELOAD', reasons: ['a.cfg changed'] },
    '[ OK ] n1    would reload (a.cfg changed)',
  ],
  [{ outcome: 'NODE_OUTCOME_NOT_RUNNING' }, '[WARN] n1    files are in place, HAProxy is not running'],
  [{ outcome: 'NODE_OUTCOME_OFFLINE' }, '[FAIL] n1    offline'],
  [{ outcome: 'NODE_OUTCOME_REFUSED', fault }, '[FAIL] n1    refused: a.cfg:12: HAPROXY_REFUSED: refused'],
  [
    { outcome: 'NODE_OUTCOME_FAILED', fault: { ...fault, file: '' } },
    '[FAIL] n1    failed, keeps its last good set: HAPROXY_REFUSED: refused',
  ],
  [{ outcome: 'NODE_OUTCOME_TIMEOUT' }, '[FAIL] n1    no answer in time'],
  [{ outcome: 'NODE_OUTCOME_ABORTED' }, '[WARN] n1    given up because of another node, nothing changed'],
])('a node that came out as %j', (result, line) => {
  expect(outcomeLine({ node: 'n1', ...result })).toBe(line)
})

test('targets, warnings with a hint and the commit are lines of their own', () => {
  const targets = { targets: { owners: [{ owner: 'pg-a', nodes: ['n1', 'n2'], provider: 'proxy' }] } }
  const lines = [
    targets,
    { warning: { code: 'C', message: 'careful', hint: 'do this' } },
    {
      committed: {
        revisions: [
          { owner: 'pg-a', revision: 3, created: true },
          { owner: 'pg-b', revision: 2 },
        ],
      },
    },
  ].flatMap((one) => eventLines(event(one), stateOf(targets)))

  expect(lines.map((line) => paintLine(line, plain))).toEqual([
    '[ .. ] pg-a: n1 n2 (delegated to proxy)',
    '[WARN] C: careful',
    '[HINT] do this',
    '[ OK ] committed pg-a@3 pg-b@2 (as before)',
  ])
})

test("HAProxy's words are said once for all nodes that got the same", () => {
  const refused = (node: string) => ({ node: { node, fault: { haproxy: '[ALERT] one\n[ALERT] two\n' } } })

  const lines = haproxyWords(stateOf(refused('n1'), refused('n2'), { node: { node: 'n3' } }))

  expect(lines.map(({ text }) => text)).toEqual(['n1 n2: HAProxy says', '    [ALERT] one', '    [ALERT] two'])
})

test('escape sequences in what others wrote do not reach the terminal', () => {
  expect(paintLine({ sign: 'fail', text: 'a\u001b[2Jb\u009bc' }, plain)).toBe('[FAIL] a\\x1b[2Jb\\x9bc')
})

test('diffs are grouped by file and text, in the order in which they came', () => {
  const unified = '--- a/x.cfg\n+++ b/x.cfg\n@@ -1 +1 @@\n-1\n+2\n'
  const groups = groupDiffs([
    { node: 'n1', file: 'x.cfg', unified },
    { node: 'n2', file: 'y.cfg', unified },
    { node: 'n3', file: 'x.cfg', unified },
    { node: 'n4', file: 'x.cfg', unified: `${unified} 3\n` },
  ])

  expect(groups.map(({ file, nodes }) => [file, nodes])).toEqual([
    ['x.cfg', ['n1', 'n3']],
    ['y.cfg', ['n2']],
    ['x.cfg', ['n4']],
  ])
  expect(diffText(groups.slice(0, 1), plain)).toBe(`x.cfg on n1 n3\n${unified}`)
  expect(diffText(groups.slice(0, 1), createPaint(true))).toContain(
    '\u001b[31m-1\u001b[0m\n\u001b[32m+2\u001b[0m\n',
  )
})

test.each([
  ['STAGE_RECEIVE', 0],
  ['STAGE_GUARD', 0],
  ['STAGE_STAGE', 1],
  ['STAGE_CONFIRM', 1],
] as const)('the step %s has %i lines where nothing is updated in place', (stage, lines) => {
  const targets = { targets: { owners: [{ owner: 'pg-test', nodes: ['n1'] }] } }
  const progress = { progress: { node: 'n1', stage, elapsedMs: 3 } }

  expect(eventLines(event(progress), stateOf(targets, progress))).toHaveLength(lines)
})
