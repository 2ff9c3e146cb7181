import { describe, expect, test } from 'vitest'
import { expandHosts } from '../../../controller/inventory/host-range.ts'
import { inventoryOf, valueIn } from '../../support/inventory.ts'

describe('order of hosts', () => {
  test('a host keeps the place where it is first seen, in whatever group', () => {
    const { inventory } = inventoryOf(`
all:
  children:
    etcd: { hosts: { c: , a: } }
    pg: { hosts: { a: , b: , c: } }
  hosts: { z: }
`)
    expect([...inventory.hosts.keys()]).toEqual(['c', 'a', 'b', 'z'])
  })

  test('children and hosts of a group are followed in the order in which they stand', () => {
    const { inventory } = inventoryOf(`
all:
  hosts: { z: }
  children:
    outer:
      children: { inner: { hosts: { i: } } }
      hosts: { o: }
`)
    expect([...inventory.hosts.keys()]).toEqual(['z', 'i', 'o'])
  })

  test('names that look like numbers do not change their places', () => {
    const { inventory } = inventoryOf('all: { hosts: { "10": , "9": , b: , "1": } }')
    expect([...inventory.hosts.keys()]).toEqual(['10', '9', 'b', '1'])
  })

  test.each([
    ['10.0.0.[1:3]', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['n[08:10]', ['n08', 'n09', 'n10']],
    ['n[0:6:3]x', ['n0x', 'n3x', 'n6x']],
    ['r[a:c]', ['ra', 'rb', 'rc']],
    ['r[a:b][1:2]', ['ra1', 'ra2', 'rb1', 'rb2']],
    ['n[:2]', ['n0', 'n1', 'n2']],
    ['n[3:2]', []],
    ['plain', ['plain']],
  ])('%s stands for %j', (pattern, expected) => {
    expect(expandHosts(pattern)).toEqual(expected)
  })

  test.each(['n[1:]', 'n[1]', 'n[01:3]', 'r[c:a]', 'n[a:3]', 'n[1:9:0]', 'n[1:9', 'n[0:9999999999]'])(
    '%s is refused',
    (pattern) => {
      expect(() => expandHosts(pattern)).toThrow(/range/)
    },
  )

  test.each([
    ['n[-1:1]', ['n-1', 'n0', 'n1']],
    ['n[3:1:-1]', ['n3']],
    ['n[5:1:-2]', ['n5', 'n3']],
    ['r[ab:cd]', ['ra', 'rb', 'rc']],
    ['r[a:c:-1]', []],
  ])('%s is read as Ansible reads it, odd as that is: %j', (pattern, expected) => {
    expect(expandHosts(pattern)).toEqual(expected)
  })

  test.each(['h|x[1:2]', 'n]1[', 'n[1:2:x]'])('%s is refused as well', (pattern) => {
    expect(() => expandHosts(pattern)).toThrow(/range/)
  })

  test.each([
    ['db1:22', 'db1', 22],
    ['[fe80::1]:22', 'fe80::1', 22],
    ['fe80::1', 'fe80::1', undefined],
    ['[db1]:33', 'db1', 33],
    ['h!:22', 'h!:22', undefined],
    ['h-:22', 'h-:22', undefined],
    ['db1:0', 'db1', undefined],
    ['a:1:2', 'a:1:2', undefined],
  ])('%s is host %s with port %s', (pattern, name, port) => {
    const loaded = inventoryOf(JSON.stringify({ all: { hosts: { [pattern]: null } } }))
    expect([...loaded.inventory.hosts.keys()]).toEqual([name])
    expect(valueIn(loaded, name, 'ansible_port')).toBe(port)
  })

  test('the port of the first appearance counts', () => {
    const loaded = inventoryOf('all: { hosts: { db1: }, children: { g: { hosts: { "db1:22": } } } }')
    expect(valueIn(loaded, 'db1', 'ansible_port')).toBeUndefined()
  })

  test('a port behind a host name is no part of it', () => {
    const loaded = inventoryOf('all: { hosts: { "db1:2222": , "fe80::1:22": } }')
    expect([...loaded.inventory.hosts.keys()]).toEqual(['db1', 'fe80::1:22'])
    expect(valueIn(loaded, 'db1', 'ansible_port')).toBe(2222)
  })
})

describe('groups', () => {
  test('a host in no group is ungrouped, and all holds everybody', () => {
    const { inventory } = inventoryOf('all: { hosts: { lone: }, children: { g: { hosts: { a: } } } }')
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['lone'])
    expect(inventory.groups.get('all')?.hosts.toSorted()).toEqual(['a', 'lone'])
    expect(inventory.hosts.get('a')?.groupNames).toEqual(['g'])
  })

  test('a group defined twice has the hosts and variables of both', () => {
    const loaded = inventoryOf(`
all: { children: { both: { children: { g: {} } }, g: { hosts: { a: }, vars: { x: 1 } } } }
g: { vars: { y: 2 } }
`)
    expect(loaded.inventory.groups.get('both')?.hosts).toEqual(['a'])
    expect([valueIn(loaded, 'a', 'x'), valueIn(loaded, 'a', 'y')]).toEqual([1, 2])
  })

  test.each([
    ['a: { children: { b: { children: { a: } } } }', /would contain itself/],
    ['[1, 2]', /mapping of groups/],
    ['g: { children: { ungrouped: } }', /ungrouped below group g/],
    ['all: { hosts: [a] }', /hosts of group all must be a mapping/],
    ['all: { hosts: { a: 5 } }', /variables of host a/],
    ['all: { hosts: { 5: } }', /must be text/],
    ['all:\n  hosts: { a: {}\n', /./],
  ])('%s is refused with its place', (text, message) => {
    expect(() => inventoryOf(text)).toThrow(message)
    expect(() => inventoryOf(text)).toThrow(
      expect.objectContaining({ at: expect.objectContaining({ file: 'pigsty.yml' }) }),
    )
  })

  test('ungrouped is left as soon as a host is in another group', () => {
    const { inventory } = inventoryOf(
      'all: { children: { ungrouped: { hosts: { a: } }, g: { hosts: { a: } } } }',
    )
    expect(inventory.hosts.get('a')?.groupNames).toEqual(['g'])
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual([])
  })

  test('variables of a host that is named like a group go to the group, with a warning', () => {
    const loaded = inventoryOf(
      'all: { children: { x: { vars: { v: 1 }, hosts: { y: } }, g: { hosts: { x: { v: 2 } } } } }',
    )
    expect(valueIn(loaded, 'y', 'v')).toBe(2)
    expect(valueIn(loaded, 'x', 'v')).toBeUndefined()
    expect(loaded.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('x is a group and a host'),
    ])
  })

  test('a lone host that is named like a group puts that group below ungrouped', () => {
    const loaded = inventoryOf('all: { children: { x: { hosts: { y: } } }, hosts: { x: } }')
    expect(loaded.inventory.hosts.get('x')?.groupNames).toEqual([])
    expect(loaded.inventory.hosts.get('y')?.groupNames).toEqual(['ungrouped', 'x'])
  })

  test.each([
    ['{ hosts: db1 }', ['db1']],
    ['{ children: { g: { hosts: db1 } } }', ['db1']],
    ['{ hosts: { a: [] , b: 0, c: 0.0 } }', ['a', 'b', 'c']],
    ['{ children: { g: { hosts: { a: } }, h: { children: { a: 5 } } } }', ['a']],
  ])('all: %s has %j', (body, expected) => {
    expect([...inventoryOf(`all: ${body}`).inventory.hosts.keys()]).toEqual(expected)
  })

  test.each([1.7, true, 'x', null, ' 7 ', '1_0'])(
    'a priority of %j is what Python makes of it',
    (priority) => {
      const text = JSON.stringify({ g: { vars: { ansible_group_priority: priority }, hosts: { a: null } } })
      const expected = new Map<unknown, number>([
        [1.7, 1],
        [true, 1],
        [' 7 ', 7],
        ['1_0', 10],
      ]).get(priority)
      if (expected === undefined) expect(() => inventoryOf(text)).toThrow(/ansible_group_priority/)
      else expect(inventoryOf(text).inventory.groups.get('g')?.priority).toBe(expected)
    },
  )

  test('an unknown section is skipped and said so', () => {
    const loaded = inventoryOf('all: { host: { a: }, hosts: { b: } }')
    expect(loaded.warnings.map(({ code }) => code)).toEqual(['INVENTORY_SKIPPED'])
    expect([...loaded.inventory.hosts.keys()]).toEqual(['b'])
  })
})

