/**
 * What stands at the end of scripts/test: the slowest files, what was skipped, what failed, and as the last line
 * "N passed, N failed", from vitest's JSON reports.
 *
 * Usage: test-summary.ts <report> <exit status of vitest> <report of the second run, or ''> [what failed besides]...
 * Exit status 0 only when tests ran, none failed and nothing else did. A file that failed counts as it came out of
 * the second run, if there was one; what it said in the first is told all the same. An error that belongs to no test
 * belongs to no file that could be run again: it counts, in whichever run it was.
 */
import { failuresOf, nameOf, type Report, readReport, readUnhandled, type TestFile } from './test-report.ts'

const slowestShown = 10
const skippedShown = 20

/** What did not run: a skipped test shows nothing, and must not look as if it had. */
function skippedIn(file: TestFile): readonly string[] {
  return file.assertionResults
    .filter(({ status }) => !['passed', 'failed'].includes(status))
    .map(({ fullName }) => `${nameOf(file)} > ${fullName}`)
}

function slowest(files: readonly TestFile[]): readonly string[] {
  const seconds = ({ startTime, endTime }: TestFile) => (endTime - startTime) / 1_000
  return [...files]
    .sort((a, b) => seconds(b) - seconds(a))
    .slice(0, slowestShown)
    .map((file) => `${seconds(file).toFixed(1).padStart(7)} s  ${nameOf(file)}`)
}

function passedIn(file: TestFile): number {
  return file.assertionResults.filter(({ status }) => status === 'passed').length
}

/** Each file of the first run as it came out last, and what failed in the first run alone. */
function bothRuns(first: Report, second: Report | undefined): { files: TestFile[]; unsteady: string[] } {
  const again = new Map(second?.testResults.map((file) => [file.name, file]))
  const files = first.testResults.map((file) => again.get(file.name) ?? file)
  const sound = new Set(files.filter((file) => failuresOf(file).length === 0).map(({ name }) => name))
  return { files, unsteady: first.testResults.filter(({ name }) => sound.has(name)).flatMap(failuresOf) }
}

function print(title: string, lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`)
}

// Whoever reads no further has seen enough.
process.stdout.on('error', () => process.exit(1))
const [firstFile = '', vitestStatus = '1', secondFile = '', ...others] = process.argv.slice(2)
const first = readReport(firstFile)
const second = secondFile === '' ? undefined : readReport(secondFile)
const { files, unsteady } = first ? bothRuns(first, second) : { files: [], unsteady: [] }
const tests = first ? files.flatMap(failuresOf) : ['vitest wrote no report']
const unhandled = [firstFile, secondFile].map((file) => (file === '' ? [] : readUnhandled(file)))
const stray = unhandled.flatMap((errors) => (errors ?? []).map((error) => `in no test: ${error}`))
// A file that was sound the second time explains a failure of the first run only when nothing else is said of that run.
const isKnown = unhandled.every((errors) => errors !== undefined)
const isExplained =
  vitestStatus === '0' || tests.length + stray.length > 0 || (isKnown && unsteady.length > 0)
const failures = [...tests, ...stray, ...(isExplained ? [] : [`vitest: status ${vitestStatus}`]), ...others]
const passed = files.reduce((sum, file) => sum + passedIn(file), 0)
const skipped = files.flatMap(skippedIn)
print('slowest files:', slowest(files))
print(`SKIPPED, ${skipped.length}:`, skipped.slice(0, skippedShown))
print(
  'FAILED AT FIRST (each has a race, in the test or in what it tests: mend it before anything else):',
  unsteady,
)
print('FAILED:', failures)
process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
process.exitCode = passed > 0 && failures.length === 0 ? 0 : 1
