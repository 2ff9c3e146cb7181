import { describe, expect, test } from 'vitest'
import { lint } from '../../../controller/lint/lint.ts'
import { clusterText, type InventoryText, inventoryOf } from '../../support/inventory.ts'

/** Code and line of every finding that is no matter of --strict. */
function found(text: string, rest: InventoryText = {}): string[] {
  return lint(inventoryOf(text, rest))
    .filter(({ strict }) => !strict)
    .map(({ code, at, severity }) => `${severity} ${code} ${at?.line}`)
}

function codes(text: string): string[] {
  return lint(inventoryOf(text)).map(({ code }) => code)
}

const service = (fields: string) => `pg_services: [ { name: s, port: 6000, ${fields} } ]`

test('a sound cluster gives no finding', () => {
  expect(found(clusterText())).toEqual([])
})

describe('selectors', () => {
  test.each([
    ['selector: "[? pg_role == \'nobody\' ]"', ['warning SELECTOR_EMPTY 10']],
    [
      'selector: "[? pg_role == \'nobody\' ]", backup: "[? pg_role == \'nobody\' ]"',
      ['warning SELECTOR_EMPTY 10'],
    ],
    ['selector: "[? pg_role == \'primary\' && pg_seq == `1` ]"', ['warning SELECTOR_EMPTY_SOMETIMES 10']],
    ['selector: "[]", backup: "[]", check: /read-only', ['warning SELECTOR_ONLY_BACKUPS 10']],
    ['selector: "[? pg_role == \'primary\' ]"', []],
  ])('{ %s } gives %j', (fields, expected) => {
    expect(found(clusterText(service(fields)))).toEqual(expected)
  })

  test("Pigsty's own offline service may live from its backups", () => {
    const stock = 'selector: "[? pg_role == `offline` || pg_offline_query ]"'
    expect(found(clusterText(service(`${stock}, backup: "[]", check: /read-only`)))).toEqual([])
  })

  test('a service of the role defaults is told of where the cluster is named', () => {
    const text = 'all: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary,\n pg_cluster: pg-one } } }\n'
    const [finding] = lint(inventoryOf(text))
    expect(finding).toMatchObject({ code: 'SELECTOR_EMPTY', at: { line: 2 } })
    expect(finding?.message).toContain('pg-one-offline')
  })
})

describe('pg_rto', () => {
  const rto = (vars: string) =>
    lint(inventoryOf(clusterText(vars)))
      .filter(({ code }) => code === 'RTO_UNKNOWN')
      .map(({ at, hint }) => `${at?.line} ${hint}`)

  test('a mode that the plan does not have is told, with the one that may be meant', () => {
    expect(rto('pg_rto: fsat')).toEqual(['10 did you mean fast?'])
    expect(rto('pg_rto: 30')).toEqual(['10 modes: fast, norm, safe, wide'])
  })

  test('a mode of the plan, and the seconds of releases before 4.0, are no finding', () => {
    expect(rto('pg_rto: wide')).toEqual([])
    expect(rto('pg_rto: 45\npg_rto_plan: { 45: [ 1, 1, 1, 1, 1, 1s, 1s, 1s, 3, 3 ] }')).toEqual([])
    expect(rto('pg_rto: 30\nversion: v3.5.0')).toEqual([])
  })
})

describe('messages of checks', () => {
  const found = (fields: string, vars = '') =>
    lint(inventoryOf(clusterText(`${service(fields)}\n${vars}`))).filter(({ strict }) => !strict)

  test('the hint never names the check that fails', () => {
    const [finding] = found('selector: "[? pg_role == \'primary\' ]", check: /replica')
    expect(finding).toMatchObject({ code: 'SERVERS_NEVER_PASS' })
    expect(finding?.hint).toBe('choose a check that these members pass: /primary, /leader, /read-only')
  })

  test('a service without a check says whose check it has', () => {
    const [finding] = found('selector: "[? pg_role != \'primary\' ]"')
    expect(finding).toMatchObject({ code: 'SERVERS_NEVER_PASS' })
    expect(finding?.message).toContain("no check is written, and / is Patroni's check for the primary")
  })

  test('one cause is one finding, with all its services', () => {
    const text = clusterText('', ['pg_upstream: 10.0.0.1'])
    const standby = lint(inventoryOf(text)).filter(({ code }) => code === 'STANDBY_PRIMARY')
    expect(standby.map(({ message }) => message.split(':')[0])).toEqual(['pg-test-primary, pg-test-default'])
  })
})

