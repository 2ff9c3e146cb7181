/** Order of servers: where Ansible first sees a host decides. Section 2 of the observations. */
import { describe, expect, test } from 'vitest'
import { filesOf, inventoryOf, planOf, serversIn } from '../support/inventory.ts'

/** Names of a service's servers as they are written, backups with a star. */
function servers(text: string, node: string, file: string): string[] {
  return serversIn(filesOf(planOf(inventoryOf(text)))[`${node}/${file}`]).map(
    (line) => `${line.split(' ')[1]}${/ backup\b/.test(line) ? '*' : ''}`,
  )
}

const order = (text: string) => [...inventoryOf(text).inventory.hosts.keys()]

const pgTest = (hosts: string, vars = '') => `
    pg-test:
      vars: { pg_cluster: pg-test ${vars} }
      hosts: { ${hosts} }`
const member = (i: number, role: string) => `10.10.10.1${i}: { pg_seq: ${i}, pg_role: ${role} }`
const three = [member(1, 'primary'), member(2, 'replica'), member(3, 'replica')].join(', ')

describe('members come in the order in which the inventory first names them', () => {
  test('a host of an earlier group keeps that place', () => {
    const etcd = '    etcd: { hosts: { 10.10.10.11: , 10.10.10.13: , 10.10.10.12: } }'
    const text = `all:\n  children:\n${etcd}${pgTest(three)}\n`
    expect(servers(text, '10.10.10.11', 'pg-test-primary.cfg')).toEqual([
      'pg-test-1',
      'pg-test-3',
      'pg-test-2',
    ])
  })

  test('without an earlier group it is the order of the cluster itself', () => {
    expect(servers(`all:\n  children:${pgTest(three)}\n`, '10.10.10.11', 'pg-test-primary.cfg')).toEqual([
      'pg-test-1',
      'pg-test-2',
      'pg-test-3',
    ])
  })

  test('neither addresses nor sequence numbers sort them', () => {
    const hosts = [
      '10.10.10.13: { pg_seq: 9, pg_role: replica }',
      '10.10.10.2: { pg_seq: 1, pg_role: primary }',
      '10.10.10.11: { pg_seq: 5, pg_role: replica }',
    ].join(', ')
    expect(servers(`all:\n  children:${pgTest(hosts)}\n`, '10.10.10.2', 'pg-test-primary.cfg')).toEqual([
      'pg-test-9',
      'pg-test-1',
      'pg-test-5',
    ])
  })

  test.each([
    ['hosts before children', 'all: { hosts: { z: }, children: { g: { hosts: { a: } } } }', ['z', 'a']],
    ['children before hosts', 'all: { children: { g: { hosts: { a: } } }, hosts: { z: } }', ['a', 'z']],
    [
      'a group below a group, in place',
      'g: { hosts: { b: }, children: { h: { hosts: { a: } } } }\ni: { hosts: { c: } }',
      ['b', 'a', 'c'],
    ],
    [
      'ranges from left to right',
      'g: { hosts: { "n[3:4]x[a:b]": , m: } }',
      ['n3xa', 'n3xb', 'n4xa', 'n4xb', 'm'],
    ],
    ['a host seen again', 'g: { hosts: { b: , a: } }\nh: { hosts: { c: , a: , b: } }', ['b', 'a', 'c']],
  ])('%s', (_what, text, expected) => {
    expect(order(text)).toEqual(expected)
  })
})

describe('selected members and the ones of last resort', () => {
  const service = (selector: string, backup: string) =>
    `, pg_services: [ { name: s, port: 5440, check: /x, selector: "${selector}", backup: "${backup}" } ]`

  test('a member that both selectors name is a backup in its place', () => {
    const text = `all:\n  children:${pgTest(three, service('[]', "[? pg_role == 'primary']"))}\n`
    expect(servers(text, '10.10.10.11', 'pg-test-s.cfg')).toEqual(['pg-test-1*', 'pg-test-2', 'pg-test-3'])
  })

  test('members that only the backup selector names come last, in its order', () => {
    const text = `all:\n  children:${pgTest(three, service("[? pg_role == 'primary']", 'reverse(@)'))}\n`
    expect(servers(text, '10.10.10.11', 'pg-test-s.cfg')).toEqual(['pg-test-1*', 'pg-test-3*', 'pg-test-2*'])
  })

  test('selected members come in the order of the selector', () => {
    const text = `all:\n  children:${pgTest(three, service('reverse(@)', '[]|[:0]'))}\n`
    expect(servers(text, '10.10.10.11', 'pg-test-s.cfg')).toEqual(['pg-test-3', 'pg-test-2', 'pg-test-1'])
  })
})
