import { describe, expect, test } from 'vitest'
import { computePlan } from '../../../controller/plan/compute-plan.ts'
import { clusterText, filesOf, inventoryOf, planOf, serversIn } from '../../support/inventory.ts'

const service = (fields: string) =>
  `pg_default_services: []\npg_services: [ { name: s, port: 6000, selector: "[]", ${fields} } ]`
/** The file of the one service of `service()` on the first node, or the problems. */
function fileOf(vars: string, strict = false, hostVars: readonly string[] = []): string {
  const plan = planOf(inventoryOf(clusterText(vars, hostVars)), { strict })
  return filesOf(plan)['10.10.10.11/pg-test-s.cfg'] ?? plan.problems.map(({ code }) => code).join(' ')
}

describe('where files go', () => {
  test('local services are on every member', () => {
    expect(Object.keys(filesOf(planOf(inventoryOf(clusterText()))))).toEqual(
      ['11', '12', '13'].flatMap((ip) =>
        ['default', 'offline', 'primary', 'replica'].map((name) => `10.10.10.${ip}/pg-test-${name}.cfg`),
      ),
    )
  })

  const delegated = (group: string) => `
all:
  children:
    proxy: { hosts: { 10.10.10.18: , 10.10.10.19: } }
    empty: {}
    pg-test:
      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary, port: 7001 }, 10.10.10.12: { pg_seq: 2, pg_role: replica, port: 7002 } }
      vars:
        pg_cluster: pg-test
        pg_service_provider: ${group}
        pg_default_services: [ { name: s, port: "{{ port }}", selector: "[]" } ]
`

  test('delegated services are on every node of the provider and nowhere else, rendered by the primary', () => {
    const plan = planOf(inventoryOf(delegated('proxy')))
    const files = filesOf(plan)
    expect(Object.keys(files)).toEqual(['10.10.10.18/pg-test-s.cfg', '10.10.10.19/pg-test-s.cfg'])
    expect(files['10.10.10.18/pg-test-s.cfg']).toContain('bind *:7001\n')
    expect(plan.owners[0]?.provider).toBe('proxy')
  })

  test('when another member leads, that member renders', () => {
    const files = filesOf(planOf(inventoryOf(delegated('proxy'))), 'pg-test-2')
    expect(files['10.10.10.18/pg-test-s.cfg']).toContain('bind *:7002\n')
  })

  test('an empty provider group carries nothing, and no such group means local', () => {
    expect(filesOf(planOf(inventoryOf(delegated('empty'))))).toEqual({})
    expect(Object.keys(filesOf(planOf(inventoryOf(delegated('nosuch')))))).toEqual([
      '10.10.10.11/pg-test-s.cfg',
      '10.10.10.12/pg-test-s.cfg',
    ])
  })

  test('a provider that is no group is a warning with its place, and the members carry the services', () => {
    const plan = planOf(inventoryOf(clusterText('pg_service_provider: proxxy')))

    expect(plan.owners[0]?.nodes).toHaveLength(3)
    expect(plan.problems).toMatchObject([
      { severity: 'warning', code: 'PROVIDER_UNKNOWN', at: { file: 'pigsty.yml', line: 10 } },
    ])
  })

  test('a cluster beside a host that may be its member and cannot be told is refused, others are not', () => {
    const loaded = inventoryOf(`all:
  children:
    pg-a:
      hosts: { h1: { pg_cluster: pg-a, pg_seq: 1, pg_role: primary }, h2: { pg_cluster: "{{ nosuch }}", pg_seq: 2, pg_role: replica } }
    pg-b: { hosts: { h3: { pg_cluster: pg-b, pg_seq: 1, pg_role: primary } } }
`)
    const named = (owner: string) =>
      computePlan(loaded, { strict: false, node: false, owners: new Set([owner]) })

    expect(named('pg-a').owners).toEqual([])
    expect(named('pg-a').problems).toMatchObject([
      { owner: 'pg-a', severity: 'error', code: 'TEMPLATE_UNDEFINED', at: { line: 4 } },
    ])
    expect(named('pg-a').problems[0]?.message).toContain('h2 of group pg-a')
    expect(named('pg-b')).toMatchObject({ owners: [{ owner: 'pg-b' }], problems: [] })
  })

  test('members are all hosts with the pg_cluster, whatever their groups', () => {
    const plan = planOf(
      inventoryOf(`
all:
  children:
    a: { hosts: { h1: { pg_cluster: pg-x, pg_seq: 1, pg_role: primary } } }
    b: { hosts: { h2: { pg_cluster: pg-x, pg_seq: 2, pg_role: replica } } }
`),
    )
    expect(serversIn(filesOf(plan)['h1/pg-x-primary.cfg'])).toHaveLength(2)
  })
})