describe('health checks', () => {
  const backup = 'selector: "[]", backup: "[? pg_role == \'primary\' ]"'

  test.each([
    [`${backup}, check: /sync`, ['BACKUP_NEVER_PASSES']],
    [`${backup}, check: /synchronous`, ['BACKUP_NEVER_PASSES']],
    [`${backup}, check: /async`, ['BACKUP_NEVER_PASSES']],
    [`${backup}, check: /quorum`, ['BACKUP_NEVER_PASSES']],
    [`${backup}, check: "/replica?lag=1MB"`, ['BACKUP_NEVER_PASSES']],
    [`${backup}, check: /read-only`, []],
    [`${backup}, check: "/read-only?lag=0"`, []],
    [`${backup}, check: /read-only-sync`, []],
    [`${backup}, check: /health`, []],
    [`${backup}, check: /primary`, ['SERVERS_NEVER_PASS']],
    [backup, ['SERVERS_NEVER_PASS']],
    ['selector: "[]", check: /standby-leader', ['SERVERS_NEVER_PASS']],
    ['selector: "[? pg_role == \'primary\' ]", check: /replica', ['SERVERS_NEVER_PASS']],
    ['selector: "[? pg_seq == `2` ]", check: /replica', []],
    ['selector: "[? pg_seq == `2` ]", check: /primary', []],
    ['selector: "[]", check: /primray', ['CHECK_UNKNOWN']],
    ['selector: "[]", check: /patroni', ['CHECK_UNKNOWN']],
  ])('{ %s } gives %j', (fields, expected) => {
    expect(codes(clusterText(service(fields)))).toEqual(expected)
  })

  test.each(['check_port: 9630', 'check_code: 503'])(
    'with %s it is not Patroni that answers with 200',
    (fields) => {
      const text = clusterText(service(`${backup}, check: /sync, ${fields}`))
      expect(lint(inventoryOf(text)).filter(({ strict }) => !strict)).toEqual([])
    },
  )

  test('a primary with pg_upstream makes a standby cluster, where nobody is a primary', () => {
    const text = clusterText('', ['pg_upstream: 10.10.10.99'])
    const findings = lint(inventoryOf(text))
    expect(findings.map(({ code, message }) => `${code} ${message.split(':')[0]}`)).toEqual([
      'STANDBY_PRIMARY pg-test-primary, pg-test-default',
    ])
    expect(codes(clusterText('', ['x: 1', 'pg_upstream: 10.10.10.11']))).toEqual([])
    const leader = clusterText(`pg_default_services: []\n${service('selector: "[]", check: /leader')}`, [
      'pg_upstream: 10.10.10.99',
    ])
    expect(codes(leader)).toEqual([])
    expect(codes(leader.replace('/leader', '/standby-leader'))).toEqual([])
  })
})

describe('who carries a cluster', () => {
  test('a provider that is no group, and one without hosts', () => {
    expect(found(clusterText('pg_service_provider: nosuch'))).toEqual(['warning PROVIDER_UNKNOWN 10'])
    const empty = `${clusterText('pg_service_provider: lb')}    lb: {}\n`
    expect(found(empty)).toEqual(['warning PROVIDER_EMPTY 10'])
  })

  const bound = (vars: string) => clusterText(`${service('selector: "[]", ip: vip')}\n${vars}`)

  test.each([
    ['vip_address: 10.10.10.3', ['warning VIP_NOT_HELD 10']],
    ['vip_address: 10.10.10.3\nvip_enabled: true', []],
    ['pg_vip_address: 10.10.10.3/24\npg_vip_enabled: true', []],
    ['pg_vip_address: 10.10.10.3/24', ['warning VIP_NOT_HELD 10']],
  ])('ip: vip with %j gives %j', (vars, expected) => {
    expect(found(bound(vars))).toEqual(expected)
  })

  test("a delegated cluster's ip: vip is the proxies' address, and they must have one that is on", () => {
    const proxied = (hosts: string) =>
      found(`${bound('vip_address: 10.10.10.3\npg_service_provider: lb')}    lb: { hosts: { ${hosts} } }\n`)
    const vip = 'vip_address: 10.10.10.99'
    expect(proxied(`10.10.10.18: { ${vip}, vip_enabled: true }`)).toEqual([])
    expect(proxied(`10.10.10.18: { ${vip} }, 10.10.10.19: { ${vip} }`)).toEqual(['warning VIP_NOT_HELD 10'])
    expect(proxied('10.10.10.18: {}')).toEqual(['error VIP_MISSING 10'])
  })

  test('an address that no inventory names may be the second one of a single node', () => {
    const text = clusterText(`pg_service_provider: lb\n${service('selector: "[]", ip: 10.20.20.20')}`)
    expect(found(`${text}    lb: { hosts: { 10.10.10.18: {} } }\n`)).toEqual([])
    expect(found(`${text}    lb: { hosts: { 10.10.10.18: {}, 10.10.10.19: {} } }\n`)).toEqual([
      'warning VIP_NOT_HELD 11',
    ])
  })
})

