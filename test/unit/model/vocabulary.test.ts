/** The words of Pigsty 1.x, alone and among today's. */
import { describe, expect, test } from 'vitest'
import { clusterText, filesOf, inventoryOf, planOf, serversIn } from '../../support/inventory.ts'

/** The file of a service `s` among today's default services, or the codes of what is wrong. */
function fileOf(fields: string, vars = '', strict = false): string | undefined {
  const text = clusterText(`pg_services: [ { name: s, selector: "[]", ${fields} } ]\n${vars}`)
  const plan = planOf(inventoryOf(text), { strict })
  const errors = plan.problems.filter(({ severity }) => severity === 'error')
  return filesOf(plan)['10.10.10.11/pg-test-s.cfg'] ?? errors.map(({ code }) => code).join(' ')
}

describe('a service in the words of 1.x, among those of today', () => {
  test('every word is understood', () => {
    const text = fileOf(
      [
        'src_ip: 10.10.10.3, src_port: 6000, dst_port: pgbouncer, check_url: /up, check_code: 204',
        'check_method: http, check_port: pg_exporter, selector_backup: "[? pg_role == \'replica\' ]"',
        "haproxy: { maxconn: 50, balance: leastconn, default_server_options: 'inter 1s' }",
      ].join(', '),
      'pg_exporter_port: 9631',
    )
    for (const line of [
      'bind 10.10.10.3:6000',
      'maxconn 50',
      'balance leastconn',
      'option httpchk',
      'http-check send meth OPTIONS uri /up',
      'http-check expect status 204',
      'default-server inter 1s',
    ]) {
      expect(text?.split('\n')).toContain(line)
    }
    expect(serversIn(text)).toEqual([
      'server pg-test-1 10.10.10.11:6432 check port 9631 weight 100',
      'server pg-test-2 10.10.10.12:6432 check port 9631 weight 100 backup',
      'server pg-test-3 10.10.10.13:6432 check port 9631 weight 100 backup',
    ])
  })

  test('what it leaves out is what it was in 1.x: every address, PostgreSQL itself, 3000 connections', () => {
    const text = fileOf('src_port: 6000', 'pg_default_service_dest: pgbouncer')
    expect(text).toContain('bind *:6000\n')
    expect(text).toContain('maxconn 3000\n')
    expect(serversIn(text)[0]).toContain('10.10.10.11:5432 check port 8008 ')
  })

  test('what a service of today leaves out is what it is today', () => {
    const text = fileOf('port: 6000, check_url: /up', 'pg_default_service_dest: pgbouncer')
    expect(text).toContain('maxconn 5000\n')
    expect(text).toContain('uri /up\n')
    expect(serversIn(text)[0]).toContain('10.10.10.11:6432 ')
  })

  test.each([
    ['check_port: pg_exporter', '9630'],
    ['check_port: patroni', '8008'],
    ['check_port: 9999', '9999'],
    ['check_port: "9999"', '9999'],
  ])('{ %s } checks port %s', (fields, port) => {
    expect(serversIn(fileOf(`src_port: 6000, ${fields}`))[0]).toContain(` check port ${port} `)
    expect(serversIn(fileOf(`port: 6000, ${fields}`))[0]).toContain(` check port ${port} `)
  })

  test('a port counts for backup-only servers too', () => {
    const text = fileOf(
      'src_port: 6000, dst_port: 5555, selector: "[? pg_seq == `1` ]", selector_backup: "[]"',
    )
    expect(serversIn(text).map((line) => line.split(' ')[2])).toEqual([
      '10.10.10.11:5555',
      '10.10.10.12:5555',
      '10.10.10.13:5555',
    ])
  })

  test('a check by TCP only opens a connection', () => {
    const text = fileOf('src_port: 6000, check_method: tcp')
    expect(text).not.toContain('http')
    expect(serversIn(text)[0]).toContain(' check port 8008 ')
  })

  test('only Patroni is asked over TLS', () => {
    const tls = (fields: string) =>
      serversIn(fileOf(`src_port: 6000, ${fields}`, 'patroni_ssl_enabled: true'))[0]
    expect(tls('check_port: patroni')).toContain('check-ssl')
    expect(tls('check_port: 8008')).toContain('check-ssl')
    expect(tls('check_port: pg_exporter')).not.toContain('check-ssl')
    expect(tls('check_port: 9999')).not.toContain('check-ssl')
  })

  test.each([
    ['check_method: pg', 'CHECK_INVALID'],
    ['check_method: ', 'FIELD_NULL'],
    ['check_port: none', 'CHECK_INVALID'],
    ['check_port: 0', 'PORT_RANGE'],
    ['dst_port: "5555"', 'DEST_INVALID'],
    ['dst_port: Postgres', 'DEST_INVALID'],
    ['selector_backup: ', 'FIELD_NULL'],
    ['haproxy: abc', 'FIELD_TYPE'],
    ['haproxy: ', 'FIELD_NULL'],
    ['haproxy: { maxconn: 0 }', 'NUMBER_RANGE'],
    ['haproxy: { default_server_options: inter 0.5s }', 'DURATION_INVALID'],
    ['src_ip: vip', 'VIP_MISSING'],
  ])('{ %s } is refused: %s', (fields, code) => {
    expect(fileOf(`src_port: 6000, ${fields}`)).toBe(code)
  })

  test('a fault names the word that was written, at its place', () => {
    const text = clusterText('pg_services:\n  - { name: s, src_port: 0, selector: "[]" }')
    expect(planOf(inventoryOf(text)).problems).toMatchObject([
      {
        code: 'PORT_RANGE',
        message: 'service s of pg-test: src_port must be a whole number from 1 to 65535, not 0',
        at: { file: 'pigsty.yml', line: 11, column: 34 },
        hint: 'write for example src_port: 5440',
      },
    ])
  })
})

