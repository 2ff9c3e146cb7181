import { expect, test } from 'vitest'
import { type ExplainOptions, explainService } from '../../../controller/explain/explain-service.ts'
import { explanationLines } from '../../../controller/explain/explain-text.ts'
import { clusterText, inventoryOf } from '../../support/inventory.ts'

const text = `all:
  vars: { pg_weight: 50 }
  children:
    pg-test:
      vars:
        pg_cluster: pg-test
        pg_role: replica
        pg_services:
          - { name: standby, port: 5435, dest: 1433, selector: "[? pg_role == 'replica' && zone != 'b']", backup: "[:1]" }
          - { name: offline, port: 6000, selector: "[? pg_offline_query ] | sort_by(@, &pg_seq) | [:1]" }
      hosts:
        10.10.10.11: { pg_seq: 1, pg_role: primary, pg_port: 5555 }
        10.10.10.12: { pg_seq: 2, pg_offline_query: true }
        10.10.10.13: { pg_seq: 3, pg_role: offline, pg_offline_query: true, token_of: "x" }
        10.10.10.14: { pg_cluster: pg-other, pg_seq: 1, pg_role: primary }
`

function explain(service: string, options: Partial<ExplainOptions> = {}, inventory = text): string {
  const explanation = explainService(inventoryOf(inventory), {
    cluster: 'pg-test',
    service,
    showSecrets: false,
    ...options,
  })
  return explanationLines(explanation).join('\n')
}

test('a member that is out shows the clause that decided, its value, and who set it over whom', () => {
  expect(explain('standby', { member: 'pg-test-3' })).toContain(
    [
      '  pg-test-3  10.10.10.13  pg_role offline: out',
      '      selector leaves it out:',
      "        pg_role == 'replica' is false",
      '          pg_role is offline: pigsty.yml:14:44 (host), over pigsty.yml:7:18 (group pg-test (depth 1, priority 1)): replica',
      '      backup leaves it out: [:1]',
    ].join('\n'),
  )
})

test('every clause of an && that let a member in is shown', () => {
  expect(explain('standby', { member: '10.10.10.12' })).toContain(
    [
      '      selector takes it:',
      "        pg_role == 'replica' is true",
      '          pg_role is replica: pigsty.yml:7:18 (group pg-test (depth 1, priority 1))',
      "        zone != 'b' is true",
      '          zone is not set',
    ].join('\n'),
  )
})

test('ports and weights show the variable they come from, or the fall-back', () => {
  const servers = explain('standby')
  expect(servers).toContain(
    'port 1433, as the definition says\n      check port 8008, for patroni_port is not set',
  )
  expect(servers).toContain('weight 50: pg_weight is 50: pigsty.yml:2:22 (group all)')
  expect(explain('default', { member: 'pg-test-1' })).toContain(
    'port 5555: pg_port is 5555: pigsty.yml:12:62 (host)',
  )
})

test('a definition says where it stands and what it replaces', () => {
  const lines = explain('pg-test-offline')
  expect(lines).toContain('  on 10.10.10.11, 10.10.10.12, 10.10.10.13  (the members)\n')
  expect(lines).toContain(
    '  defined in pg_services, pigsty.yml:10:13; pg_services from pigsty.yml:9:11 (group pg-test',
  )
  expect(lines).toContain('  replaces the one of the same name in pg_default_services, built-in defaults:')
})

test('the step of a pipe that dropped a member is named', () => {
  expect(explain('offline', { member: 'pg-test-3' })).toContain('      selector leaves it out: [:1]\n')
  expect(explain('offline', { member: 'pg-test-1' })).toContain('        pg_offline_query is false\n')
})

test('who is what is told for every possible leader', () => {
  expect(explain('standby')).toContain(
    [
      '  when this leads:       pg-test-1  pg-test-2  pg-test-3',
      '  pg-test-1 (inventory)  backup     server     out',
      '  pg-test-2              backup     out        out',
      '  pg-test-3              backup     server     out',
    ].join('\n'),
  )
})