describe('names', () => {
  const pair = (vars: string, others = vars) => `all:
  children:
    lb: { hosts: { 10.10.10.18: {}, 10.10.10.19: {} } }
    a: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: a, pg_default_services: [ { name: b-c, port: 6001, selector: "[]" } ], ${vars} } }
    b: { hosts: { 10.10.10.12: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: a-b, pg_default_services: [ { name: d, port: 6002, selector: "[]" } ], ${others} } }
`

  test('a name that begins another one is told of, and what the wipe would do on a common node', () => {
    expect(found(pair('x: 1'))).toEqual(['warning NAME_PREFIX 4'])
    const shared = lint(inventoryOf(pair('pg_service_provider: lb')))
    expect(shared.map(({ code }) => code)).toEqual(['WIPE_NEIGHBOUR'])
    expect(shared[0]?.message).toContain('on 10.10.10.18, 10.10.10.19 also a-b-d of a-b')
  })

  test('one file name is a warning on different nodes, and an error on a common one', () => {
    const same = (vars: string) => pair(vars).replace('name: d', 'name: c')
    expect(found(same('x: 1'))).toEqual(['warning SAME_SERVICE_NAME 4'])
    expect(found(same('pg_service_provider: lb'))).toEqual([
      'warning WIPE_NEIGHBOUR 4',
      'error NAME_CLASH 4',
      'error NAME_CLASH 5',
    ])
  })

  test("a node's own service may lie in the way of a cluster's wipe", () => {
    const own = 'haproxy_services: [ { name: pg-test-web, port: 7000, servers: [] } ]'
    const text = clusterText('', [own])
    expect(found(text)).toEqual(['warning WIPE_NODE_SERVICE 5'])
    expect(found(text.replace('pg-test-web', 'pg-testweb'))).toEqual([])
  })
})

test.each([
  ['selctor: "[]", selector: "[]"', 'is selector meant?'],
  ['prot: 1, selector: "[]"', 'is port meant?'],
  ['Maxconn: 1, selector: "[]"', 'is maxconn meant?'],
])('a key that nobody reads: { %s }', (fields, hint) => {
  expect(lint(inventoryOf(clusterText(service(fields))))).toMatchObject([
    { code: 'SERVICE_KEY_UNKNOWN', hint },
  ])
})

test('keys of servers and of the old mapping are read too, and a comment is no slip', () => {
  const own =
    'haproxy_services: [ { name: w, port: 7000, comment: x, servers: [ { name: a, ip: 1.2.3.4, port: 1, wieght: 5 } ] } ]'
  const old = 'pg_services: [ { name: s, src_port: 6000, selector: "[]", haproxy: { maxcon: 5 } } ]'
  const findings = lint(inventoryOf(clusterText(old, [own]))).filter(({ strict }) => !strict)
  expect(findings.map(({ hint }) => hint)).toEqual(['is weight meant?', 'is maxconn meant?'])
})

test('a refused cluster is warned of too', () => {
  const bad =
    'pg_services: [ { name: s, port: 6000, selector: "[]", check: /nosuch }, { name: t, port: 0, selector: "[]" } ]'
  expect(codes(clusterText(bad)).sort()).toEqual(['CHECK_UNKNOWN', 'PORT_RANGE'])
})

describe('what would go missing in silence', () => {
  test('a host that looks like a member and has no cluster', () => {
    const text = `${clusterText()}    pg-lost:
      hosts:
        10.10.10.19: { pg_seq: 9, pg_role: replica }
        10.10.10.20: { pg_seq: 10, pg_cluster: }
        10.10.10.21: { zone: b }
`
    expect(found(text).map((finding) => finding.replace(/ \d+$/, ''))).toEqual([
      'warning MEMBER_WITHOUT_CLUSTER',
      'warning MEMBER_WITHOUT_CLUSTER',
    ])
  })

  test('the earlier of two services of one name', () => {
    const twice = `pg_services:
          - { name: s, port: 6000, selector: "[]" }
          - { name: s, port: 6001, selector: "[]" }`
    expect(found(clusterText(twice))).toEqual(['warning SERVICE_TWICE 11'])
  })

  test('a member at what is no address', () => {
    const all = found(clusterText().replace('10.10.10.12', '10.10.10.312'))
    expect(all).toEqual([expect.stringMatching(/^warning MEMBER_ADDRESS \d+$/)])
  })

  test('a service bound to a name', () => {
    expect(codes(clusterText(service('ip: db.example, selector: "[]"')))).toContain('BIND_NAME')
  })
})

test('the word vip as Pigsty writes it is told as what HAProxy refuses', () => {
  const strict = lint(
    inventoryOf(clusterText(`${service('selector: "[]", ip: vip')}\nvip_address: 10.10.10.3`)),
  )
    .filter((finding) => finding.strict)
    .map(({ code, message }) => [code, message.includes('the address vip')])
  expect(strict).toEqual([['STRICT_REFUSED', true]])
})
