import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inventoryCommand } from '../../../controller/cli/inventory-command.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-inventory-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const text = `all:
  vars:
    pg_role: offline
    zone: "{{ region }}-1"
    broken: "{{ nosuch }}"
    pg_admin_password: Very.Secret
    api_url: "https://admin:hunter2@example.com/"
    note: "the password is Very.Secret, or password=abc"
    pg_users: [ { name: app, password: xyz } ]
    cipher_pass: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6162
  children:
    pg-test:
      vars: { pg_cluster: pg-test, region: east }
      hosts:
        10.10.10.11: { pg_seq: 1, pg_role: primary }
`

async function inventory(...args: readonly string[]): Promise<{ out: string; err: string; status: number }> {
  writeFileSync(join(folder, 'pigsty.yml'), text)
  const seen = { out: '', err: '', status: -1 }
  const command = inventoryCommand({
    env: {},
    stdout: (line) => {
      seen.out += line
    },
    stderr: (line) => {
      seen.err += line
    },
    setExitCode: (status) => {
      seen.status = status
    },
  })
  await command.parseAsync(['-i', join(folder, 'pigsty.yml'), ...args], { from: 'user' })
  return { ...seen, out: seen.out.replaceAll(`${folder}/`, '') }
}

test('a variable shows its value, the place that counts, and the places it overrides', async () => {
  expect((await inventory('10.10.10.11', 'pg_role')).out).toBe(
    [
      '10.10.10.11: member of pg-test; groups: pg-test',
      '',
      'pg_role: primary',
      '    from pigsty.yml:17:44 (host)',
      '    over pigsty.yml:3:14 (group all): offline',
      '',
    ].join('\n'),
  )
})

test('a template shows its value and how it was written', async () => {
  const { out } = await inventory('10.10.10.11', 'zone')
  expect(out).toContain('zone: east-1\n    from pigsty.yml:4:11 (group all)\n    written {{ region }}-1\n')
})

test('a value that cannot be evaluated shows why, and the others are there', async () => {
  const { out } = await inventory('10.10.10.11')
  expect(out).toMatch(/broken: \(cannot be evaluated\)\n.*\n.*\n {4}! pigsty\.yml:5:13: TEMPLATE_UNDEFINED/)
  expect(out).toContain('pg_instance: pg-test-1\n    from fact that the playbooks work out\n')
  expect(out).toContain('inventory_hostname: 10.10.10.11\n    from built in\n')
  expect(out).toMatch(
    /pg_default_service_dest: pgbouncer\n {4}from built-in defaults:\d+:\d+ \(role default\)\n/,
  )
})

test('secrets are hidden wherever they stand, and shown when asked for', async () => {
  const { out } = await inventory('10.10.10.11')
  expect(out).toContain('pg_admin_password: ***\n')
  expect(out).toContain('api_url: https://admin:***@example.com/\n')
  expect(out).toContain('note: the password is ***, or password=***\n')
  expect(out).toContain('pg_users: [{name: app, password: ***}]\n')
  expect(out).toContain('cipher_pass: (encrypted)\n')
  expect(out).not.toMatch(/Very|hunter2|abc|xyz|6162/)

  const shown = await inventory('10.10.10.11', '--show-secrets')
  expect(shown.out).toContain('pg_admin_password: Very.Secret\n')
  expect((await inventory('10.10.10.11', '--json')).out).not.toMatch(/Very|hunter2|abc|xyz|6162/)
})

test('--json has the same as one object', async () => {
  const { out } = await inventory('10.10.10.11', 'pg_role', 'broken', '--json')
  expect(JSON.parse(out)).toMatchObject({
    host: '10.10.10.11',
    cluster: 'pg-test',
    groups: ['pg-test'],
    variables: [
      {
        name: 'pg_role',
        value: 'primary',
        error: null,
        written: null,
        from: { kind: 'host', at: { line: 17, column: 44 } },
        overrides: [{ kind: 'group', text: 'group all', at: { line: 3 }, value: 'offline' }],
      },
      { name: 'broken', value: null, error: { code: 'TEMPLATE_UNDEFINED' }, written: '{{ nosuch }}' },
    ],
  })
})

test('an unknown host is an error with names that look alike', async () => {
  await expect(inventory('10.10.10.12')).rejects.toMatchObject({
    code: 'HOST_UNKNOWN',
    hint: 'did you mean 10.10.10.11?',
  })
})

test('a variable that nothing sets is shown as not set, and fails only when nothing else was asked for', async () => {
  const some = await inventory('10.10.10.11', 'pg_rol', 'pg_seq')
  expect(some.out).toMatch(/pg_rol: \(not set\); did you mean pg_role\b/)
  expect(some.out).toContain('pg_seq: 1\n')
  expect(some.status).toBe(0)
  expect((await inventory('10.10.10.11', 'nosuchvariable')).status).toBe(1)
})

test('an instance stands for its host', async () => {
  expect((await inventory('pg-test-1', 'pg_role')).out).toContain('10.10.10.11: member of pg-test')
  await expect(inventory('pg-test-2')).rejects.toMatchObject({ code: 'HOST_UNKNOWN' })
})

test('with --json a failure is one object too', async () => {
  const { out, status } = await inventory('10.10.10.99', '--json')
  expect(JSON.parse(out).error.code).toBe('HOST_UNKNOWN')
  expect(status).toBe(1)
})