test('with --leader the roles are those of that day', () => {
  const lines = explain('standby', { leader: 'pg-test-2', member: 'pg-test-2' })
  expect(lines).toContain('as if pg-test-2 led; the inventory says pg-test-1')
  expect(lines).toContain("        pg_role == 'replica' is false\n          pg_role is primary then\n")
})

test('a host of the group that belongs to another cluster is told apart', () => {
  const line =
    '  10.10.10.14 is no member of pg-test: its pg_cluster is pg-other, pigsty.yml:15:36 (host)\n      over pigsty.yml:6:21 (group pg-test (depth 1, priority 1)): pg-test'
  expect(explain('standby')).toContain(line)
  expect(explain('standby', { member: '10.10.10.14' })).toContain(line)
})

test('a delegated service is on the provider, and is rendered once', () => {
  const delegated = text
    .replace('all:\n  vars: {', 'all:\n  vars: { pg_service_provider: proxy,')
    .concat('    proxy: { hosts: { 10.10.10.18: {}, 10.10.10.19: {} } }\n')
  expect(explain('standby', {}, delegated)).toContain(
    '  on 10.10.10.18, 10.10.10.19  (group proxy, pg_service_provider from pigsty.yml:2:32 (group all))',
  )
})

test('a service that is refused says why', () => {
  const broken = text.replace('selector: "[? pg_role', 'selector: "[? pg_role ==')
  expect(() => explain('standby', {}, broken)).toThrow('is not expected')
})

test.each([
  ['cluster', { cluster: 'pg-tset' }, 'TARGET_UNKNOWN', 'did you mean pg-test?'],
  ['service', { service: 'standbi' }, 'SERVICE_UNKNOWN', 'did you mean standby?'],
  ['member', { member: 'pg-test-9' }, 'MEMBER_UNKNOWN', 'did you mean pg-test-1 or pg-test-2 or pg-test-3?'],
  ['leader', { leader: 'pg-test-9' }, 'LEADER_UNKNOWN', 'did you mean pg-test-1 or pg-test-2 or pg-test-3?'],
])('an unknown %s is an error with names that look alike', (_what, options, code, hint) => {
  let error: unknown
  try {
    explain('standby', options)
  } catch (caught) {
    error = caught
  }
  expect(error).toMatchObject({ code, hint })
})

test('warnings that concern the service stand below it with their hints, those of others do not', () => {
  const vars = `pg_services:
  - { name: s, port: 6000, selector: "[? pg_role == 'nobody']", maxconn: 70, options: inter 2s }
  - { name: t, port: 6001, selector: "[? pg_role == 'nobody']" }`
  const lines = explain('s', {}, clusterText(vars))
  expect(lines).toContain('warning SELECTOR_EMPTY: pg-test-s: no server')
  expect(lines).toContain('  right: mend the selector')
  expect(lines).not.toContain('pg-test-t')
  expect(lines).not.toContain('is refused')
})

test('a cluster that is refused says so, and nobody leads where that cannot be told', () => {
  const lines = explain('primary', {}, clusterText('', ['x: 1', 'pg_seq: 1']))
  expect(lines).toContain('error IDENTITY_INVALID')
  expect(lines).toContain('pg-test is refused')
  expect(lines).not.toContain('as the inventory says')
  expect(lines).not.toContain('(inventory)')
})

test('maxconn, balance and timings show who says so', () => {
  const own = explain(
    's',
    {},
    clusterText('pg_services: [ { name: s, port: 6000, selector: "[]", maxconn: 70, options: inter 2s } ]'),
  )
  expect(own).toContain('maxconn 70  (pigsty.yml:10:')
  expect(own).toContain('balance roundrobin  (the default)')
  expect(own).toContain('options inter 2s  (pigsty.yml:10:')
  expect(explain('primary', {}, clusterText('pg_rto: wide'))).toMatch(
    /timings inter 4s .*\(pg_rto wide, pg_rto from pigsty\.yml:10:/,
  )
})

test('a host stands for its instance as leader', () => {
  expect(explain('primary', { leader: '10.10.10.12' }, clusterText())).toContain('as if pg-test-2 led')
})