describe('which value counts', () => {
  const nested = `
all:
  vars: { v: all }
  children:
    top:
      vars: { v: top, ansible_group_priority: 50 }
      children: { deep: { vars: { v: deep }, hosts: { h: } } }
`
  test('a deep group beats any priority of a shallow one', () => {
    expect(valueIn(inventoryOf(nested), 'h', 'v')).toBe('deep')
  })

  test('the longest way from all is the depth of a group', () => {
    const loaded = inventoryOf(`
all:
  children:
    low: { vars: { v: low }, hosts: { h: } }
    one: { children: { two: { children: { low: {} } } } }
    zeta: { vars: { v: zeta }, hosts: { h: } }
`)
    expect(valueIn(loaded, 'h', 'v')).toBe('low')
  })

  test.each([
    ['a: { vars: { v: a }, hosts: { h: } }, b: { vars: { v: b }, hosts: { h: } }', 'b'],
    [
      'a: { vars: { v: a, ansible_group_priority: 2 }, hosts: { h: } }, b: { vars: { v: b }, hosts: { h: } }',
      'a',
    ],
    [
      'a: { vars: { v: a, ansible_group_priority: "10" }, hosts: { h: } }, b: { vars: { v: b, ansible_group_priority: 9 }, hosts: { h: } }',
      'a',
    ],
  ])('siblings go by priority, then by name: %s', (groups, expected) => {
    expect(valueIn(inventoryOf(`all: { children: { ${groups} } }`), 'h', 'v')).toBe(expected)
  })

  test('each source beats the ones before it', () => {
    const text = (host: string) =>
      `all: { vars: { v: 1 }, children: { g: { vars: { v: 2 }, hosts: { h: ${host} } } } }`
    const groupVars = { all: 'v: 3' }
    expect(valueIn(inventoryOf(text('{}')), 'h', 'v')).toBe(2)
    expect(valueIn(inventoryOf(text('{}'), { groupVars }), 'h', 'v')).toBe(3)
    expect(valueIn(inventoryOf(text('{}'), { groupVars: { ...groupVars, g: 'v: 4' } }), 'h', 'v')).toBe(4)
    const all = { groupVars: { ...groupVars, g: 'v: 4' } }
    expect(valueIn(inventoryOf(text('{ v: 5 }'), all), 'h', 'v')).toBe(5)
    expect(valueIn(inventoryOf(text('{ v: 5 }'), { ...all, hostVars: { h: 'v: 6' } }), 'h', 'v')).toBe(6)
  })

  test('a null hides what is weaker, and role defaults are never seen', () => {
    const loaded = inventoryOf('all: { vars: { v: 1 }, hosts: { h: { v: } } }', {
      defaults: 'pg_weight: 100',
    })
    expect(valueIn(loaded, 'h', 'v')).toBeNull()
    expect(valueIn(loaded, 'h', 'pg_weight')).toBeUndefined()
  })

  test('whole values are replaced, never merged', () => {
    const loaded = inventoryOf('all: { vars: { v: { a: 1 } }, hosts: { h: { v: { b: 2 } } } }')
    expect([...(valueIn(loaded, 'h', 'v') as Map<string, number>)]).toEqual([['b', 2]])
  })
})
