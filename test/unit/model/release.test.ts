/** What an inventory says about its release, and what depends on it. */
import { describe, expect, test } from 'vitest'
import { releaseOf } from '../../../controller/model/release.ts'
import { clusterText, filesOf, inventoryOf, planOf, viewOf } from '../../support/inventory.ts'

const today = 'pg_default_services: []\npg_rto: norm\npg_rto_plan: { norm: [1,2,3,4,5,6s,7s,8s,9,10] }'
const third = 'pg_default_services: []\npg_rto: 30'

describe('the release', () => {
  test.each([
    ['version: v3.5.0', today, '4.5'],
    ['version: v4.1.0', today, '4.1'],
    ['version: v1.5.1', today, '1.5'],
    ['version: v4.5.0', third, '3.5'],
    ['version: v2.7.0', third, '2.7'],
    ['version: v4.5.0', 'pg_weight: 100', '4.5'],
    ['version: v1.5.1', '{}', '1.5'],
    ['version: 2.0', '{}', '2.0'],
    ['version: "v3.5.0"\npg_services_extra: []', '{}', '3.5'],
    ['pg_services_extra: []', 'pg_rto_plan: {}', '1.5'],
    ['', 'pg_rto_plan: {}', '4.5'],
    ['', 'pg_weight: 100', '3.5'],
    ['version: latest', 'pg_rto_plan: {}', '4.5'],
  ])('of %j with the defaults %j is %s', (vars, defaults, release) => {
    const loaded = inventoryOf(clusterText(vars), { defaults })
    const { major, minor } = releaseOf(viewOf(loaded, '10.10.10.11'), loaded.defaults)
    expect(`${major}.${minor}`).toBe(release)
  })
})

test.each([
  ['v2.0.0', ' weight 100 9999\n'],
  ['v3.4.1', ' weight 100 9999\n'],
  ['v3.5.0', ' weight 100\n'],
  ['v4.5.0', ' weight 100\n'],
])('the mirror of %s puts a numeric check_port where that release did', (version, text) => {
  const services = 'pg_services: [ { name: s, port: 6000, selector: "[]", check_port: 9999 } ]'
  const loaded = inventoryOf(clusterText(`version: ${version}\n${services}`))
  const line = filesOf(planOf(loaded, { strict: true }))['10.10.10.11/pg-test-s.cfg']
  expect(line).toContain(text)
})

test('an inventory that kept its version through an upgrade gets the timings of the release that is installed', () => {
  const services = 'pg_services: [ { name: s, port: 6000, selector: "[]" } ]'
  const loaded = inventoryOf(clusterText(`version: v3.5.0\n${services}`), { defaults: today })
  for (const strict of [true, false]) {
    const file = filesOf(planOf(loaded, { strict }))['10.10.10.11/pg-test-s.cfg']
    expect(file).toContain('inter 6s fastinter 7s downinter 8s rise 9 fall 10 ')
  }
})

test('a plan that is of no use to the release is not looked at', () => {
  const services = 'pg_services: [ { name: s, port: 6000, selector: "[]" } ]'
  const loaded = inventoryOf(clusterText(`version: v3.5.0\npg_rto_plan: "{{ nosuch }}"\n${services}`))
  expect(planOf(loaded, { strict: false }).problems).toEqual([])
})