describe('variants', () => {
  const plan = planOf(inventoryOf(clusterText()))
  const [owner] = plan.owners

  test('there is one for every member, the inventory says which one is the leader', () => {
    expect(owner?.leader).toBe('pg-test-1')
    expect(owner?.nodes[0]?.variants.map(({ leader }) => leader)).toEqual([
      'pg-test-1',
      'pg-test-2',
      'pg-test-3',
    ])
    expect(owner?.members[0]).toEqual({
      instance: 'pg-test-1',
      address: '10.10.10.11',
      patroniPort: 8008,
      patroniTls: false,
    })
  })

  test('each is what an edited inventory would give', () => {
    const edited = clusterText()
      .replace('pg_seq: 1, pg_role: primary', 'pg_seq: 1, pg_role: replica')
      .replace('pg_seq: 2, pg_role: replica', 'pg_seq: 2, pg_role: primary')
    expect(filesOf(plan, 'pg-test-2')).toEqual(filesOf(planOf(inventoryOf(edited))))
  })

  test('files that are equal are kept once', () => {
    // primary and default are the same for every leader; replica and offline have one file for each.
    expect(plan.blobs.size).toBe(2 + 3 + 3)
  })

  test.each([
    ["{{ 100 if pg_role == 'primary' else 50 }}"],
    ['{{ 100 if pg_is_primary else 50 }}'],
    ['{{ wanted }}'],
    ["{{ 100 if hostvars[inventory_hostname].pg_role == 'primary' else 50 }}"],
  ])('a definition that depends on the role of who renders it follows the leader: %s', (maxconn) => {
    const vars = `${service(`maxconn: "${maxconn}"`)}\nwanted: "{{ 100 if pg_role == 'primary' else 50 }}"`
    const plan = planOf(inventoryOf(clusterText(vars)))

    const maxconns = ['pg-test-1', 'pg-test-2'].map((leader) =>
      ['11', '12'].map(
        (ip) => /maxconn (\d+)/.exec(filesOf(plan, leader)[`10.10.10.${ip}/pg-test-s.cfg`] ?? '')?.[1],
      ),
    )

    expect(maxconns).toEqual([
      ['100', '50'],
      ['50', '100'],
    ])
  })

  test('services are described for each leader', () => {
    const services = owner?.nodes[0]?.variants[1]?.services
    expect(services?.map(({ name }) => name)).toEqual([
      'pg-test-primary',
      'pg-test-replica',
      'pg-test-default',
      'pg-test-offline',
    ])
    expect(services?.[1]).toEqual({
      name: 'pg-test-replica',
      port: 5434,
      check: '/read-only',
      servers: ['pg-test-1', 'pg-test-2', 'pg-test-3'],
      backups: ['pg-test-2'],
    })
  })
})

