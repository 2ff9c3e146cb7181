import { expect, test } from 'vitest'
import { explanationJson } from '../../../controller/explain/explain-json.ts'
import { explainService } from '../../../controller/explain/explain-service.ts'
import { explanationLines } from '../../../controller/explain/explain-text.ts'
import { lint } from '../../../controller/lint/lint.ts'
import { planDigest } from '../../../controller/publish/change.ts'
import { assignmentOf } from '../../../controller/store/assignment.ts'
import { clusterText, filesOf, inventoryOf, planOf } from '../../support/inventory.ts'

/** What the plan says, or its errors with their places. */
function followOf(vars: string, hostVars: readonly string[] = []): string | undefined {
  const { owners, problems } = planOf(inventoryOf(clusterText(vars, hostVars)))
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return errors.map(({ code, at }) => `${code} ${at?.line}:${at?.column}`).join(' ')
  return owners[0]?.follow
}

test.each([
  ['', undefined],
  ['pgsvc_follow: on', 'on'],
  ['pgsvc_follow: yes', 'on'],
  ['pgsvc_follow: true', 'on'],
  ['pgsvc_follow: "on"', 'on'],
  ['pgsvc_follow: off', 'off'],
  ['pgsvc_follow: false', 'off'],
  ['pgsvc_follow: "off"', 'off'],
  ['pgsvc_follow: report', 'report'],
  ['pgsvc_follow: "{{ policy }}"\npolicy: report', 'report'],
  ['pgsvc_follow: maybe', 'FOLLOW_INVALID 10:23'],
  ['pgsvc_follow:', 'FOLLOW_INVALID 10:22'],
  ['pgsvc_follow: 1', 'FOLLOW_INVALID 10:23'],
  ['pgsvc_follow: "On"', 'FOLLOW_INVALID 10:23'],
  ['pgsvc_follow: [ on ]', 'FOLLOW_INVALID 10:23'],
  ['pgsvc_follow: "{{ nowhere }}"', 'TEMPLATE_UNDEFINED 10:23'],
])('%j gives %s', (vars, expected) => {
  expect(followOf(vars)).toBe(expected)
})

test('members that agree may say it each for itself', () => {
  expect(followOf('', ['pgsvc_follow: report', 'pgsvc_follow: report', 'pgsvc_follow: report'])).toBe(
    'report',
  )
})

test.each([
  ['say different things', 'pgsvc_follow: on', ['', 'pgsvc_follow: off'], '6:67'],
  ['do not all say it', '', ['', '', 'pgsvc_follow: off'], '7:67'],
  ['do not all say it, the first one does', '', ['pgsvc_follow: off'], '5:67'],
])('members that %s are refused', (_what, vars, hostVars, place) => {
  const filled = hostVars.map((more) => more || 'x: 1')

  expect(followOf(vars, filled)).toBe(`FOLLOW_DIFFERS ${place}`)
})

test('a wrong value is told with what would be right, once for all members', () => {
  const found = lint(inventoryOf(clusterText('pgsvc_follow: maybe')))

  expect(found).toMatchObject([
    {
      code: 'FOLLOW_INVALID',
      message: 'host 10.10.10.11: pgsvc_follow must be on, report or off, not maybe',
      hint: expect.stringContaining('report: tell, and stay'),
      why: expect.stringContaining('failover'),
    },
  ])
})

test('a name that is nearly ours is a warning', () => {
  const found = lint(inventoryOf(clusterText('pgsvc_folow: off')))

  expect(found.map(({ severity, code, hint, at }) => `${severity} ${code} ${at?.line}: ${hint}`)).toEqual([
    'warning PGSVC_VARIABLE_UNKNOWN 10: did you mean pgsvc_follow?',
  ])
})

test("Pigsty's mirror does not look at it", () => {
  const plan = planOf(inventoryOf(clusterText('pgsvc_follow: maybe')), { strict: true })

  expect([plan.owners[0]?.follow, plan.problems]).toEqual([undefined, []])
})

test('it makes another revision and not another file', () => {
  const plan = (vars: string) => planOf(inventoryOf(clusterText(vars)))
  const [without, report] = [plan(''), plan('pgsvc_follow: report')]
  const [before, after] = [without.owners[0], report.owners[0]]
  if (!before || !after) throw new Error('a cluster each')

  expect(filesOf(report)).toEqual(filesOf(without))
  expect(planDigest(after)).not.toBe(planDigest(before))
  expect('follow' in before).toBe(false)
})

test('a node is told with its assignment; a revision from before is left to the node', () => {
  const follow = (vars: string) => {
    const [owner] = planOf(inventoryOf(clusterText(vars))).owners
    return owner && assignmentOf(owner, 1, '10.10.10.11', undefined)?.follow
  }

  expect([follow('pgsvc_follow: off'), follow('')]).toEqual(['off', 'default'])
})

test.each([
  ['', 'pg-test-2'],
  ['pgsvc_follow: on', 'pg-test-2'],
  ['pgsvc_follow: report', 'pg-test-1'],
  ['pgsvc_follow: off', 'pg-test-1'],
])('with %j the leader that runs after pg-test-2 was followed is %s', (vars, expected) => {
  const [owner] = planOf(inventoryOf(clusterText(vars))).owners

  expect(owner && assignmentOf(owner, 1, '10.10.10.11', 'pg-test-2')?.leader).toBe(expected)
})

test('explain says what is done, and who says so', () => {
  const explain = (vars: string) =>
    explainService(inventoryOf(clusterText(vars)), {
      cluster: 'pg-test',
      service: 'primary',
      showSecrets: false,
    })

  expect(explanationLines(explain('pgsvc_follow: report'))[1]).toBe(
    '  a change of the leader is told, not followed  (pgsvc_follow from pigsty.yml:10:23 (group pg-test (depth 1, priority 1)))',
  )
  expect(explanationJson(explain('pgsvc_follow: off'))).toMatchObject({
    follow: 'off',
    follow_from: { at: { line: 10 } },
  })
  expect(explanationJson(explain(''))).toMatchObject({ follow: null, follow_from: null })
})
