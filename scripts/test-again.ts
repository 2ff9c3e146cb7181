/**
 * Which test files a run on CI is to give a second chance, one a line: those that failed, when they are few and work
 * with real processes, which a busy machine may have held up. Pure tests have no excuse. None when there was an error
 * that belongs to no test: such a run has failed whatever becomes of its files.
 *
 * Usage: test-again.ts <report>
 */
import { failuresOf, nameOf, readReport, readUnhandled } from './test-report.ts'

/** More than that is no accident. */
const mostFiles = 2
const real = /^test\/(?:crash|integration|lab)\//

const [reportFile = ''] = process.argv.slice(2)
const report = readReport(reportFile)
const failed = (report?.testResults ?? []).filter((file) => failuresOf(file).length > 0).map(nameOf)
const isAlone = readUnhandled(reportFile)?.length === 0
if (isAlone && failed.length <= mostFiles && failed.every((name) => real.test(name)))
  process.stdout.write(failed.map((name) => `${name}\n`).join(''))
