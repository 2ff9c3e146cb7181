/** What a command prints does not always arrive. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const command = `'${join(root, 'bin/pgsvc')}' lint -i '${join(root, 'test/conformance/seed-order/inventory/pigsty.yml')}'`

async function shell(script: string): Promise<{ stdout: string; stderr: string }> {
  return await promisify(execFile)('bash', ['-c', script], { timeout: 60_000, encoding: 'utf8' })
}

test('output that a full disk does not take is told, and no success', async () => {
  const { stdout, stderr } = await shell(`${command} >/dev/full; echo "status $?"`)

  expect(stdout).toBe('status 1\n')
  expect(stderr).toMatch(/^OUTPUT_LOST: what is printed could not be written: .*ENOSPC/)
})

test('a reader that has gone is no failure', async () => {
  const { stdout, stderr } = await shell(`${command} | true; echo "status \${PIPESTATUS[0]}"`)

  expect([stdout, stderr]).toEqual(['status 0\n', ''])
})
