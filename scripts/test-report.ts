/** vitest's report of a run, as far as scripts/test needs it. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { z } from 'zod'

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
export type Report = z.infer<typeof reportSchema>
export type TestFile = Report['testResults'][number]

/** Of one run: what scripts/unhandled-reporter.ts wrote beside its report. */
const unhandledSchema = z.array(z.string())

/**
 * Errors of a run that belong to no test.
 *
 * @param path - of its report
 * @returns undefined when it is not known: vitest did not come to its end
 */
export function readUnhandled(path: string): readonly string[] | undefined {
  try {
    return unhandledSchema.parse(JSON.parse(readFileSync(`${path}.unhandled`, 'utf8'))).map(firstLine)
  } catch {
    return undefined
  }
}

/** @returns undefined when there is none, or none that can be read */
export function readReport(path: string): Report | undefined {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Path from the current directory. */
export function nameOf(file: TestFile): string {
  return relative('.', file.name)
}

/** One line for each test that failed; one for a file that did not load, which has no tests to count. */
export function failuresOf(file: TestFile): readonly string[] {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  if (failed.length === 0)
    return file.status === 'failed' ? [`${nameOf(file)}: ${firstLine(file.message)}`] : []
  return failed.map(
    ({ fullName, failureMessages }) =>
      `${nameOf(file)} > ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
  )
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