describe("the mirror of a node's services", () => {
  const service = (version: string, extra: string, strict: boolean) => {
    const own = `{ name: w, port: 80, servers: [], ${extra} }`
    const text = `all: { vars: { version: ${version} }, hosts: { h: { haproxy_services: [ ${own} ] } } }`
    return filesOf(planOf(inventoryOf(text), { strict }))['h/w.cfg']
  }
  const lines = (maxconn: string, balance: string) => `maxconn ${maxconn}\nbalance ${balance}\n`

  test.each(['v2.0.2', 'v2.7.0', 'v3.5.0', 'v3.7.0'])('of %s has their limits in haproxy', (version) => {
    const flat = 'maxconn: 7, balance: leastconn'
    expect(service(version, flat, true)).toContain(lines('10000', 'roundrobin'))
    expect(service(version, `haproxy: { ${flat} }`, true)).toContain(lines('7', 'leastconn'))
    expect(service(version, 'haproxy: { balance: null }', true)).toContain('balance\n')
    for (const odd of ['null', 'text', '[ 1 ]', '{ options: 5 }'])
      expect(service(version, `haproxy: ${odd}`, true)).toContain(lines('10000', 'roundrobin'))
  })

  test.each(['v4.0.0', 'v4.5.0'])('of %s has them in the service', (version) => {
    const flat = 'maxconn: 7, balance: leastconn'
    expect(service(version, flat, true)).toContain(lines('7', 'leastconn'))
    expect(service(version, `haproxy: { ${flat} }`, true)).toContain(lines('10000', 'roundrobin'))
  })

  test('what is published means both, whatever the release', () => {
    for (const extra of ['maxconn: 7, balance: leastconn', 'haproxy: { maxconn: 7, balance: leastconn }'])
      expect(service('v3.5.0', extra, false)).toContain(lines('7', 'leastconn'))
  })
})

describe('members that are handed on as text', () => {
  const cluster = (version: string, variable: string) => {
    const services = 'pg_services: [ { name: s, port: 6000, selector: "[]" } ]'
    const text = clusterText(`version: ${version}\npg_weight: 50\n${services}`, ['', variable])
    const plan = planOf(inventoryOf(text, { defaults: 'only_in_roles: 1\npg_rto: norm' }), { strict: true })
    const codes = new Set(plan.problems.map(({ code }) => code))
    return `${Object.keys(filesOf(plan)).some((file) => file.endsWith('-s.cfg'))} ${[...codes].join(' ')}`.trim()
  }

  test.each([
    ['day: 2024-01-02'],
    ['limit: .inf'],
    ['name: "{{ nosuch }}"'],
    ['list: [ { name: "{{ nosuch }}" } ]'],
  ])('are lost before 4.5 with { %s }, and 4.5 does not mind', (variable) => {
    for (const version of ['v2.7.0', 'v3.5.0', 'v4.4.0'])
      expect(cluster(version, variable)).toBe('false MEMBER_UNREADABLE')
    expect(cluster('v4.5.0', variable)).toBe('true')
  })

  test.each([
    ['name: "{{ only_in_roles }}"'],
    ['a: !unsafe "{{ x }}", b: "{{ nosuch }}"'],
    ['a: "{{ pg_weight | to_json }}"'],
    ['a: "it\'s # {x} %}"'],
  ])('survive with { %s }', (variable) => {
    for (const version of ['v3.5.0', 'v4.4.0']) expect(cluster(version, variable)).toBe('true')
  })

  test('a circle of variables loses them too', () => {
    expect(cluster('v3.5.0', 'a: "{{ b }}", b: "{{ a }}"')).toBe('false TEMPLATE_CYCLE')
  })
})

test.each(['123', '1.5', 'yes', '0x10'])('a pg_cluster %s that is no text is refused', (name) => {
  const services = 'pg_services: [ { name: s, port: 6000, selector: "[]" } ]'
  for (const version of ['v1.5.1', 'v3.5.0', 'v4.5.0'])
    for (const strict of [true, false]) {
      const text = clusterText(`version: ${version}\n${services}`).replace(': pg-test\n', `: ${name}\n`)
      const plan = planOf(inventoryOf(text), { strict })
      expect(filesOf(plan)).toEqual({})
      const { code, message, at, hint } = plan.problems[0] ?? {}
      expect(code).toBe('IDENTITY_INVALID')
      expect(message).toContain(' is no text')
      expect(at).toMatchObject({ file: 'pigsty.yml', line: 9 })
      expect(hint).toContain('pg_cluster: "')
    }
})
