/** A daemon whose log cannot be written goes on, and writes again when it can. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const logger = join(import.meta.dirname, '../../shared/log/logger.ts')

/** Writes lines, the last of them after `between`; says on standard output that it is alive. */
async function run(format: string, redirection: string): Promise<string> {
  const program = `
    const { openLogger } = await import(${JSON.stringify(logger)})
    const log = await openLogger('x', 'info', '${format}')
    for (let at = 0; at < 5; at += 1) {
      log.info({ at, fill: 'x'.repeat(500_000) }, 'line')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    process.stdout.write('alive ' + (process.memoryUsage().rss < 400e6))`
  const command = `exec '${process.execPath}' --input-type=module -e "$1" ${redirection}`
  const done = await promisify(execFile)('bash', ['-c', command, 'bash', program], { timeout: 60_000 })
  return done.stdout
}

test.each(['json', 'pretty'])('%s: a full disk', async (format) => {
  expect(await run(format, '2>/dev/full')).toBe('alive true')
})

test.each(['json', 'pretty'])('%s: a reader that has gone', async (format) => {
  expect(await run(format, '2> >(exec true)')).toBe('alive true')
})
