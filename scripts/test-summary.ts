/**
 * Last line of scripts/test: "N passed, N failed" from vitest's JSON report.
 *
 * Usage: test-summary.ts <report> <0|1: something outside the tests failed>
 * Exit status 0 only when tests ran, none failed and nothing else did.
 */
import { readFileSync } from 'node:fs'

const [reportFile = '', otherFailure = '1'] = process.argv.slice(2)

function readCounts(): { passed: number; failed: number } {
  try {
    const report: unknown = JSON.parse(readFileSync(reportFile, 'utf8'))
    if (typeof report !== 'object' || report === null) return { passed: 0, failed: 1 }
    const count = (key: string): number => {
      const value: unknown = Reflect.get(report, key)
      return typeof value === 'number' ? value : 0
    }
    // A file that does not load has no tests to count, but it did fail.
    const brokenFiles = Math.max(0, count('numFailedTestSuites') - count('numFailedTests'))
    const failed = count('numFailedTests')
    return { passed: count('numPassedTests'), failed: failed === 0 ? Math.min(1, brokenFiles) : failed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const { passed, failed } = readCounts()
const otherwise = otherFailure === '0' || failed > 0 ? 0 : 1
process.stdout.write(`${passed} passed, ${failed + otherwise} failed\n`)
process.exitCode = passed > 0 && failed + otherwise === 0 ? 0 : 1
