/** What scripts/test makes of vitest's reports, and of what belongs to no test. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const project = path.join(import.meta.dirname, '../..')
let dir: string

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'pgsvc-summary-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** A report of files with one test each, and the errors beside it. */
function report(
  name: string,
  files: Readonly<Record<string, 'passed' | 'failed'>>,
  unhandled: readonly string[] | 'unknown' = [],
): string {
  const file = path.join(dir, name)
  const testResults = Object.entries(files).map(([own, status]) => ({
    ...{ name: path.join(project, own), status, message: '', startTime: 0, endTime: 1 },
    assertionResults: [{ fullName: 'it', status, failureMessages: status === 'failed' ? ['no'] : [] }],
  }))
  writeFileSync(file, JSON.stringify({ numPassedTests: 1, testResults }))
  if (unhandled !== 'unknown') writeFileSync(`${file}.unhandled`, JSON.stringify(unhandled))
  return file
}

function run(program: string, ...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [`scripts/${program}`, ...args], {
    cwd: project,
    encoding: 'utf8',
  })
  return { status, stdout, last: stdout.trim().split('\n').at(-1) }
}

const summary = (first: string, status: number, second = '') =>
  run('test-summary.ts', first, String(status), second)
const [steady, unsteady] = ['test/unit/a.test.ts', 'test/lab/b.test.ts']

test('a run without a failure is one, and a test that failed is told', () => {
  const good = summary(report('good', { [steady]: 'passed' }), 0)
  expect(good).toMatchObject({ status: 0, last: '1 passed, 0 failed' })
  const bad = summary(report('bad', { [steady]: 'passed', [unsteady]: 'failed' }), 1)
  expect(bad).toMatchObject({ status: 1, last: '1 passed, 1 failed' })
})

test('a file that passes the second time counts as passed, and what it said is told', () => {
  const first = report('first', { [steady]: 'passed', [unsteady]: 'failed' })
  const both = summary(first, 1, report('second', { [unsteady]: 'passed' }))
  expect(both).toMatchObject({ status: 0, last: '2 passed, 0 failed' })
  expect(both.stdout).toContain('FAILED AT FIRST')
})

test.each([
  ['first', ['Error: stray'], []],
  ['second', [], ['Error: stray']],
] as const)('an error that belongs to no test counts in the %s run', (_which, atFirst, later) => {
  const first = report('first', { [steady]: 'passed', [unsteady]: 'failed' }, atFirst)
  const both = summary(first, 1, report('second', { [unsteady]: 'passed' }, later))
  expect(both).toMatchObject({ status: 1, last: '2 passed, 1 failed' })
  expect(both.stdout).toContain('in no test: Error: stray')
})

test('a status that nothing explains counts, also beside a file that is unsteady', () => {
  const alone = summary(report('alone', { [steady]: 'passed' }), 1)
  expect(alone).toMatchObject({ status: 1, last: '1 passed, 1 failed' })
  const first = report('first', { [steady]: 'passed', [unsteady]: 'failed' }, 'unknown')
  const both = summary(first, 1, report('second', { [unsteady]: 'passed' }))
  expect(both).toMatchObject({ status: 1, last: '2 passed, 1 failed' })
})

test('a second run is for few files with real processes, and for nothing where a stray error has failed the first', () => {
  const files = { [steady]: 'passed', [unsteady]: 'failed' } as const
  expect(run('test-again.ts', report('good', files)).stdout).toBe(`${unsteady}\n`)
  expect(run('test-again.ts', report('stray', files, ['Error: stray'])).stdout).toBe('')
  expect(run('test-again.ts', report('pure', { [steady]: 'failed' })).stdout).toBe('')
})

test('vitest tells the reporter of errors that belong to no test', () => {
  const lines = [
    "import { test } from 'vitest'",
    "test('it', async () => {",
    "  setTimeout(() => { throw new Error('stray') })",
    '  await new Promise((resolve) => setTimeout(resolve, 100))',
    '})',
  ]
  symlinkSync(path.join(project, 'node_modules'), path.join(dir, 'node_modules'))
  writeFileSync(path.join(dir, 'stray.test.ts'), lines.join('\n'))
  const file = path.join(dir, 'unhandled')
  const vitest = path.join(project, 'node_modules/vitest/vitest.mjs')
  const reporter = `--reporter=${path.join(project, 'scripts/unhandled-reporter.ts')}`
  const ran = spawnSync(process.execPath, [vitest, 'run', '--root', dir, reporter], {
    encoding: 'utf8',
    env: { ...process.env, PGSVC_UNHANDLED_FILE: file },
  })
  expect(ran.status, ran.stdout + ran.stderr).toBe(1)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(['Error: stray'])
})
