import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lintCommand } from '../../../controller/cli/lint-command.ts'
import type { Terminal } from '../../../controller/cli/terminal.ts'
import { clusterText } from '../../support/inventory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-lint-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(inventory: string, ...args: readonly string[]) {
  const seen = { status: -1, stdout: '' }
  writeFileSync(join(folder, 'pigsty.yml'), inventory)
  const terminal: Terminal = {
    stdout: (text) => {
      seen.stdout += text.replaceAll(folder, 'etc')
    },
    stderr: () => undefined,
    setExitCode: (status) => {
      seen.status = status
    },
    env: {},
    isTty: false,
    size: () => ({ columns: 80, rows: 24 }),
    monotonic: () => 0,
    onInterrupt: () => () => undefined,
  }
  await lintCommand(terminal).parseAsync(['-i', join(folder, 'pigsty.yml'), ...args], { from: 'user' })
  return seen
}

const service = (fields: string) => clusterText(`pg_services: [ { name: s, selector: "[]", ${fields} } ]`)

test('a finding says where, what, why it matters, and what would be right', async () => {
  expect(await run(service('port: 6432'))).toEqual({
    status: 1,
    stdout: [
      'etc/pigsty.yml:10:57: error PORT_TAKEN: port 6432 of pg-test-s is taken by pgbouncer (pgbouncer_port) on 10.10.10.11 and 2 more',
      '  why: HAProxy cannot open the port, and the reload fails; its own page would share the connections',
      '  right: give the service another port',
      '1 error, 0 warnings',
      '',
    ].join('\n'),
  })
})

test('warnings alone are no failure', async () => {
  const { status, stdout } = await run(service('port: 6000, check: /nosuch'))
  expect(status).toBe(0)
  expect(stdout).toContain('warning CHECK_UNKNOWN')
  expect(stdout).toContain('0 errors, 1 warning\n')
})

test('what only Pigsty gets wrong fails with --strict alone', async () => {
  const text = clusterText('pg_rto: fast')
  const plain = await run(text)
  expect(plain.status).toBe(0)
  expect(plain.stdout).toContain('error (strict) STRICT_REFUSED')
  expect(plain.stdout).toMatch(/0 errors, 0 warnings, \d+ for --strict only\n$/)
  expect((await run(text, '--strict')).status).toBe(1)
})

test('--json is one array with the same keys for every finding', async () => {
  const { status, stdout } = await run(service('port: 0'), '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toEqual([
    {
      severity: 'error',
      code: 'PORT_RANGE',
      file: 'etc/pigsty.yml',
      line: 10,
      column: 57,
      owner: 'pg-test',
      message: 'service s of pg-test: port must be a whole number from 1 to 65535, not 0',
      why: 'HAProxy refuses the file, and with it every later change on the node',
      hint: 'write for example port: 5440',
      strict: false,
      also: [],
    },
  ])
  expect(JSON.parse((await run(clusterText(), '--json')).stdout)).toEqual([])
})

test('an inventory that does not parse is a finding too', async () => {
  const { status, stdout } = await run('all: [', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject([
    { severity: 'error', code: 'INVENTORY_INVALID', line: 1, strict: false },
  ])
})

test('an inventory, a program or defaults that cannot be read are a finding about that file', async () => {
  writeFileSync(join(folder, 'inventory.sh'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
  const options = [
    ['-i', join(folder, 'nosuch.yml')],
    ['-i', join(folder, 'inventory.sh')],
    ['--defaults', join(folder, 'nodefaults.yml')],
  ]
  const seen = []
  for (const option of options) {
    const { status, stdout } = await run(clusterText(), ...option, '--json')
    const [finding] = JSON.parse(stdout)
    expect(finding.why).not.toBe('')
    seen.push([status, finding.code, `${finding.file}:${finding.line}:${finding.column}`])
  }
  expect(seen).toEqual([
    [1, 'INVENTORY_MISSING', 'etc/nosuch.yml:1:1'],
    [1, 'INVENTORY_SCRIPT', 'etc/inventory.sh:1:1'],
    [1, 'DEFAULTS_MISSING', 'etc/nodefaults.yml:1:1'],
  ])
})

test('only the clusters that are named are looked at', async () => {
  const other =
    '    pg-ok: { hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-ok, pg_services: [] } }\n'
  expect((await run(service('port: 0') + other, 'pg-ok')).status).toBe(0)
  expect((await run(service('port: 0') + other, 'pg-test')).status).toBe(1)
  await expect(run(other, 'nosuch')).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
})

test('a group or a pattern means its clusters', async () => {
  const text = service('port: 6432')
  expect((await run(text, 'pg-*')).status).toBe(1)
  expect((await run(`${text}    lb: { hosts: { 10.0.0.9: {} } }\n`, 'lb')).status).toBe(0)
  const unknown = await run(text, 'pg-tset', '--json')
  expect(JSON.parse(unknown.stdout).error.code).toBe('TARGET_UNKNOWN')
})

test("what concerns Pigsty's own templates comes last, below a title", async () => {
  const { stdout } = await run(
    clusterText(
      'pg_rto: fast\npg_services: [ { name: s, port: 6000, selector: "[]", chekc: /x, check: /read-only } ]',
    ),
  )
  expect(stdout).toMatch(
    /warning SERVICE_KEY_UNKNOWN[\s\S]*\n\nOnly for render --strict.*\n\S+ error \(strict\) STRICT_REFUSED/,
  )
})