describe('servers', () => {
  test('selected members in selector order, then the members of last resort', () => {
    const text = fileOf(
      'pg_default_services: []\npg_services: [ { name: s, port: 6000, selector: "reverse([? pg_seq > `1`])", backup: "[]" } ]',
    )
    expect(serversIn(text).map((line) => line.replace(/ \S+:.*weight 100/, ''))).toEqual([
      'server pg-test-3 backup',
      'server pg-test-2 backup',
      'server pg-test-1 backup',
    ])
  })

  test('a selector is evaluated on behalf of the host that renders', () => {
    const files = filesOf(
      planOf(
        inventoryOf(
          clusterText(
            'pg_default_services: []\npg_services: [ { name: s, port: 6000, selector: "[? zone == \'{{ zone }}\']" } ]',
            ['zone: a', 'zone: b', 'zone: a'],
          ),
        ),
      ),
    )
    expect(serversIn(files['10.10.10.11/pg-test-s.cfg'])).toHaveLength(2)
    expect(serversIn(files['10.10.10.12/pg-test-s.cfg'])).toHaveLength(1)
  })

  test('ports, weight and TLS come from the member, never from role defaults', () => {
    const loaded = inventoryOf(
      clusterText('', ['pg_port: 5431, pg_weight: 50, patroni_port: 8009, patroni_ssl_enabled: "yes"']),
      {
        defaults: 'pg_port: 1\npg_weight: 1\npatroni_port: 1\npg_default_service_dest: postgres',
      },
    )
    expect(serversIn(filesOf(planOf(loaded))['10.10.10.12/pg-test-primary.cfg']).slice(0, 2)).toEqual([
      'server pg-test-1 10.10.10.11:5431 check-ssl ca-file /pg/cert/ca.crt check port 8009 weight 50',
      'server pg-test-2 10.10.10.12:5432 check port 8008 weight 100',
    ])
  })

  test.each([
    ['dest: postgres', '5432'],
    ['dest: pgbouncer', '6432'],
    ['dest: default', '6432'],
    ['dest: 1433', '1433'],
    ['', '6432'],
    ['dest: "{{ pg_port_of_mine }}"', '9999'],
  ])('{ %s } leads to port %s', (dest, port) => {
    const text = fileOf(`${service(dest)}\npg_port_of_mine: 9999`)
    expect(serversIn(text)[0]).toContain(`10.10.10.11:${port} `)
  })

  test.each(['dest: "1433"', 'dest: "{{ pg_port_of_mine + 1 }}"', 'dest: Postgres', 'dest: '])(
    '{ %s }, which Pigsty sends to 5432 in silence, is refused',
    (dest) => {
      const code = dest === 'dest: ' ? 'FIELD_NULL' : 'DEST_INVALID'
      expect(fileOf(`${service(dest)}\npg_port_of_mine: 9999`)).toBe(code)
    },
  )

  test('check_port and check_code are used', () => {
    const text = fileOf(service('check_port: 9999, check_code: 206'))
    expect(text).toContain('http-check expect status 206\n')
    expect(serversIn(text)[0]).toContain(' check port 9999 ')
  })
})