describe('one thing said twice', () => {
  test.each([
    ['src_ip: "*", ip: "*"', 'ip and src_ip'],
    ['src_port: 6000, port: 6000', 'port and src_port'],
    ['dst_port: postgres, dest: postgres', 'dest and dst_port'],
    ['check_url: /, check: /', 'check and check_url'],
    ['selector_backup: "[]", backup: "[]"', 'backup and selector_backup'],
    ['haproxy: { maxconn: 1 }, maxconn: 1', 'maxconn and haproxy.maxconn'],
    ['haproxy: { balance: first }, balance: first', 'balance and haproxy.balance'],
    ['haproxy: { default_server_options: a }, options: a', 'options and haproxy.default_server_options'],
  ])('{ %s } is refused, both places are named', (fields, words) => {
    const port = fields.includes('port: 6000') ? '' : ', src_port: 6000'
    const text = clusterText(`pg_services: [ { name: s, selector: "[]", ${fields}${port} } ]`)
    const problems = planOf(inventoryOf(text)).problems
    const [now, old] = words.split(' and ')
    expect(problems.map(({ code }) => code)).toEqual(['BOTH_WORDS'])
    expect(problems[0]?.message).toMatch(
      new RegExp(`: ${now} and ${old} \\(pigsty\\.yml:10:\\d+\\) say the same thing$`),
    )
    expect(problems[0]?.at).toMatchObject({ file: 'pigsty.yml', line: 10 })
    expect(problems[0]?.hint).toBe(`keep ${now}, take ${old} out`)
  })
})

describe('vip', () => {
  test.each([
    ['vip_address: 10.10.10.3', '10.10.10.3'],
    ['pg_vip_address: 10.10.10.2/24', '10.10.10.2'],
    ['vip_address: 10.10.10.3\npg_vip_address: 10.10.10.2/24', '10.10.10.3'],
    ['vip_address: "{{ other }}"\nother: 10.10.10.4', '10.10.10.4'],
  ])('with %j it is %s, in both words', (vars, address) => {
    expect(fileOf('src_port: 6000, src_ip: vip', vars)).toContain(`bind ${address}:6000\n`)
    expect(fileOf('port: 6000, ip: vip', vars)).toContain(`bind ${address}:6000\n`)
  })

  test('it is the rendering host’s own', () => {
    const text = clusterText('pg_services: [ { name: s, selector: "[]", src_port: 6000, src_ip: vip } ]', [
      'vip_address: 10.0.0.1',
      'vip_address: 10.0.0.2',
      'vip_address: 10.0.0.3',
    ])
    const files = filesOf(planOf(inventoryOf(text)))
    expect(files['10.10.10.12/pg-test-s.cfg']).toContain('bind 10.0.0.2:6000\n')
    expect(files['10.10.10.13/pg-test-s.cfg']).toContain('bind 10.0.0.3:6000\n')
  })

  test('of a delegated cluster it is that of each node that carries it, whoever leads', () => {
    const vars =
      'pg_service_provider: lb\nvip_address: 10.0.0.1\npg_services: [ { name: s, selector: "[]", port: 6000, ip: vip } ]'
    const nodes = '10.10.10.18: { vip_address: 10.0.0.18 }, 10.10.10.19: { vip_address: 10.0.0.19 }'
    const plan = planOf(inventoryOf(`${clusterText(vars)}    lb: { hosts: { ${nodes} } }\n`))
    for (const leader of ['pg-test-1', 'pg-test-2', 'pg-test-3']) {
      const files = filesOf(plan, leader)
      expect(files['10.10.10.18/pg-test-s.cfg']).toContain('bind 10.0.0.18:6000\n')
      expect(files['10.10.10.19/pg-test-s.cfg']).toContain('bind 10.0.0.19:6000\n')
    }
  })

  test("a proxy never has the members' pg_vip_address, nor that of a cluster of its own", () => {
    const vars =
      'pg_service_provider: lb\npg_vip_address: 10.0.0.1/24\npg_services: [ { name: s, selector: "[]", port: 6000, ip: vip } ]'
    const proxy = '10.10.10.18: { pg_vip_address: 10.0.0.2/24 }'
    const [problem] = planOf(inventoryOf(`${clusterText(vars)}    lb: { hosts: { ${proxy} } }\n`)).problems
    expect(problem).toMatchObject({ code: 'VIP_MISSING', owner: 'pg-test' })
    expect(problem?.message).toContain('gives host 10.10.10.18 no vip_address')
    expect(problem?.hint).toContain('the nodes of the provider group')
  })

  test('role defaults give none: they are where nobody can reach a service', () => {
    const text = clusterText('pg_services: [ { name: s, selector: "[]", src_port: 6000, src_ip: vip } ]')
    const plan = planOf(
      inventoryOf(text, { defaults: 'vip_address: 127.0.0.1\npg_vip_address: 127.0.0.1/24' }),
    )
    expect(plan.problems.map(({ code }) => code)).toEqual(['VIP_MISSING'])
  })

  test('--strict prints today’s ip: vip as Pigsty does', () => {
    expect(fileOf('port: 6000, ip: vip', 'vip_address: 10.10.10.3', true)).toContain('bind vip:6000\n')
  })
})

