/**
 * What stands at the end of scripts/test: the slowest files, what was skipped, what failed, and as the last line "N passed, N failed",
 * from vitest's JSON report.
 *
 * Usage: test-summary.ts <report> <exit status of vitest> [what failed besides]...
 * Exit status 0 only when tests ran, none failed and nothing else did.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { z } from 'zod'

const slowestShown = 10
const skippedShown = 20

/** Source: vitest 5, JSON reporter; only what is read here. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})
type File = z.infer<typeof reportSchema>['testResults'][number]

function readReport(path: string): z.infer<typeof reportSchema> | undefined {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** One line for each test that failed; one for a file that did not load, which has no tests to count. */
function failuresOf(file: File): readonly string[] {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  const name = relative('.', file.name)
  if (failed.length === 0) return file.status === 'failed' ? [`${name}: ${firstLine(file.message)}`] : []
  return failed.map(
    ({ fullName, failureMessages }) => `${name} > ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
  )
}

/** What did not run: a skipped test shows nothing, and must not look as if it had. */
function skippedIn(file: File): readonly string[] {
  return file.assertionResults
    .filter(({ status }) => !['passed', 'failed'].includes(status))
    .map(({ fullName }) => `${relative('.', file.name)} > ${fullName}`)
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function slowest(files: readonly File[]): readonly string[] {
  const seconds = ({ startTime, endTime }: File) => (endTime - startTime) / 1_000
  return [...files]
    .sort((a, b) => seconds(b) - seconds(a))
    .slice(0, slowestShown)
    .map((file) => `${seconds(file).toFixed(1).padStart(7)} s  ${relative('.', file.name)}`)
}

function print(title: string, lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`)
}

const [reportFile = '', vitestStatus = '1', ...others] = process.argv.slice(2)
const report = readReport(reportFile)
const tests = report ? report.testResults.flatMap(failuresOf) : ['vitest wrote no report']
// An error that belongs to no test; vitest has told it above.
const vitest = vitestStatus === '0' || tests.length > 0 ? [] : [`vitest: status ${vitestStatus}`]
const failures = [...tests, ...vitest, ...others]
const passed = report?.numPassedTests ?? 0
print('slowest files:', slowest(report?.testResults ?? []))
const skipped = report?.testResults.flatMap(skippedIn) ?? []
print(`SKIPPED, ${skipped.length}:`, skipped.slice(0, skippedShown))
print('FAILED:', failures)
process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
process.exitCode = passed > 0 && failures.length === 0 ? 0 : 1