describe('the mirror', () => {
  test.each([
    ['dest: "1433"', ':5432 '],
    ['dest: Postgres', ':5432 '],
    ['dest: ', ':5432 '],
    ['dest: 1433.0', ':1433.0 '],
    ['maxconn: ', 'maxconn\n'],
    ['check: ', 'http-check send meth OPTIONS uri\n'],
    ['check: no', 'http-check send meth OPTIONS uri False\n'],
    ['check_code: 206', 'http-check expect status 200\n'],
    ['check_port: 9999', 'weight 100\n'],
    ['options: "a  b # c"', 'default-server a b\n'],
  ])('{ %s } is printed as Pigsty prints it', (fields, expected) => {
    expect(fileOf(service(fields), true)).toContain(expected)
  })

  test('fast timings are printed with the fraction that HAProxy refuses; we print milliseconds', () => {
    expect(fileOf(`${service('')}\npg_rto: fast`, true)).toContain(
      'default-server inter 1s fastinter 0.5s downinter 1s ',
    )
    expect(fileOf(`${service('')}\npg_rto: fast`)).toContain(
      'default-server inter 1s fastinter 500ms downinter 1s ',
    )
  })

  test('an unknown mode means norm, without norm the service fails', () => {
    expect(fileOf(`${service('')}\npg_rto: 30`)).toContain('inter 2s fastinter 1s downinter 2s ')
    expect(fileOf(`${service('')}\npg_rto_plan: { wide: [1,2,3,4,5,4s,2s,4s,3,3] }`, true)).toBe(
      'RTO_INVALID',
    )
    expect(fileOf(`${service('options: "inter 1s"')}\npg_rto_plan: { }`)).toContain(
      'default-server inter 1s\n',
    )
  })

  test.each([
    ['the mode has too few values', 'pg_rto_plan: { norm: [1, 2, 3] }'],
    ['there is no norm', 'pg_rto_plan: { }'],
  ])('when %s, the template fails even for a service with options of its own', (_what, plan) => {
    expect(fileOf(`${service('options: "inter 1s"')}\n${plan}`, true)).toBe('RTO_INVALID')
  })

  test('null in a plan is printed as None, and a text is taken by its characters', () => {
    const timings = (mode: string) => fileOf(`${service('')}\npg_rto_plan: { norm: ${mode} }`, true)
    expect(timings('[1,2,3,4,5,1s,null,2s,yes,1.5]')).toContain(
      'inter 1s fastinter None downinter 2s rise True ',
    )
    expect(timings('abcdefghij')).toContain('inter f fastinter g downinter h rise i fall j ')
  })

  test('before 4.0 a plan in the inventory means nothing', () => {
    const vars = `${service('')}\nversion: v3.5.0\npg_rto_plan: { norm: [1,2,3,4,5,6s,7s,8s,9,10] }`
    expect(fileOf(vars, true)).toContain('default-server inter 3s fastinter 1s downinter 5s ')
  })

  test('a default destination of null leads to 5432, one that refers to nothing to the own port', () => {
    const port = (dest: string) =>
      fileOf(`${service('dest: default')}\npg_port: 7000\npg_default_service_dest: ${dest}`, true)
    expect(port('')).toContain(' 10.10.10.11:5432 ')
    expect(port('"{{ nosuch }}"')).toContain(' 10.10.10.11:7000 ')
  })

  test.each([
    ['127.0.0.1', ['127.0.0.1', 'other', '127.0.0.1'], ['127.0.0.1', 'other']],
    ['localhost', ['localhost', 'other'], ['localhost', 'other']],
  ])('Ansible shows the member %s to selectors as localhost too', (name, mirrored, checked) => {
    const text = clusterText(service(''))
      .replace('10.10.10.11:', `${name}:`)
      .replace(/ +10.10.10.13.*\n/, '')
    const servers = (strict: boolean) =>
      serversIn(filesOf(planOf(inventoryOf(text), { strict }))[`${name}/pg-test-s.cfg`]).map((line) =>
        (line.split(' ')[2] ?? '').replace(/:\d+$/, '').replace('10.10.10.12', 'other'),
      )
    expect(servers(true)).toEqual(mirrored)
    expect(servers(false)).toEqual(checked)
  })

  test('an empty backup selector fails', () => {
    expect(fileOf(service('backup: ""'), true)).toBe('SELECTOR_INVALID')
  })

  test('of two services with one name the earlier stays when the later fails', () => {
    const vars =
      'pg_default_services: [ { name: s, port: 1, selector: "[]" } ]\npg_services: [ { name: s, port: 2, selector: "[" } ]'
    expect(fileOf(vars, true)).toContain('bind *:1\n')
    expect(fileOf(vars.replace('"["', '"[]"'), true)).toContain('bind *:2\n')
  })

  test('a date anywhere in the services fails them all', () => {
    expect(fileOf(service('note: [ { since: 2024-01-02 } ]'), true)).toBe('SERVICES_INVALID')
    expect(fileOf(service('note: "2024-01-02"'), true)).toContain('bind *:6000\n')
  })

  test.each(['pg_seq', 'pg_role'])('before 4.5 a member without %s writes nothing itself', (name) => {
    const text = clusterText(`version: v4.4.0\n${service('')}`.replace('"[]"', '"[0:1]"'))
    const plan = planOf(inventoryOf(text.replace(new RegExp(`(10.10.10.12: .*)${name}: \\w+`), '$1x: 1')), {
      strict: true,
    })
    expect(Object.keys(filesOf(plan))).toEqual(['10.10.10.11/pg-test-s.cfg', '10.10.10.13/pg-test-s.cfg'])
    expect(plan.problems.map(({ code, at }) => [code, at?.line])).toEqual([['MEMBER_INVALID', 6]])
  })

  test('a service that fails leaves the others on disk, with an error', () => {
    const loaded = inventoryOf(
      clusterText(
        'pg_services: [ { name: bad, port: 6000, selector: "[" }, { name: good, port: 6001, selector: "[]" } ]',
      ),
    )
    const plan = planOf(loaded, { strict: true })
    expect(Object.keys(filesOf(plan))).toContain('10.10.10.11/pg-test-good.cfg')
    expect(plan.problems.map(({ code, severity }) => [code, severity])).toEqual([
      ['SELECTOR_INVALID', 'error'],
    ])
    expect(planOf(loaded).owners).toEqual([])
  })

  test('identity is checked from 4.5 on', () => {
    const text = (version: string) =>
      clusterText(`version: ${version}`).replace('pg_role: primary', 'pg_role: replica')
    const codes = (version: string) =>
      planOf(inventoryOf(text(version)), { strict: true }).problems.map(({ code }) => code)
    expect(codes('v4.5.0')).toEqual(['IDENTITY_INVALID'])
    expect(codes('v4.4.0')).toEqual([])
  })

  test('sort_by on text fails in Ansible and works here', () => {
    const vars =
      'pg_default_services: []\npg_services: [ { name: s, port: 6000, selector: "sort_by(@, &pg_role)" } ]'
    expect(fileOf(vars, true)).toBe('SELECTOR_FAILED')
    expect(serversIn(fileOf(vars))).toHaveLength(3)
  })
})

