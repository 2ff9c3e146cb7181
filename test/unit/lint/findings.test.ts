import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findViolation } from '../../../agent/guard/guard.ts'
import { lint } from '../../../controller/lint/lint.ts'
import { explainedCodes } from '../../../controller/lint/why.ts'
import { usualRules } from '../../../shared/haproxy/guard-rules.ts'
import { clusterText, filesOf, inventoryOf, planOf } from '../../support/inventory.ts'

const root = join(import.meta.dirname, '../../..')

/** Of commands about targets and of shrinking, and styles of YAML: no findings of an inventory. */
const otherCodes =
  /^(TARGET|NODE|CLUSTER|HOST|MEMBER|SERVICE|VARIABLE|LEADER)_(UNKNOWN|EMPTY|WITHOUT_NODES|NOT_SERVING)$|^(SHRINK|BLOCK)_/

test('every code that an inventory or a plan can give says why it matters', () => {
  const rooms = ['inventory', 'model', 'select', 'plan', 'lint']
  const sources = rooms.flatMap((room) => globSync(`controller/${room}/**/*.ts`, { cwd: root }))
  const codes = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/'([A-Z]{2,}(?:_[A-Z]+)+)'/g)].map(
      (found) => found[1] ?? '',
    ),
  )
  expect(codes.length).toBeGreaterThan(30)
  expect([...new Set(codes)].filter((code) => !explainedCodes.has(code) && !otherCodes.test(code))).toEqual(
    [],
  )
})

test('every finding says where, what, why, and what would be right', () => {
  const text = clusterText(
    'pg_services: [ { name: s, port: 0, selctor: "[]" } ]\npg_service_provider: nosuch',
  )
  for (const finding of lint(inventoryOf(`${text}    pg-no: { hosts: { h1: { pg_cluster: pg-no } } }\n`))) {
    expect(finding.at).toMatchObject({ file: 'pigsty.yml' })
    expect(finding.message).not.toBe('')
    expect(finding.why).not.toBe('')
    expect(finding.hint).toMatch(/\w/)
  }
})

test('findings come in the order of their lines', () => {
  const text = clusterText(
    'pg_service_provider: nosuch\npg_services: [ { name: s, port: 6000, selector: "[", prot: 1 } ]',
  )
  const lines = lint(inventoryOf(text)).map(({ at }) => at?.line ?? 0)
  expect(lines.length).toBeGreaterThan(1)
  expect([...lines].sort((a, b) => a - b)).toEqual(lines)
})

test('one line that several clusters share is one finding that names them', () => {
  const member = (i: number) =>
    `    c${i}: { hosts: { 10.0.0.${i}: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: c${i} } }\n`
  const text = `all:\n  vars:\n    pg_services: [ { name: s, port: 70000, selector: "[]" } ]\n  children:\n${[1, 2, 3].map(member).join('')}`
  const ports = lint(inventoryOf(text)).filter(({ code }) => code === 'PORT_RANGE')
  expect(ports).toMatchObject([{ at: { line: 3 }, owner: 'c1', also: ['c2', 'c3'] }])
})

test('services of the role defaults that clash are told of where their clusters are named', () => {
  const member = (i: number) =>
    `    c${i}: { hosts: { 10.0.0.${i}: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: c${i}, pg_service_provider: lb } }\n`
  const text = `all:\n  children:\n    lb: { hosts: { 10.0.0.9: {} } }\n${[1, 2].map(member).join('')}`
  const clashes = lint(inventoryOf(text)).filter(({ code }) => code === 'PORT_CLASH')
  expect(clashes.map(({ at }) => `${at?.file}:${at?.line}`)).toEqual(Array<string>(4).fill('pigsty.yml:4'))
  expect(clashes[0]?.message).toContain('port 5433 of c1-primary is taken by c2-primary')
})

test('two services on one port are one finding, at the line that somebody wrote', () => {
  const clashes = (text: string) =>
    lint(inventoryOf(text))
      .filter(({ code }) => code === 'PORT_CLASH')
      .map(({ at, message }) => `${at?.line} ${message}`)
  const service = (name: string) => `{ name: ${name}, port: 5433, selector: "[]" }`
  expect(clashes(clusterText(`pg_services:\n  - ${service('s')}`))).toEqual([
    '11 port 5433 of pg-test-s is taken by pg-test-primary on 10.10.10.11 and 2 more',
  ])
  const other = `    pg-one: { hosts: { 10.10.10.11: {} }, vars: { haproxy_services: [ { name: w, port: 5433, servers: [] } ] } }\n`
  expect(clashes(clusterText() + other)).toEqual([
    '11 port 5433 of w is taken by pg-test-primary on 10.10.10.11',
  ])
})

test('Pigsty’s fractions of seconds are one finding, which is nothing to do for publishing', () => {
  const found = lint(inventoryOf(clusterText('pg_rto: fast')))
  expect(found).toMatchObject([
    { code: 'STRICT_REFUSED', hint: 'nothing to do for publishing: pgsvc writes 500ms' },
  ])
  expect(found[0]?.message).toMatch(
    /^pg-test-\w+, pg-test-\w+, pg-test-\w+, pg-test-\w+: Pigsty writes fastinter 0\.5s/,
  )
})