const old = (name: string, port: number) => `{ name: ${name}, src_port: ${port}, selector: "[]" }`

/** Names and ports of the services that the first member carries. */
function listenersOf(
  vars: string,
  { defaults, strict = false }: { defaults?: string; strict?: boolean } = {},
) {
  const loaded = inventoryOf(clusterText(vars), defaults === undefined ? {} : { defaults })
  const plan = planOf(loaded, { strict })
  expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const files = Object.entries(filesOf(plan)).filter(([name]) => name.startsWith('10.10.10.11/'))
  return files.map(([name, text]) => `${name.slice(20, -4)} ${/bind \S+:(\d+)/.exec(text)?.[1]}`).sort()
}

describe('the lists of an inventory of 1.x', () => {
  const base = `pg_services: [ ${old('primary', 5433)}, ${old('replica', 5434)} ]`
  const extra = `pg_services_extra: [ ${old('standby', 5435)} ]`
  const pg = 'pg_port: 5432\npgbouncer_port: 6432\npatroni_port: 8008'

  test.each([false, true])(
    'pg_services is the base, pg_services_extra comes on top (strict: %s)',
    (strict) => {
      const vars = `version: v1.5.1\n${base}\n${extra}\n${pg}`
      expect(listenersOf(vars, { strict })).toEqual(['primary 5433', 'replica 5434', 'standby 5435'])
    },
  )

  test('without a version, pg_services_extra tells the release', () => {
    expect(listenersOf(`${base}\n${extra}`)).toEqual(['primary 5433', 'replica 5434', 'standby 5435'])
    expect(listenersOf(base, { defaults: 'pg_services_extra: []' })).toEqual(['primary 5433', 'replica 5434'])
  })

  test('today’s default services are not added, whatever their names and ports', () => {
    const vars = `version: v1.5.1\npg_services: [ ${old('rw', 5433)} ]`
    expect(listenersOf(vars)).toEqual(['rw 5433'])
    expect(listenersOf(vars, { defaults: 'pg_services: []' })).toEqual(['rw 5433'])
  })

  test('pg_default_services that the inventory itself has come first', () => {
    const vars = `version: v1.5.1\npg_default_services: [ ${old('d', 6000)} ]\npg_services: [ ${old('rw', 5433)} ]`
    expect(listenersOf(vars)).toEqual(['d 6000', 'rw 5433'])
    expect(listenersOf(`${vars}\n${pg}`, { strict: true })).toEqual(['rw 5433'])
  })

  test('the last of 1.x had today’s lists', () => {
    const vars = `version: v1.6.0\npg_services: [ ${old('rw', 6000)} ]\n${pg}`
    const defaults = `pg_default_services: [ ${old('primary', 5433)} ]`
    expect(listenersOf(vars, { defaults })).toEqual(['primary 5433', 'rw 6000'])
    expect(listenersOf(vars, { defaults, strict: true })).toEqual(['primary 5433', 'rw 6000'])
  })

  test('in an inventory of today pg_services_extra is added to today’s, and a name of the base replaces it', () => {
    const vars = `version: v4.5.0\npg_services: [ ${old('primary', 7000)} ]\n${extra}`
    expect(listenersOf(vars)).toEqual([
      'default 5436',
      'offline 5438',
      'primary 7000',
      'replica 5434',
      'standby 5435',
    ])
  })
})