describe('facts', () => {
  test.each([
    ['[? pg_is_primary ]', 1],
    ['[? pg_instance == `pg-test-2` ]', 1],
    ['[? nodename == `pg-test-3` && node_cluster == `pg-test` ]', 1],
    ['[? pg_shard == `pg-test` && pg_service == `pg-test-replica` ]', 2],
    // The playbook turns it into text.
    ['[? pg_group == `7` ]', 0],
    ["[? pg_group == '7' ]", 3],
    ["[? pg_cluster_size == '3' && length(pg_cluster_members) == `3` ]", 3],
  ])('%s finds %i members', (selector, count) => {
    const vars = service('').replace('"[]"', JSON.stringify(selector))
    for (const strict of [true, false]) {
      expect(serversIn(fileOf(`${vars}\npg_group: 7`, strict))).toHaveLength(count)
    }
  })

  test('they follow the leader, and hide variables of the same name', () => {
    const vars = service('').replace('"[]"', '"[? pg_is_primary ]"')
    const plan = planOf(inventoryOf(clusterText(`${vars}\npg_is_primary: false`)))
    expect(serversIn(filesOf(plan, 'pg-test-2')['10.10.10.11/pg-test-s.cfg'])[0]).toContain('10.10.10.12:')
  })

  test('services can refer to them, those of nodes too', () => {
    expect(fileOf(service('ip: "{{ pg_instance }}.local"'))).toContain('bind pg-test-1.local:6000\n')
    const node = inventoryOf(
      'all: { hosts: { h: { haproxy_services: [ { name: "{{ node_cluster }}", port: 80, servers: [] } ] } } }',
    )
    expect(Object.keys(filesOf(planOf(node)))).toEqual(['h/nodes.cfg'])
  })
})