test('what the agents would refuse is refused at plan time, by the same list', () => {
  const vars = `pg_services:\n  - { name: s, port: 6000, selector: "[]", options: 'inter 3s source 1.2.3.4' }`
  const [finding] = lint(inventoryOf(clusterText(vars)))
  expect(finding).toMatchObject({ severity: 'error', code: 'GUARD_REFUSED', at: { line: 11 } })
  expect(finding?.message).toContain('source is not allowed')
  expect(planOf(inventoryOf(clusterText(vars))).owners).toEqual([])

  const good = filesOf(planOf(inventoryOf(clusterText())))
  const files = Object.entries(good).map(([path, text]) => ({
    name: path.split('/')[1] ?? '',
    owner: 'pg-test',
    text,
  }))
  expect(files.length).toBe(12)
  expect(findViolation(files, new Set())).toBeUndefined()
})

test.each(['acl x always_true', 'http-request lua.x', 'stats admin if TRUE'])(
  'a line of haproxy_services that no agent takes: %s',
  (line) => {
    const own = `haproxy_services: [ { name: w, port: 7000, options: [ '${line}' ], servers: [] } ]`
    expect(lint(inventoryOf(clusterText('', [own]))).map(({ code }) => code)).toEqual(['GUARD_REFUSED'])
  },
)

test('what the agents are said to take is no finding; without that the hint says where to say it', () => {
  const own = `haproxy_services: [ { name: w, port: 7000, options: [ 'acl x always_true' ], servers: [] } ]`
  const loaded = inventoryOf(clusterText('', [own]))
  const [finding] = lint(loaded)
  expect(finding).toMatchObject({ severity: 'error', code: 'GUARD_REFUSED' })
  expect(finding?.hint).toContain("'guard_allow: [acl]'")
  expect(lint(loaded, undefined, { ...usualRules, allow: new Set(['acl']) })).toEqual([])
})

test("what Pigsty's templates would get wrong is told apart", () => {
  const vars = 'pg_rto: fast\npg_services: [ { name: s, port: 6000, selector: "[]", check_code: 206 } ]'
  const findings = lint(inventoryOf(clusterText(vars)))
  expect(findings.every(({ strict }) => strict)).toBe(true)
  expect([...new Set(findings.map(({ severity, code, at }) => `${severity} ${code} ${at?.line}`))]).toEqual([
    'error STRICT_REFUSED 10',
  ])
  const ignored = lint(
    inventoryOf(clusterText('pg_services: [ { name: s, port: 6000, selector: "[]", check_code: 206 } ]')),
  )
  expect(ignored).toMatchObject([
    {
      code: 'STRICT_DIFFERS',
      severity: 'warning',
      strict: true,
      hint: 'nothing to do for publishing: pgsvc writes http-check expect status 206',
    },
  ])
})

test('a node with one bad service is looked at further, as a cluster is', () => {
  const services = [
    '{ name: a, port: 70000, servers: [] }',
    '{ name: b, port: 7001, servers: [], options: [stats enable] }',
    '{ name: c, port: 7001, servers: [] }',
    '{ name: d, port: 22, servers: [] }',
  ]
  const text = `all: { hosts: { 10.0.0.1: { haproxy_services: [\n ${services.join(',\n ')} ] } } }`
  expect(lint(inventoryOf(text)).map(({ code, at }) => [code, at?.line])).toEqual([
    ['PORT_RANGE', 2],
    ['GUARD_REFUSED', 3],
    ['PORT_CLASH', 4],
    ['PORT_LIKELY_TAKEN', 5],
  ])
})

test('a selector that cannot be used is named by its own line, in the words of 1.x too', () => {
  const vars = [
    'pg_services:',
    '  - name: s',
    '    port: 6000',
    "    selector: '[].pg_seq'",
    '  - name: t',
    '    src_port: 6001',
    "    selector: '[]'",
    "    selector_backup: '[?'",
  ]
  const found = lint(inventoryOf(clusterText(vars.join('\n')))).filter(({ strict }) => !strict)
  expect(found.map(({ code, at }) => [code, at?.line])).toEqual([
    ['SELECTOR_NOT_MEMBERS', 13],
    ['SELECTOR_INVALID', 17],
  ])
})

test('a selector that cannot be used names its service and cluster', () => {
  const vars =
    'pg_services: [ { name: s, port: 6000, selector: "[? pg_seq" }, { name: t, port: 6001, selector: "keys(@)" } ]'
  const found = lint(inventoryOf(clusterText(vars))).filter(({ code }) => code.startsWith('SELECTOR_'))
  expect(found.map(({ message }) => message.split(':')[0])).toEqual([
    'service s of pg-test',
    'service t of pg-test',
  ])
})

test('a wrong pg_default_service_dest is one finding, at its own place', () => {
  const found = lint(inventoryOf(clusterText('pg_default_service_dest: postgress'))).filter(
    ({ strict }) => !strict,
  )
  expect(found).toMatchObject([{ code: 'DEST_INVALID', at: { file: 'pigsty.yml', line: 10 }, also: [] }])
  expect(found[0]?.message).toContain(
    'pg_default_service_dest must be postgres, pgbouncer or a port, not postgress',
  )
})
