import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explainCommand } from '../../../controller/cli/explain-command.ts'
import { clusterText } from '../../support/inventory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-explain-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function explain(...args: readonly string[]): Promise<string> {
  const path = join(folder, 'pigsty.yml')
  writeFileSync(path, clusterText('pg_weight: 70'))
  let out = ''
  const command = explainCommand({
    env: {},
    stdout: (text) => {
      out += text
    },
    stderr: () => undefined,
    setExitCode: () => undefined,
  })
  await command.parseAsync([...args, '-i', path], { from: 'user' })
  return out.replaceAll(`${folder}/`, '')
}

test('the answer is text for people', async () => {
  const out = await explain('pg-test', 'replica')
  expect(out).toMatch(/^pg-test-replica, Pigsty 4\.5\n {2}on 10\.10\.10\.11, /)
  expect(out).toContain('weight 70: pg_weight is 70: pigsty.yml:')
})

test('--json has states, reasons, server parts and the table of leaders', async () => {
  const [view] = JSON.parse(await explain('pg-test', 'replica', 'pg-test-1', '--json')).views
  expect(view.definition).toMatchObject({ list: 'pg_default_services', list_from: { kind: 'default' } })
  expect(view.members).toMatchObject([
    {
      instance: 'pg-test-1',
      state: 'backup',
      backup: [{ kept: true, clauses: [{ text: 'pg_role == `primary`', holds: true }] }],
      server: {
        port: { value: '6432', from: { name: 'pgbouncer_port', is_set: false } },
        weight: { value: '70' },
      },
    },
  ])
  const states = view.by_leader.map((row: { leader: string; members: { state: string }[] }) => [
    row.leader,
    row.members[0]?.state,
  ])
  expect(states).toEqual([
    ['pg-test-1', 'backup'],
    ['pg-test-2', 'server'],
    ['pg-test-3', 'server'],
  ])
})

test('with --json a failure is one object too, and the status is 1', async () => {
  const out = JSON.parse(await explain('pg-tset', 'replica', '--json'))
  expect(out.error).toMatchObject({ code: 'TARGET_UNKNOWN', hint: 'did you mean pg-test?' })
})