describe('what is refused', () => {
  test.each([
    ['dest: Postgres', 'DEST_INVALID'],
    ['dest: ', 'FIELD_NULL'],
    ['dest: 70000', 'PORT_RANGE'],
    ['maxconn: ', 'FIELD_NULL'],
    ['maxconn: 1.5', 'FIELD_TYPE'],
    ['check: no', 'FIELD_TYPE'],
    ['check: "/a b"', 'CHECK_INVALID'],
    ['ip: ', 'FIELD_NULL'],
    ['balance: "roundrobin\\nmode http"', 'TEXT_BREAKS_LINE'],
    ['options: "inter 1s # fast"', 'TEXT_BREAKS_LINE'],
    ['options: "\\"open"', 'TEXT_BREAKS_LINE'],
    ['check_code: ok', 'CHECK_INVALID'],
    ['src_port: 5433', 'BOTH_WORDS'],
    ['backup: "["', 'SELECTOR_INVALID'],
    ['backup: "[0]"', 'SELECTOR_NOT_MEMBERS'],
    ['backup: "[].pg_seq"', 'SELECTOR_NOT_MEMBERS'],
    ['balance: "{{ nosuch }}"', 'TEMPLATE_UNDEFINED'],
  ])('{ %s } is %s', (fields, code) => {
    expect(fileOf(service(fields))).toBe(code)
  })

  test.each([
    ['pg_services: [ { port: 6000, selector: "[]" } ]', 'FIELD_MISSING'],
    ['pg_services: [ { name: s, selector: "[]" } ]', 'FIELD_MISSING'],
    ['pg_services: [ { name: s, port: 6000 } ]', 'FIELD_MISSING'],
    ['pg_services: [ { name: off, port: 6000, selector: "[]" } ]', 'FIELD_TYPE'],
    ['pg_services: [ { name: a/b, port: 6000, selector: "[]" } ]', 'NAME_REFUSED'],
    ['pg_services: [ { name: s, port: 70000, selector: "[]" } ]', 'PORT_RANGE'],
    ['pg_services: [ { name: s, port: 6000, selector: "[? pg_seq > \'1\' ]" } ]', 'SELECTOR_FAILED'],
    ['pg_services: { name: s }', 'SERVICES_INVALID'],
    ['pg_services: [ text ]', 'SERVICES_INVALID'],
    ['pg_services_extra: [ { name: s } ]', 'FIELD_MISSING'],
    ['pg_services: [ { name: s, port: 5433, selector: "[]" } ]', 'PORT_CLASH'],
    ['pg_port: 0', 'PORT_RANGE'],
    ['pg_weight: 256', 'WEIGHT_RANGE'],
  ])('%s is %s, once for all nodes and leaders', (vars, code) => {
    const plan = planOf(inventoryOf(clusterText(vars)))
    const codes = [...new Set(plan.problems.map((problem) => problem.code))]
    expect(codes).toEqual([code])
    expect(plan.owners).toEqual([])
  })

  test('an error says where it stands', () => {
    const plan = planOf(
      inventoryOf(clusterText('pg_services:\n  - { name: s, port: 6000, selector: "[]", check: no }')),
    )
    expect(plan.problems).toEqual([
      {
        owner: 'pg-test',
        severity: 'error',
        code: 'FIELD_TYPE',
        message: 'service s of pg-test: check must be text, not False',
        at: { file: 'pigsty.yml', line: 11, column: 59 },
        hint: 'put the word into quotes if it is meant as text',
      },
    ])
  })

  test('a fault that only shows when another leads is an error too, and says so', () => {
    const vars =
      'pg_services: [ { name: s, port: 6000, selector: "[? pg_role == \'primary\' && zone > `0`]" } ]'
    const plan = planOf(
      inventoryOf(
        clusterText(
          vars,
          ['', 'zone: a', 'zone: a'].map((text) => text || 'x: 1'),
        ),
      ),
    )
    expect(plan.problems.map(({ message }) => message.slice(message.indexOf(' (while')))).toEqual([
      ' (while pg-test-2 leads)',
      ' (while pg-test-3 leads)',
    ])
  })

  test.each([
    ['pg_seq: 2', 'pg_seq: 1', /taken by host/],
    ['pg_seq: 2', 'pg_seq: "01"', /taken by host/],
    ['pg_seq: 2', 'pg_seq: two', /must be a number/],
    ['pg_role: primary', 'pg_role: replica', /has no primary/],
    ['pg_role: primary', 'pg_role: leader', /has no primary|must be one of/],
    [
      'pg_seq: 2, pg_role: replica',
      'pg_seq: 2, pg_role: primary',
      /several primaries: 10.10.10.11, 10.10.10.12/,
    ],
    ['pg_cluster: pg-test', 'pg_cluster: pg_test', /not a name for a cluster/],
    ['pg_cluster: pg-test', 'pg_cluster: root', /not a name for a cluster/],
  ])('an identity with %s → %s', (from, to, message) => {
    const plan = planOf(inventoryOf(clusterText().replace(from, to)))
    expect(plan.problems.map((problem) => problem.message).join('\n')).toMatch(message)
    expect(plan.owners).toEqual([])
  })

  test('an error in one cluster refuses that cluster alone', () => {
    const plan = planOf(
      inventoryOf(
        `${clusterText('pg_services: 5')}    pg-ok: { hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-ok } }\n`,
      ),
    )
    expect(plan.owners.map(({ owner }) => owner)).toEqual(['pg-ok'])
    expect(plan.problems.map(({ owner }) => owner)).toEqual(['pg-test'])
  })

  const shared = (ports: string) => `
all:
  children:
    proxy: { hosts: { p1: } , vars: { haproxy_services: [ { name: own, port: 9000, servers: [] } ] } }
    a: { hosts: { a1: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: a, pg_service_provider: proxy, pg_default_services: [ { name: b-c, port: ${ports}, selector: "[]" } ] } }
    a-b: { hosts: { b1: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: a-b, pg_service_provider: proxy, pg_default_services: [ { name: d, port: 6000, selector: "[]" } ] } }
`

  test('two owners on one port of a node are both refused, the others are not', () => {
    const plan = planOf(inventoryOf(shared('6000')))
    expect(plan.owners.map(({ owner }) => owner)).toEqual(['node:p1'])
    expect(plan.problems.map(({ owner, code }) => [owner, code])).toEqual([
      ['a', 'PORT_CLASH'],
      ['a-b', 'PORT_CLASH'],
    ])
    expect(planOf(inventoryOf(shared('6001'))).problems).toEqual([])
    expect(planOf(inventoryOf(shared('9000'))).owners.map(({ owner }) => owner)).toEqual(['a-b'])
  })

  test.each([
    ['10.0.0.1', '10.0.0.1', 2],
    ['10.0.0.1', '10.0.0.2', 0],
    ['10.0.0.1', '*', 2],
  ])('one port on %s and %s gives %i clashes', (a, b, clashes) => {
    const text = shared(`6000, ip: '${a}'`).replace('name: d, port: 6000', `name: d, port: 6000, ip: '${b}'`)
    expect(planOf(inventoryOf(text)).problems).toHaveLength(clashes)
  })

  test('a clash with an owner that is not asked for counts too', () => {
    const plan = planOf(inventoryOf(shared('6000')), { owners: new Set(['a']), node: false })
    expect(plan.problems.map(({ owner, code }) => [owner, code])).toEqual([['a', 'PORT_CLASH']])
  })

  test('two owners that would write the same file are both refused', () => {
    const plan = planOf(inventoryOf(shared('6001').replace('name: d', 'name: c')), { node: false })
    expect(plan.problems.map(({ code }) => code)).toEqual(['NAME_CLASH', 'NAME_CLASH'])
  })
})