describe('the mirror of 1.x', () => {
  const pg =
    'version: v1.5.1\npg_port: 5432\npgbouncer_port: 6432\npatroni_port: 8009\npg_exporter_port: 9630'
  const mirrored = (fields: string, vars = '') => {
    const services = `pg_services: [ { name: s, src_port: 6000, selector: "[]", ${fields} } ]`
    const plan = planOf(inventoryOf(clusterText(`${pg}\n${services}\n${vars}`)), { strict: true })
    return filesOf(plan)['10.10.10.11/pg-test-s.cfg'] ?? plan.problems[0]?.code
  }

  test.each([
    ['check_port: 9999', 'weight 100 9999\n'],
    ['check_port: 9999', 'pg-test-1 10.10.10.11:5432\n'],
    ['check_port: none', 'pg-test-1 10.10.10.11:54328008\n'],
    ['check_port: other', 'pg-test-1 10.10.10.11:5432\n'],
    ['dst_port: "5555"', '10.10.10.11:5432 '],
    ['dst_port: yes', '10.10.10.11:True '],
    ['check_method: pg', 'balance roundrobin\ndefault-server'],
    ['haproxy: { maxconn: }', 'maxconn\n'],
    ['haproxy: abc', 'maxconn 3000\n'],
    ['src_ip: vip', 'bind 127.0.0.1:6000\n'],
  ])('{ %s } gives %j', (fields, text) => {
    expect(mirrored(fields)).toContain(text)
  })

  test('a weight is printed only if it is a number', () => {
    expect(mirrored('', 'pg_weight: 70')).toContain('check port 8009 weight 70\n')
    expect(mirrored('', 'pg_weight: "70"')).toContain('check port 8009\n')
  })

  test('servers have no fall-backs, and one service that fails takes all of its node along', () => {
    const services = `pg_services: [ ${old('good', 6001)}, { name: s, src_port: 6000, dst_port: pgbouncer, selector: "[]" } ]`
    const plan = planOf(inventoryOf(clusterText(`version: v1.5.1\npg_port: 5432\n${services}`)), {
      strict: true,
    })
    expect(filesOf(plan)).toEqual({})
    expect(plan.problems.map(({ code }) => code)).toEqual(['TEMPLATE_UNDEFINED'])
  })

  test.each(['date: 2024-01-02', 'number: .nan', 'text: "{{ nosuch }}"'])(
    'a variable of a member with { %s } fails',
    (variable) => {
      expect(mirrored('', variable)).toBe('MEMBER_UNREADABLE')
    },
  )

  test('there is no delegation and no check of identities', () => {
    const text = clusterText(`${pg}\npg_service_provider: pg-test\npg_services: [ ${old('s', 6000)} ]`)
    const plan = planOf(inventoryOf(text.replaceAll('primary', 'replica')), { strict: true })
    expect(plan.problems).toEqual([])
    expect(Object.keys(filesOf(plan))).toHaveLength(3)
  })
})

describe('haproxy_services in the words of early 2.0', () => {
  const node = (fields: string, vars = '') => {
    const server = 'servers: [ { name: a, ip: 10.0.0.2, port: 80 } ]'
    const text = `all: { hosts: { h: { ${vars}haproxy_services: [ { name: w, ${server}, ${fields} } ] } } }`
    const plan = planOf(inventoryOf(text))
    return filesOf(plan)['h/w.cfg'] ?? plan.problems[0]?.code
  }

  test('address, port and the keys in haproxy are understood', () => {
    const inner = "haproxy: { maxconn: 7, balance: leastconn, default_server_options: 'inter 9s' }"
    const text = node(`src_ip: vip, src_port: 8080, ${inner}`, 'vip_address: 10.0.0.9, ')
    expect(text).toContain(
      'bind 10.0.0.9:8080\nmode tcp\nmaxconn 7\nbalance leastconn\ndefault-server inter 9s\n',
    )
  })

  test('but not both words at once', () => {
    expect(node('src_port: 8080, port: 8080')).toBe('BOTH_WORDS')
    expect(node('port: 8080, default: inter 1s, haproxy: { default_server_options: inter 1s }')).toBe(
      'BOTH_WORDS',
    )
  })
})
