/** What the incumbent prints for a service: the mirror prints the same, pgsvc itself what was meant. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInventory } from '../../controller/reader/read-inventory.ts'
import { canonicalText } from '../../shared/haproxy/canonical.ts'
import { clusterText, filesOf, inventoryOf, planOf, serversIn } from '../support/inventory.ts'

const old = 'pg_weight: 100\n'
const now = 'pg_rto_plan: { norm: [ 30, 5, 10, 25, 5, 2s, 1s, 2s, 3, 3 ] }\n'

interface How {
  readonly strict?: boolean
  readonly vars?: string
  readonly defaults?: string
}

function planned(fields: string, { strict = true, vars = '', defaults }: How = {}) {
  const text = clusterText(`pg_services: [ { name: s, port: 6118, selector: "[]", ${fields} } ]\n${vars}`)
  return planOf(inventoryOf(text, defaults === undefined ? {} : { defaults }), { strict })
}

/** The file of service s on the first member, or the codes of the errors. */
function fileOf(fields: string, how: How = {}): string {
  const plan = planned(fields, how)
  const errors = plan.problems.filter(({ severity }) => severity === 'error')
  return filesOf(plan)['10.10.10.11/pg-test-s.cfg'] ?? errors.map(({ code }) => code).join(' ')
}

describe('the seed', () => {
  test('gives five files on every member, in the order in which hosts appear', async () => {
    const folder = join(import.meta.dirname, '..', 'conformance', 'seed-order')
    const loaded = await readInventory({
      inventory: join(folder, 'inventory', 'pigsty.yml'),
      defaults: join(folder, 'defaults.yml'),
    })
    const files = filesOf(planOf(loaded, { strict: true, node: false }))
    for (const node of ['10.10.10.11', '10.10.10.12', '10.10.10.13'])
      for (const name of ['primary', 'replica', 'default', 'offline', 'standby']) {
        const file = `pg-test-${name}.cfg`
        const expected = readFileSync(join(folder, 'expected', node, file), 'utf8')
        expect(files[`${node}/${file}`]).toBe(canonicalText(expected))
      }
    const order = serversIn(files['10.10.10.11/pg-test-primary.cfg']).map((line) => line.split(' ')[1])
    expect(order).toEqual(['pg-test-1', 'pg-test-3', 'pg-test-2'])
    expect(Object.keys(files)).toHaveLength(15)
  })

  test.each([
    [old, 'inter 3s fastinter 1s downinter 5s rise 3 fall 3'],
    [now, 'inter 2s fastinter 1s downinter 2s rise 3 fall 3'],
  ])('timings before 4.0 are fixed, from 4.0 they come from the plan', (defaults, timings) => {
    expect(fileOf('', { defaults })).toContain(`default-server ${timings} on-marked-down`)
  })

  test('the offline service has the offline member and, as a last resort, the replicas that are not asked for', () => {
    const text = clusterText('', ['', '', 'pg_offline_query: true'])
    const file = filesOf(planOf(inventoryOf(text), { strict: true }))['10.10.10.11/pg-test-offline.cfg']
    expect(serversIn(file)).toEqual([
      'server pg-test-3 10.10.10.13:5432 check port 8008 weight 100',
      'server pg-test-2 10.10.10.12:5432 check port 8008 weight 100 backup',
    ])
  })
})

describe('dest', () => {
  test.each([
    ['', 6432],
    ['dest: default', 6432],
    ['dest: 1433', 1433],
    ['dest: postgres', 5432],
    ['dest: pgbouncer', 6432],
    ['dest: "{{ my_port }}"', 9999],
  ])('{ %s } leads to %s, in the mirror and here', (fields, port) => {
    const how = { vars: 'my_port: 9999', defaults: `pg_default_service_dest: pgbouncer\n${now}` }
    for (const strict of [true, false])
      expect(serversIn(fileOf(fields, { ...how, strict }))[0]).toContain(`:${port} `)
  })

  test.each(['"1433"', '', '""', 'Postgres', '"{{ my_port + 1 }}"'])(
    '{ dest: %s } leads to 5432 in silence, and is refused here',
    (dest) => {
      const how = { vars: 'my_port: 9999' }
      expect(serversIn(fileOf(`dest: ${dest}`, how))[0]).toContain(':5432 ')
      expect(fileOf(`dest: ${dest}`, { ...how, strict: false })).toMatch(/^(?:DEST_INVALID|FIELD_NULL)$/)
    },
  )

  test('a float counts as a number', () => {
    expect(serversIn(fileOf('dest: 1433.0'))[0]).toContain(':1433.0 ')
    expect(fileOf('dest: 1433.0', { strict: false })).toBe('DEST_INVALID')
  })

  test('a member’s own ports count', () => {
    const how = { vars: 'pg_port: 5555\npgbouncer_port: 6666' }
    expect(serversIn(fileOf('dest: postgres', how))[0]).toContain(':5555 ')
    expect(serversIn(fileOf('dest: pgbouncer', how))[0]).toContain(':6666 ')
  })
})

