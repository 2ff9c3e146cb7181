/** Every fault of a definition has a code of its own, a place, and a hint. */
import { describe, expect, test } from 'vitest'
import { clusterText, inventoryOf, planOf } from '../../support/inventory.ts'

function service(fields: string) {
  return planOf(
    inventoryOf(clusterText(`pg_services: [ { name: s, port: 6000, selector: "[]", ${fields} } ]`)),
  ).problems
}

function node(fields: string) {
  const text = `haproxy_services: [ { name: w, port: 80, servers: [ { name: a, ip: 1.2.3.4, port: 80 } ], ${fields} } ]`
  return planOf(inventoryOf(`all: { hosts: { h: { ${text} } } }`)).problems
}

describe('a fault of a service', () => {
  test.each([
    ['port: 0', 'PORT_RANGE'],
    ['check_port: 65536', 'PORT_RANGE'],
    ['check_port: often', 'CHECK_INVALID'],
    ['maxconn: 0', 'NUMBER_RANGE'],
    ['maxconn: many', 'FIELD_TYPE'],
    ['maxconn: yes', 'FIELD_TYPE'],
    ['balance: [ a ]', 'FIELD_TYPE'],
    ['selector: ', 'FIELD_NULL'],
    ['selector: 5', 'SELECTOR_INVALID'],
    ['backup: ', 'FIELD_NULL'],
    ['ip: "1.2.3.4 5.6.7.8"', 'BIND_INVALID'],
    ['dest: "5432"', 'DEST_INVALID'],
    ['dest: 0', 'PORT_RANGE'],
    ['options: ""', 'TEXT_BREAKS_LINE'],
    ['options: inter 0.5s', 'DURATION_INVALID'],
    ['options: rise 2 slowstart', 'DURATION_INVALID'],
    ['options: inter 25d', 'DURATION_INVALID'],
    ['options: fastinter 2147483648', 'DURATION_INVALID'],
    ['options: downinter 0', 'DURATION_INVALID'],
    ['options: inter 1s weight 256', 'WEIGHT_RANGE'],
    ['options: weight -1', 'WEIGHT_RANGE'],
    ['name: "a b"', 'NAME_REFUSED'],
  ])('{ %s } is %s, with its place and a hint', (fields, code) => {
    const [problem, ...others] = service(fields)
    expect({ code: problem?.code, line: problem?.at?.line }).toEqual({ code, line: 10 })
    expect(problem?.hint).toMatch(/.../)
    expect(others).toEqual([])
  })

  test.each(['inter 24d', 'fastinter 2147483647', 'slowstart 0', 'inter 100us', 'weight 255'])(
    'options: %s are fine',
    (options) => {
      expect(service(`options: ${options}`)).toEqual([])
    },
  )

  test('a fraction comes with the same duration in whole units', () => {
    expect(service('options: inter 2s fastinter 0.5s').map(({ hint }) => hint)).toEqual([
      'write it in whole units: fastinter 500ms',
    ])
  })
})

describe('a fault of a member', () => {
  test.each([
    ['pg_weight: 256', 'WEIGHT_RANGE'],
    ['pg_weight: -1', 'WEIGHT_RANGE'],
    ['pg_weight: heavy', 'FIELD_TYPE'],
    ['pg_weight: 1.0', 'FIELD_TYPE'],
    ['pg_weight: ', 'FIELD_NULL'],
    ['patroni_port: 70000', 'PORT_RANGE'],
  ])('%s is %s', (vars, code) => {
    const problems = planOf(inventoryOf(clusterText(vars))).problems
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(problems[0]?.at?.line).toBe(10)
    expect(problems[0]?.hint).toMatch(/.../)
  })

  test.each(['0', '255', '"70"'])('a weight of %s is fine', (weight) => {
    expect(planOf(inventoryOf(clusterText(`pg_weight: ${weight}`))).problems).toEqual([])
  })
})

describe('a fault of haproxy_services', () => {
  test.each([
    ['servers: 5', 'FIELD_TYPE'],
    ['servers: [ 5 ]', 'FIELD_TYPE'],
    ['servers: [ { name: a, ip: 1.2.3.4, port: 80, weight: 256 } ]', 'WEIGHT_RANGE'],
    ['servers: [ { name: "a b", ip: 1.2.3.4, port: 80 } ]', 'NAME_REFUSED'],
    ['servers: [ { name: a, ip: 1.2.3.4, port: 80, options: inter 1.5s } ]', 'DURATION_INVALID'],
    ['servers: [ { name: a, ip: 1.2.3.4, port: 80, options: weight 300 } ]', 'WEIGHT_RANGE'],
    ['default: weight 256', 'WEIGHT_RANGE'],
    ['options: [ timeout client 0.5s ]', 'DURATION_INVALID'],
    ['options: [ "a # b" ]', 'TEXT_BREAKS_LINE'],
    ['default: inter 0.5s', 'DURATION_INVALID'],
    ['protocol: udp', 'FIELD_INVALID'],
  ])('{ %s } is %s', (fields, code) => {
    const problems = node(fields)
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(problems[0]?.at?.line).toBe(1)
    expect(problems[0]?.hint).toMatch(/.../)
  })
})
