/** For vitest: writes down the errors that belong to no test, which its JSON report leaves out, where scripts/test says. */
import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError } from 'vitest/node'

export default class UnhandledReporter implements Reporter {
  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    const file = process.env.PGSVC_UNHANDLED_FILE
    if (file !== undefined)
      writeFileSync(file, JSON.stringify(errors.map(({ name, message }) => `${name}: ${message}`)))
  }
}