describe('an explicit null', () => {
  test.each([
    ['maxconn', 'maxconn\n'],
    ['balance', 'balance\n'],
    ['ip', 'bind :6118\n'],
    ['check', 'http-check send meth OPTIONS uri\n'],
    ['options', 'default-server\n'],
  ])('%s prints as nothing, and is refused here', (key, text) => {
    expect(fileOf(`${key}: `)).toContain(text)
    expect(fileOf(`${key}: `, { strict: false })).toBe('FIELD_NULL')
  })
})

describe('pg_rto', () => {
  test.each(['30', 'turbo', 'null'])('%s is no mode, so norm counts', (mode) => {
    for (const strict of [true, false])
      expect(fileOf('', { strict, vars: `pg_rto: ${mode}` })).toContain(
        'default-server inter 2s fastinter 1s ',
      )
  })

  test('without norm the service cannot be rendered', () => {
    const vars = 'pg_rto: turbo\npg_rto_plan: { fast: [ 1, 1, 1, 1, 1, 1s, 1s, 1s, 3, 3 ] }'
    expect(fileOf('', { vars })).toContain('RTO_INVALID')
    expect(fileOf('', { vars, strict: false })).toContain('RTO_INVALID')
  })

  test.each([
    ['fast', 'fastinter 0.5s', 'fastinter 500ms'],
    ['safe', 'fastinter 1.5s', 'fastinter 1500ms'],
  ])('%s prints a fraction that HAProxy refuses; here it is whole', (mode, printed, meant) => {
    expect(fileOf('', { vars: `pg_rto: ${mode}` })).toContain(printed)
    expect(fileOf('', { vars: `pg_rto: ${mode}`, strict: false })).toContain(meant)
  })
})

describe('selectors', () => {
  test.each(['nosuch', '[? pg_role == `none` ]', '`null`'])('backup %s: nobody', (backup) => {
    for (const strict of [true, false])
      expect(fileOf(`backup: '${backup}'`, { strict })).not.toContain(' backup')
  })

  test.each(['nosuch', '[0]'])('a selector that gives null or one member fails: %s', (selector) => {
    for (const strict of [true, false]) {
      const text = clusterText(`pg_services: [ { name: s, port: 6118, selector: '${selector}' } ]`)
      const plan = planOf(inventoryOf(text), { strict })
      expect(plan.problems.map(({ code }) => code)).toContain('SELECTOR_NOT_MEMBERS')
      expect(filesOf(plan)).not.toHaveProperty(['10.10.10.11/pg-test-s.cfg'])
    }
  })

  test('a selector that chooses nobody gives a service without servers', () => {
    const text = clusterText('pg_services: [ { name: s, port: 6118, selector: "[? pg_role == `none` ]" } ]')
    const file = filesOf(planOf(inventoryOf(text), { strict: true }))['10.10.10.11/pg-test-s.cfg']
    expect(file).toContain('listen pg-test-s\n')
    expect(serversIn(file)).toEqual([])
  })
})

describe('names', () => {
  test('of two services of one name the later is left, those of pg_services after the default ones', () => {
    const service = (port: number) => `{ name: primary, port: ${port}, selector: "[]" }`
    const text = clusterText(`pg_services: [ ${service(6001)}, ${service(6002)} ]`)
    for (const strict of [true, false]) {
      const files = filesOf(planOf(inventoryOf(text), { strict }))
      expect(files['10.10.10.11/pg-test-primary.cfg']).toContain('bind *:6002\n')
    }
  })

  test('cluster a with service b-c and cluster a-b with service c have one file, which is refused here', () => {
    const group = (cluster: string, host: string, service: string, port: number) =>
      `${cluster}: { hosts: { ${host}: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: ${cluster}, pg_service_provider: p, pg_default_services: [], pg_services: [ { name: ${service}, port: ${port}, selector: "[]" } ] } }`
    const text = `all: { children: { ${group('a', 'h1', 'b-c', 6001)}, ${group('a-b', 'h2', 'c', 6002)}, p: { hosts: { h3: } } } }`
    const owners = (strict: boolean) =>
      planOf(inventoryOf(text), { strict }).owners.map(({ nodes }) =>
        nodes.flatMap(({ node, variants }) =>
          variants.flatMap(({ files }) => files.map(({ name }) => `${node}/${name}`)),
        ),
      )
    expect(owners(true)).toEqual([['h3/a-b-c.cfg'], ['h3/a-b-c.cfg']])
    expect(owners(false)).toEqual([])
    expect(planOf(inventoryOf(text)).problems.map(({ code }) => code)).toContain('NAME_CLASH')
  })
})

