/** Which value of a variable counts. Section 3 of the observations. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HostView } from '../../controller/inventory/host-view.ts'
import { readInventory } from '../../controller/reader/read-inventory.ts'
import { clusterText, filesOf, inventoryOf, planOf, serversIn, valueIn } from '../support/inventory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-precedence-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The value of `v` for host h of an inventory with these files. */
async function valueWith(files: Readonly<Record<string, string>>): Promise<unknown> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return valueIn(await readInventory({ inventory: join(folder, 'pigsty.yml') }), 'h', 'v')
}

describe('from low to high', () => {
  const ranks: [string, Record<string, string>][] = [
    ['all in the file', {}],
    ['a group in the file', {}],
    ['group_vars/all', { 'group_vars/all.yml': 'v: group_vars/all' }],
    ['group_vars of the group', { 'group_vars/g.yml': 'v: group_vars of the group' }],
    ['the host in the file', {}],
    ['host_vars', { 'host_vars/h.yml': 'v: host_vars' }],
  ]

  test.each(ranks.map(([name], rank) => [name, rank] as const))(
    '%s beats all before it',
    async (name, rank) => {
      const has = (other: string) => ranks.slice(0, rank + 1).some(([known]) => known === other)
      const vars = (other: string) => (has(other) ? `{ v: ${other} }` : '{}')
      const text = `all: { vars: ${vars('all in the file')}, children: { g: { vars: ${vars('a group in the file')}, hosts: { h: ${vars('the host in the file')} } } } }`
      const beside = Object.assign({}, ...ranks.slice(0, rank + 1).map(([, files]) => files))
      expect(await valueWith({ ...beside, 'pigsty.yml': text })).toBe(name)
    },
  )

  test('role defaults are the weakest, and only the rendering host has them', () => {
    const loaded = inventoryOf('all: { hosts: { h: { a: 1 } } }', { defaults: 'a: 0\nb: 0' })
    const host = loaded.inventory.hosts.get('h')
    if (host === undefined) throw new Error('no host')
    const rendering = new HostView(loaded.inventory, host, {
      keepUndefined: false,
      defaults: loaded.defaults,
    })
    expect([rendering.get('a'), rendering.get('b')]).toEqual([1, 0])
    expect([valueIn(loaded, 'h', 'a'), valueIn(loaded, 'h', 'b')]).toEqual([1, undefined])
  })

  test('what the playbook sets as a fact hides a variable of the same name', () => {
    const text = clusterText(
      'pg_instance: mine\npg_services: [{ name: s, port: 5440, selector: "[? pg_instance == \'pg-test-2\']" }]',
    )
    const files = filesOf(planOf(inventoryOf(text)))
    expect(serversIn(files['10.10.10.11/pg-test-s.cfg']).map((line) => line.split(' ')[1])).toEqual([
      'pg-test-2',
    ])
  })
})

describe('among groups', () => {
  const inFile = (groups: string) => valueIn(inventoryOf(`all: { children: ${groups} }`), 'h', 'v')

  test('the deeper one counts, whatever the priority of the other', () => {
    expect(
      inFile(
        '{ top: { vars: { v: top, ansible_group_priority: 99 }, children: { low: { vars: { v: low }, hosts: { h: } } } } }',
      ),
    ).toBe('low')
  })

  test('depth is the longest way from all', () => {
    expect(
      inFile(
        '{ low: { vars: { v: low }, hosts: { h: } }, z: { vars: { v: z }, hosts: { h: } }, a: { children: { low: } } }',
      ),
    ).toBe('low')
  })

  test('at the same depth the higher priority counts, then the later name', () => {
    const two = (first: string) =>
      `{ a: { vars: { v: a ${first} }, hosts: { h: } }, b: { vars: { v: b }, hosts: { h: } } }`
    expect(inFile(two(', ansible_group_priority: 2'))).toBe('a')
    expect(inFile(two(', ansible_group_priority: 1'))).toBe('b')
    expect(inFile(two(', ansible_group_priority: "10"'))).toBe('a')
  })

  test('a priority in group_vars is no priority, only a variable', async () => {
    const text =
      'all: { children: { a: { vars: { v: a }, hosts: { h: } }, b: { vars: { v: b }, hosts: { h: } } } }'
    expect(await valueWith({ 'pigsty.yml': text, 'group_vars/a.yml': 'ansible_group_priority: 9' })).toBe('b')
  })
})

