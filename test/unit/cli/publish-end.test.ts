import { expect, test } from 'vitest'
import { createPaint, paintLine } from '../../../controller/cli/paint.ts'
import { type ActWords, endLines, type PublishEnd } from '../../../controller/cli/publish-end.ts'
import { eventJson, summaryJson } from '../../../controller/cli/publish-json.ts'
import { AppError } from '../../../shared/errors/app-error.ts'
import type { PublishEvent } from '../../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { event, stateOf } from './events.ts'

const words: ActWords = { doing: 'reload pgsql services for', target: 'pg-test', check: false }

function lines(events: PublishEvent[], end: PublishEnd = { kind: 'result' }, check = false): string[] {
  const all = endLines(stateOf(...events), end, { ...words, check })
  return all.filter(({ sign }) => sign !== 'section').map((line) => paintLine(line, createPaint(false)))
}

test('a hint that failures in a row share is said once, below them', () => {
  const errors = ['a', 'b', 'c'].map((message, at) => ({
    code: 'C',
    message,
    hint: at < 2 ? 'same' : 'other',
  }))

  expect(lines([{ result: { errors } }]).slice(0, 5)).toEqual([
    '[FAIL] C: a',
    '[FAIL] C: b',
    '[HINT] same',
    '[FAIL] C: c',
    '[HINT] other',
  ])
})

test.each([
  [
    'made a revision',
    [{ owner: 'pg-test', revision: 7, created: true }],
    'go back with "pgsvc rollback pg-test"',
  ],
  [
    'made none (the same again, a rollback, a removal)',
    [],
    'go back to any of "pgsvc history pg-test" with "pgsvc rollback pg-test <n>"',
  ],
])('an act that %s says how to see it and how to go back', (_what, revisions, back) => {
  const targets = { targets: { owners: [{ owner: 'pg-test', nodes: ['n1'] }] } }

  expect(lines([targets, { committed: { revisions } }, { result: { ok: true, committed: true } }])).toEqual([
    '[ OK ] reload pgsql services for pg-test complete!',
    `[HINT] see it with "pgsvc status", ${back}`,
  ])
})

test('where HAProxy does not run nobody is told that traffic goes on', () => {
  const targets = { targets: { owners: [{ owner: 'pg-test', nodes: ['n1'] }] } }
  const down = { node: { node: 'n1', outcome: 'NODE_OUTCOME_NOT_RUNNING' } } as const
  const told = lines([targets, { committed: { revisions: [] } }, down, { result: { committed: true } }])

  expect(told.join('\n')).toContain('where HAProxy does not run nothing is served until it starts')
  expect(told.join('\n')).not.toMatch(/last good set|may not be affected/)
})

test('a target without services is nothing to do, and said as such', () => {
  expect(lines([{ targets: {} }, { result: { ok: true, nothingToDo: true } }])).toEqual([
    '[ OK ] nothing to do: pg-test has no services on any node',
  ])
})

test('haproxy_services are called so, with the command that was perhaps meant', () => {
  const state = stateOf({ targets: {} }, { result: { ok: true, nothingToDo: true } })
  const all = endLines(state, { kind: 'result' }, { ...words, ofNodes: true })

  expect(all.map(({ text }) => text)).toEqual([
    'SUMMARY',
    'nothing to do: pg-test has no haproxy_services on any node',
    'services of clusters are published with "pgsql-svc <cls>"',
  ])
})

test('the way back of several nodes names one of their owners', () => {
  const owners = ['node:10.10.10.18', 'node:10.10.10.19'].map((owner) => ({ owner, nodes: ['n'] }))
  const revisions = owners.map(({ owner }) => ({ owner, revision: 1, created: true }))
  const events = [
    { targets: { owners } },
    { committed: { revisions } },
    { result: { ok: true, committed: true } },
  ]

  expect(lines(events).at(-1)).toContain('"pgsvc rollback node:<ip>"')
})

const lost = new AppError('CONTROLLER_UNREACHABLE', 'gone')

test.each<[string, PublishEvent[], PublishEnd, boolean, string, boolean | null]>([
  ['refused', [{ result: {} }], { kind: 'result' }, false, 'nothing has changed on any node', false],
  [
    'failed after the commit',
    [{ result: { committed: true } }],
    { kind: 'result' },
    false,
    'VERY IMPORTANT',
    true,
  ],
  [
    'lost, not known',
    [],
    { kind: 'error', error: lost, committed: 'unknown' },
    false,
    'it is not known',
    null,
  ],
  [
    'lost, but committed',
    [],
    { kind: 'error', error: lost, committed: 'yes' },
    false,
    'it was committed',
    true,
  ],
  [
    'a check that was lost',
    [],
    { kind: 'error', error: lost, committed: 'no' },
    true,
    'nothing has changed',
    false,
  ],
  [
    'interrupted',
    [],
    { kind: 'interrupted', committed: 'no' },
    false,
    'interrupted: nothing has changed',
    false,
  ],
])('%s', (_name, events, end, check, said, committed) => {
  const state = stateOf(...events)

  expect(lines(events, end, check).join('\n')).toContain(said)
  expect(summaryJson(state, end, { ...words, check }, { exit: 2, elapsedMs: 5 })).toMatchObject({
    ok: false,
    committed,
    exit: 2,
    elapsed_ms: 5,
  })
})

test('JSON has our names, and texts of others as they are', () => {
  const fault = { stage: 'STAGE_VALIDATE', code: 'STAGE_FULL', message: 'NODE_OUTCOME_X' } as const

  expect(
    eventJson(event({ node: { node: 'n1', outcome: 'NODE_OUTCOME_NOT_RUNNING', fault } })),
  ).toMatchObject({
    event: 'node',
    outcome: 'not_running',
    fault: { stage: 'validate', code: 'STAGE_FULL', message: 'NODE_OUTCOME_X' },
  })
})