describe('booleans', () => {
  test('print as Python has them', () => {
    expect(fileOf('check: no')).toContain('http-check send meth OPTIONS uri False\n')
    const text = clusterText('pg_services: [ { name: off, port: 6118, selector: "[]" } ]')
    const files = filesOf(planOf(inventoryOf(text), { strict: true }))
    expect(files['10.10.10.11/pg-test-False.cfg']).toContain('listen pg-test-False\n')
  })

  test.each(['check: no', 'name: off'])('{ %s } is refused here', (fields) => {
    expect(fileOf(fields, { strict: false })).toBe('FIELD_TYPE')
  })
})

test('odd blanks do not count', () => {
  expect(canonicalText('# c\nlisten a\n\n    bind *:1 \n   server  b  1.2.3.4:5   backup\n')).toBe(
    'listen a\nbind *:1\nserver b 1.2.3.4:5 backup\n',
  )
})

describe('1.5.1', () => {
  const ports =
    'version: v1.5.1\npg_port: 5432\npgbouncer_port: 6432\npatroni_port: 8008\nvip_address: 10.10.10.3'
  const first = (fields: string, { strict = true, vars = '' }: How = {}) => {
    const services = `pg_services: [ { name: s, src_port: 6118, selector: "[]", ${fields} } ]`
    const plan = planOf(inventoryOf(clusterText(`${ports}\n${services}\n${vars}`)), { strict })
    return filesOf(plan)['10.10.10.11/pg-test-s.cfg'] ?? plan.problems.map(({ code }) => code).join(' ')
  }
  const last = 'selector: "[? pg_seq == `1` ]", selector_backup: "[? pg_seq == `2` ]", dst_port: 5555'

  test('src_ip: vip is vip_address', () => {
    for (const strict of [true, false])
      expect(first('src_ip: vip', { strict })).toContain('bind 10.10.10.3:6118\n')
  })

  test('maxconn is 3000 when nothing is said', () => {
    for (const strict of [true, false]) expect(first('', { strict })).toContain('maxconn 3000\n')
  })

  test('a port in dst_port is forgotten for backup-only servers, but not here', () => {
    expect(serversIn(first(last))[1]).toContain(' 10.10.10.12:5432 ')
    expect(serversIn(first(last, { strict: false }))[1]).toContain(' 10.10.10.12:5555 ')
  })

  test('a weight in quotes is left out, but not here', () => {
    const how = { vars: 'pg_weight: "70"' }
    expect(first('', how)).not.toContain('weight 70')
    expect(serversIn(first('', { ...how, strict: false }))[0]).toMatch(/ weight 70$/)
    expect(serversIn(first('', { vars: 'pg_weight: 70' }))[0]).toMatch(/ weight 70$/)
  })

  test('check_port: none says nothing of a check, and is refused here', () => {
    expect(first('check_port: none')).not.toContain('check port')
    expect(first('check_port: none', { strict: false })).toBe('CHECK_INVALID')
  })

  test('a number in check_port ends up behind default-server; here it is the port of the check', () => {
    expect(first('check_port: 9999')).toContain(' weight 100 9999\n')
    expect(serversIn(first('check_port: 9999'))[0]).toBe('server pg-test-1 10.10.10.11:5432')
    expect(serversIn(first('check_port: 9999', { strict: false }))[0]).toContain(' check port 9999 ')
  })
})

describe('haproxy_services', () => {
  const node = (server: string, strict = true) => {
    const services = `[ { name: w, port: 80, servers: [ { name: a, ip: 10.0.0.2, port: 1, ${server} } ] } ]`
    const plan = planOf(inventoryOf(`all: { hosts: { h: { haproxy_services: ${services} } } }`), { strict })
    return filesOf(plan)['h/w.cfg'] ?? plan.problems.map(({ code }) => code).join(' ')
  }

  test.each([
    ['weight: 0', 'server a 10.0.0.2:1 weight 0'],
    ['weight: 255', 'server a 10.0.0.2:1 weight 255'],
    ['weight: 256', 'server a 10.0.0.2:1'],
    ['weight: -1', 'server a 10.0.0.2:1'],
    ['backup: yes', 'server a 10.0.0.2:1 backup'],
    ['backup: "no"', 'server a 10.0.0.2:1'],
    ['options: check, weight: 5, backup: 1', 'server a 10.0.0.2:1 backup weight 5 check'],
  ])('a server with { %s }', (server, line) => {
    expect(serversIn(node(server))).toEqual([line])
  })

  test.each(['weight: 256', 'weight: -1'])('{ %s } is refused here', (server) => {
    expect(node(server, false)).toBe('WEIGHT_RANGE')
  })

  test('maxconn is 10000 when nothing is said', () => {
    for (const strict of [true, false]) expect(node('weight: 1', strict)).toContain('maxconn 10000\n')
  })
})