describe('haproxy_services', () => {
  const node = (vars: string, strict = false) =>
    planOf(inventoryOf(`all: { hosts: { h: { ${vars} } } }`), { strict })

  test('a section for each, with the options as lines', () => {
    const plan = node(
      'haproxy_services: [ { name: web, ip: 10.0.0.1, port: 80, protocol: http, options: [ option httpchk, "http-check expect status 200" ], servers: [ { name: a, ip: 10.0.0.2, port: 8080, backup: yes, weight: 50, options: check } ] } ]',
    )
    expect(filesOf(plan)['h/web.cfg']).toBe(`listen web
bind 10.0.0.1:80
mode http
maxconn 10000
balance roundrobin
option httpchk
http-check expect status 200
load-server-state-from-file local
server-state-file-name /run/pgsvc/server-state/web
default-server inter 3s fastinter 1s downinter 5s rise 3 fall 3 on-marked-down shutdown-sessions slowstart 30s maxconn 3000 maxqueue 128 weight 100
server a 10.0.0.2:8080 backup weight 50 check
`)
    expect(plan.owners[0]).toMatchObject({
      owner: 'node:h',
      leader: '',
      provider: '',
      nodes: [{ node: 'h', variants: [{ leader: '' }] }],
    })
  })

  test.each([
    ['backup: "no"', 'server a 10.0.0.2:1'],
    ['weight: 0', 'server a 10.0.0.2:1 weight 0'],
  ])('a server with { %s } is %j', (fields, line) => {
    const plan = node(
      `haproxy_services: [ { name: w, port: 80, servers: [ { name: a, ip: 10.0.0.2, port: 1, ${fields} } ] } ]`,
    )
    expect(serversIn(filesOf(plan)['h/w.cfg'])).toEqual([line])
  })

  test.each(['no', 'null', '"off"'])('none when haproxy_enabled is %s', (value) => {
    expect(
      node(`haproxy_enabled: ${value}, haproxy_services: [ { name: w, port: 80, servers: [] } ]`).owners,
    ).toEqual([])
  })

  test('in the mirror a service that fails leaves the others, and options are looped over', () => {
    const services = (fields: string) =>
      node(
        `haproxy_services: [ { name: bad, port: 80 }, { name: w, port: 80, servers: [], options: ${fields} } ]`,
        true,
      )
    expect(Object.keys(filesOf(services('[]')))).toEqual(['h/w.cfg'])
    expect(services('[]').problems.map(({ code }) => code)).toEqual(['FIELD_MISSING'])
    expect(filesOf(services('ab'))['h/w.cfg']).toContain('balance roundrobin\na\nb\ndefault-server')
    expect(filesOf(services('{ c: 1 }'))['h/w.cfg']).toContain('balance roundrobin\nc\ndefault-server')
    expect(services('5').problems.map(({ code }) => code)).toEqual(['FIELD_MISSING', 'FIELD_TYPE'])
  })

  test('in the mirror services that refer to nothing are skipped with a warning, a switch that does fails', () => {
    const text = 'haproxy_services: [ { name: "{{ nosuch }}", port: 80, servers: [] } ]'
    const severities = (vars: string, strict: boolean) =>
      node(vars, strict).problems.map(({ severity }) => severity)
    expect(severities(text, true)).toEqual(['warning'])
    expect(severities(text, false)).toEqual(['error'])
    expect(severities(`haproxy_enabled: "{{ nosuch }}", ${text}`, true)).toEqual(['error'])
  })

  test('a node asked for by name is planned though it has none', () => {
    const plan = planOf(inventoryOf('all: { hosts: { h: } }'), { owners: new Set(['node:h']) })
    expect(plan.owners[0]?.nodes[0]?.variants[0]?.files).toEqual([])
  })

  test.each([
    '{ name: w, port: 80 }',
    '{ name: w, port: 80, servers: [ { name: a, ip: 1.2.3.4 } ] }',
    '{ name: w, port: 80, servers: [], options: [ "a\\nb" ] }',
  ])('%s is refused', (text) => {
    const plan = node(`haproxy_services: [ ${text} ]`)
    expect(plan.owners).toEqual([])
    expect(plan.problems.map(({ owner, severity }) => [owner, severity])).toEqual([['node:h', 'error']])
  })
})
