import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderCommand } from '../../../controller/cli/render-command.ts'
import { clusterText } from '../../support/inventory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-render-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const good =
  '    pg-ok: { hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-ok } }\n'
const node =
  '    web: { hosts: { 10.10.10.30: { haproxy_services: [ { name: web, port: 80, servers: [] } ] } } }\n'

async function render(inventory: string, ...args: readonly string[]) {
  writeFileSync(join(folder, 'pigsty.yml'), inventory)
  const seen = { status: -1, stdout: '', stderr: '', nodes: [] as string[] }
  const command = renderCommand({
    env: {},
    stdout: (text) => {
      seen.stdout += text
    },
    stderr: (text) => {
      seen.stderr += text
    },
    setExitCode: (status) => {
      seen.status = status
    },
  })
  const output = join(folder, 'out')
  await command.parseAsync(['-i', join(folder, 'pigsty.yml'), '-o', output, ...args], { from: 'user' })
  return { ...seen, nodes: existsSync(output) ? readdirSync(output) : [] }
}

test('all clusters and nodes are written when none is named', async () => {
  const { status, nodes, stdout } = await render(clusterText() + good + node)
  expect(status).toBe(0)
  expect(nodes).toEqual(['10.10.10.11', '10.10.10.12', '10.10.10.13', '10.10.10.21', '10.10.10.30'])
  expect(stdout).toBe(`17 files written to ${join(folder, 'out')}\n`)
})

test.each([
  [['pg-ok'], ['10.10.10.21']],
  [
    ['pg-ok', '--node'],
    ['10.10.10.21', '10.10.10.30'],
  ],
  [['--no-node', 'pg-ok'], ['10.10.10.21']],
  [['--no-node'], ['10.10.10.11', '10.10.10.12', '10.10.10.13', '10.10.10.21']],
])('with %j the nodes are %j', async (args, nodes) => {
  expect((await render(clusterText() + good + node, ...args)).nodes).toEqual(nodes)
})

test('a cluster with an error is refused alone, with its place, and the exit status is 1', async () => {
  const { status, nodes, stderr, stdout } = await render(clusterText('pg_services: 5') + good)
  expect(status).toBe(1)
  expect(stdout).toContain('refused, nothing of it is written: pg-test\n')
  expect(nodes).toEqual(['10.10.10.21'])
  expect(stderr).toContain(
    'pigsty.yml:10:22: error SERVICES_INVALID: pg-test: pg_services of host 10.10.10.11 must be a list, not 5',
  )
})

test('a name that is no cluster is an error and nothing is written', async () => {
  const { status, nodes, stderr } = await render(clusterText() + good, 'pg-ok', 'nosuch')
  expect([status, nodes]).toEqual([1, []])
  expect(stderr).toContain('TARGET_UNKNOWN: nosuch is no cluster, group or host of the inventory')
})

test('names are taken as pgsql-svc takes them', async () => {
  const { status, stdout } = await render(clusterText() + good, 'pg-o?')
  expect(status).toBe(0)
  expect(stdout).toBe((await render(clusterText() + good, 'pg-ok')).stdout)
})

test('another leader can be asked for', async () => {
  await render(clusterText(), '--leader', 'pg-test-2')
  const replica = readFileSync(join(folder, 'out', '10.10.10.11', 'pg-test-replica.cfg'), 'utf8')
  expect(replica).toMatch(/pg-test-2 .* backup\n/)
  expect((await render(clusterText(), '--leader', 'pg-test-9')).stderr).toContain('LEADER_UNKNOWN')
})

test('an inventory that does not parse is an error with its place', async () => {
  const { status, stderr } = await render('all: [')
  expect(status).toBe(1)
  expect(stderr).toMatch(/pigsty\.yml:1:\d+: INVENTORY_INVALID/)
})

test('no name of the inventory leads out of the output directory', async () => {
  const text = clusterText('pg_services: [ { name: /../../x, port: 6000, selector: "[]" } ]')
  const { status, stderr, nodes, stdout } = await render(text + good, '--strict')
  expect(status).toBe(1)
  expect(stderr).toContain('FILE_NAME')
  // Everything else is written: the other cluster, and the four other services of this one.
  expect(nodes).toContain('10.10.10.21')
  expect(stdout).toContain('16 files written')
})

test.each(['/proc/x', '/dev/null/x'])(
  'an output directory that cannot be made, %s, is an error',
  async (output) => {
    const { status, stderr } = await render(good, '-o', output)

    expect(status).toBe(1)
    expect(stderr).toContain(`OUTPUT_FAILED: cannot write ${output}/10.10.10.21/`)
  },
)

test('the mirror reports what fails under the leader that was asked for, and exits with 1', async () => {
  const text = clusterText(
    "pg_services: [ { name: x, port: 6000, selector: \"[? pg_role == 'primary' && starts_with(zone, 'a')]\" } ]",
    ['zone: a', 'zone: 1', 'zone: a'],
  )
  const asIs = await render(text, '--strict')
  const led = await render(text, '--strict', '--leader', 'pg-test-2')

  expect(asIs.status).toBe(0)
  expect(led.status).toBe(1)
  expect(led.stderr).toContain('while pg-test-2 leads')
})

test("lint's warnings are shown, and refuse nothing", async () => {
  const text = clusterText('pg_services: [ { name: s, port: 6000, selector: "[]", check: /nosuch } ]')
  const { status, stderr } = await render(text)

  expect(status).toBe(0)
  expect(stderr).toMatch(/pigsty\.yml:10:\d+: warning CHECK_UNKNOWN: .*\n {2}right: use one of/)
})

test('the mirror writes what Pigsty would, and warns of what a publish would mend or refuse', async () => {
  const text = clusterText(
    'pg_rto: fast\npg_services: [ { name: s, port: 6000, dest: "1433", selector: "[]" } ]',
  )
  const { status, stderr, stdout } = await render(text, '--strict')

  expect(status).toBe(0)
  expect(stdout).toContain('15 files written')
  expect(stderr).toMatch(/pigsty\.yml:11:\d+: warning DEST_INVALID: /)
})

test('what Pigsty refuses the mirror refuses too', async () => {
  const text = clusterText('version: v4.5.0').replace('pg_seq: 2', 'pg_seq: "01"')
  const { status, stderr, stdout } = await render(text, '--strict')

  expect(status).toBe(1)
  expect(stdout).toContain('0 files written')
  expect(stderr).toContain('IDENTITY_INVALID')
})

test('the mirror says of what HAProxy refuses that it is written so', async () => {
  const { stderr } = await render(clusterText('pg_rto: fast'), '--strict')
  expect(stderr).toMatch(
    /warning STRICT_REFUSED: .*fastinter 0\.5s.*\n {2}right: HAProxy refuses it as it is written here\n/,
  )
})
