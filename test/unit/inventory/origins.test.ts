import { expect, test } from 'vitest'
import { buildInventory } from '../../../controller/inventory/build-inventory.ts'
import { describeOrigin, originsOf } from '../../../controller/inventory/origins.ts'
import { parseYaml } from '../../../controller/parse/parse-yaml.ts'
import { Dict } from '../../../controller/values/value.ts'

function dict(file: string, text: string): Dict {
  const { value } = parseYaml(file, text)
  if (!(value instanceof Dict)) throw new Error('no mapping')
  return value
}

const text = `
all:
  vars: { color: red }
  children:
    shallow: { vars: { color: green, ansible_group_priority: 9 }, hosts: { db1: } }
    outer: { children: { pg-test: { vars: { color: blue }, hosts: { db1: { color: black } } } } }
`

test('a variable names every place that defines it, the one that counts first', () => {
  const beside = {
    groups: new Map([['all', dict('group_vars/all.yml', 'color: grey')]]),
    hosts: new Map([['db1', dict('host_vars/db1.yml', 'color: white')]]),
  }
  const { inventory } = buildInventory({
    file: 'pigsty.yml',
    documents: [dict('pigsty.yml', text)],
    beside,
  })
  const host = inventory.hosts.get('db1')
  if (host === undefined) throw new Error('no host')

  const found = originsOf(host, 'color').map((one) => [one.value, describeOrigin(one.origin)])

  expect(found).toEqual([
    ['white', 'host_vars'],
    ['black', 'host'],
    ['grey', 'group_vars/all'],
    ['blue', 'group pg-test (depth 2, priority 1)'],
    ['green', 'group shallow (depth 1, priority 9)'],
    ['red', 'group all'],
  ])
  expect(originsOf(host, 'shape')).toEqual([])
})