describe('several files of one group or host', () => {
  const text = 'all: { children: { g: { hosts: { h: } } } }'

  test.each(['group_vars/g', 'host_vars/h'])('in %s/ the later name counts', async (place) => {
    const files = { [`${place}/b.yml`]: 'v: b', [`${place}/a.json`]: '{"v": "a"}', [`${place}/c`]: 'w: 1' }
    expect(await valueWith({ 'pigsty.yml': text, ...files })).toBe('b')
  })

  test.each(['.yml', '.yaml', '.json', ''])('the ending %j is read', async (ending) => {
    expect(await valueWith({ 'pigsty.yml': text, [`group_vars/g${ending}`]: '{"v": 1}' })).toBe(1)
    expect(await valueWith({ [`host_vars/h/x${ending}`]: '{"v": 2}' })).toBe(2)
  })

  test.each(['.txt', '.ini', '.yml.bak', '.yml~'])('the ending %s is not read', async (ending) => {
    const files = { [`group_vars/g${ending}`]: 'v: 1', [`host_vars/h/x${ending}`]: 'v: 2' }
    expect(await valueWith({ 'pigsty.yml': text, ...files })).toBeUndefined()
  })
})

describe('whole values are replaced', () => {
  test('services of a cluster hide those of all', () => {
    const text = clusterText('pg_services: [{ name: own, port: 5441, selector: "[]" }]').replace(
      'all:\n',
      'all:\n  vars: { pg_services: [{ name: global, port: 5440, selector: "[]" }] }\n',
    )
    const names = Object.keys(filesOf(planOf(inventoryOf(text))))
    expect(names).toContain('10.10.10.11/pg-test-own.cfg')
    expect(names).not.toContain('10.10.10.11/pg-test-global.cfg')
  })

  test('a plan of timings with one mode has lost the others', () => {
    const fast = 'pg_rto_plan: { fast: [20, 5, 5, 15, 5, 1s, 500ms, 1s, 3, 3] }'
    const plan = planOf(inventoryOf(clusterText(fast)))
    expect(plan.problems.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0)
    expect(planOf(inventoryOf(clusterText(`${fast}\npg_rto: fast`))).problems).toEqual([])
  })
})

test('a host in two groups with two clusters is a member of one', () => {
  const two = `
all:
  children:
    pg-a: { vars: { pg_cluster: pg-a }, hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } } }
    pg-b: { vars: { pg_cluster: pg-b }, hosts: { 10.10.10.11: } }
`
  expect(valueIn(inventoryOf(two), '10.10.10.11', 'pg_cluster')).toBe('pg-b')
  const names = Object.keys(filesOf(planOf(inventoryOf(two))))
  expect(names).toContain('10.10.10.11/pg-b-primary.cfg')
  expect(names).not.toContain('10.10.10.11/pg-a-primary.cfg')
})

test('names of hosts are taken letter by letter', () => {
  const { inventory } = inventoryOf('all: { hosts: { 10.10.10.14: , 10.10.10.014: , DB: , db: } }')
  expect([...inventory.hosts.keys()]).toEqual(['10.10.10.14', '10.10.10.014', 'DB', 'db'])
})

test.each([
  ['pigsty.yml', 'all: { hosts: [', 'INVENTORY_INVALID'],
  ['pigsty.yml', '', 'INVENTORY_INVALID'],
  ['other.yml', 'all: {}', 'INVENTORY_MISSING'],
])('what Ansible passes over with success is an error here: %s with %j', async (name, text, code) => {
  await expect(valueWith({ [name]: text })).rejects.toMatchObject({ code })
})
