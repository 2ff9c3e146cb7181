/**
 * Which test files a run on CI is to give a second chance, one a line: those that failed, when they are few and work
 * with real processes, which a busy machine may have held up. Pure tests have no excuse.
 *
 * Usage: test-again.ts <report>
 */
import { failuresOf, nameOf, readReport } from './test-report.ts'

/** More than that is no accident. */
const mostFiles = 2
const real = /^test\/(?:crash|integration|lab)\//

const [reportFile = ''] = process.argv.slice(2)
const report = readReport(reportFile)
const failed = (report?.testResults ?? []).filter((file) => failuresOf(file).length > 0).map(nameOf)
if (failed.length <= mostFiles && failed.every((name) => real.test(name)))
  process.stdout.write(failed.map((name) => `${name}\n`).join(''))
