/** `scripts/lab up --bare`: hosts to enrol by hand. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemdTest } from './systemd-test.ts'

const name = `bare-${process.pid}`

function lab(...args: readonly string[]) {
  const script = path.join(import.meta.dirname, '../../../scripts/lab')
  const { status, stdout, stderr } = spawnSync(script, args, { encoding: 'utf8', timeout: 300_000 })
  return { status, stdout, stderr }
}

systemdTest(
  'scripts/lab brings up hosts that have nothing of pgsvc and can be entered by the admin host',
  async () => {
    try {
      const up = lab('up', '--bare', '--name', name)
      expect(up.status, up.stderr).toBe(0)
      expect(up.stdout).toContain(`scripts/lab shell --name ${name} admin -- pgsvc enroll`)
      const { stdout } = lab('status', '--name', name)
      expect(stdout).toMatch(/^admin +10\.10\.10\.10 .* controller$/m)
      expect(stdout).toMatch(/^pg-test-1 +10\.10\.10\.11 +- +0 services +not connected +haproxy$/m)
      expect(lab('shell', '--name', name, 'pg-test-1', '--', 'sh', '-c', 'ls -d /opt/pgsvc').status).not.toBe(
        0,
      )

      const check = lab(
        ...['shell', '--name', name, 'admin', '--'],
        ...['pgsvc', 'enroll', '10.10.10.11', '--check', '--accept-new'],
      )
      expect(check.stdout).toContain('1 of 1 node would change')
    } finally {
      expect(lab('down', '--name', name).status).toBe(0)
    }
    expect(existsSync(`/run/pgsvc-lab/${name}.json`)).toBe(false)
  },
  600_000,
)

test('--bare has no parts to leave out', () => {
  expect(lab('up', '--bare', '--without', 'duo', '--name', name)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--bare'),
  })
})
