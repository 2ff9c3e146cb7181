import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInventory } from '../../../controller/reader/read-inventory.ts'
import { valueIn } from '../../support/inventory.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgsvc-inventory-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
}

const hosts = 'all: { children: { g: { vars: { v: file }, hosts: { h: } } } }\n'

test('group_vars and host_vars beside the inventory count', async () => {
  write({ 'pigsty.yml': hosts, 'group_vars/g.yml': 'v: group\nw: group\n', 'host_vars/h': 'v: host\n' })
  const loaded = await readInventory({ inventory: join(home, 'pigsty.yml') })
  expect([valueIn(loaded, 'h', 'v'), valueIn(loaded, 'h', 'w')]).toEqual(['host', 'group'])
})

test('several files of one group are read in order of their names, hidden ones and copies are not', async () => {
  write({
    'pigsty.yml': hosts,
    'group_vars/g/10.yml': 'v: ten\nw: ten\n',
    'group_vars/g/9.json': '{ "v": "nine" }',
    'group_vars/g/sub/x.yaml': 'w: sub\n',
    'group_vars/g/.hidden.yml': 'v: hidden\n',
    'group_vars/g/z.yml~': 'v: copy\n',
    'group_vars/g/notes.txt': 'not: [yaml',
  })
  const loaded = await readInventory({ inventory: join(home, 'pigsty.yml') })
  expect([valueIn(loaded, 'h', 'v'), valueIn(loaded, 'h', 'w')]).toEqual(['nine', 'sub'])
})

test('of group_vars/g, g.yml and g.json only the first is read', async () => {
  write({ 'pigsty.yml': hosts, 'group_vars/g.yml': 'v: yml\n', 'group_vars/g.json': '{"v": "json", "w": 1}' })
  const loaded = await readInventory({ inventory: join(home, 'pigsty.yml') })
  expect([valueIn(loaded, 'h', 'v'), valueIn(loaded, 'h', 'w')]).toEqual(['yml', undefined])
})

test('a file that is encrypted as a whole is left out with a warning', async () => {
  write({ 'pigsty.yml': hosts, 'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132\n' })
  const { warnings, digest } = await readInventory({ inventory: join(home, 'pigsty.yml') })
  expect(warnings.map(({ code }) => code)).toEqual(['VAULT_FILE'])
  write({ 'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3133\n' })
  expect((await readInventory({ inventory: join(home, 'pigsty.yml') })).digest).not.toBe(digest)
})

test('a Pigsty home has its pigsty.yml and the defaults of its roles', async () => {
  write({
    'pigsty.yml': hosts,
    'roles/pgsql/defaults/main.yml': 'pg_rto: 30\npg_services: [ { name: extra } ]\n',
    'roles/node/defaults/main.yml': 'haproxy_enabled: false\n',
  })
  const { defaults, inventory } = await readInventory({ pigstyHome: home })
  expect([...inventory.hosts.keys()]).toEqual(['h'])
  expect([defaults.get('pg_rto'), defaults.get('haproxy_enabled'), defaults.has('pg_rto_plan')]).toEqual([
    30,
    false,
    false,
  ])
  expect(defaults.get('pg_default_services')).toHaveLength(4)
})

test('an inventory or defaults that are named win over the home', async () => {
  write({
    'pigsty.yml': hosts,
    'other.yml': 'all: { hosts: { o: } }',
    'mine.yml': 'pg_rto: 7',
    'roles/pgsql/defaults/main.yml': 'pg_rto: 30',
  })
  const loaded = await readInventory({
    pigstyHome: home,
    inventory: join(home, 'other.yml'),
    defaults: join(home, 'mine.yml'),
  })
  expect([...loaded.inventory.hosts.keys()]).toEqual(['o'])
  expect(loaded.defaults.get('pg_rto')).toBe(7)
})

test('a directory of inventory files is read in order of names', async () => {
  write({
    'inv/b.yml': 'all: { hosts: { b: } }',
    'inv/a.yml': 'all: { hosts: { a: } }',
    'inv/group_vars/all.yml': 'v: 1',
  })
  const loaded = await readInventory({ inventory: join(home, 'inv') })
  expect([...loaded.inventory.hosts.keys()]).toEqual(['a', 'b'])
  expect(valueIn(loaded, 'a', 'v')).toBe(1)
})

test('folders in an inventory directory are read in place; what Ansible passes over is not read', async () => {
  const junk = [
    'x.ini',
    'x.cfg',
    'x.bak',
    'x.md',
    'x.txt',
    'x.orig',
    'x.retry',
    'x~',
    '.x.yml',
    'x.rpm',
    'x.swp',
  ]
  write({
    'inv/c.yml': 'all: { hosts: { c: } }',
    'inv/b/z.yml': 'all: { hosts: { z: } }',
    'inv/b/group_vars/all.yml': 'v: 1',
    'inv/a': 'all: { hosts: { a: } }',
    ...Object.fromEntries(junk.map((name) => [`inv/${name}`, 'no: [yaml'])),
  })
  const loaded = await readInventory({ inventory: join(home, 'inv') })
  expect([...loaded.inventory.hosts.keys()]).toEqual(['a', 'z', 'c'])
  expect(valueIn(loaded, 'a', 'v')).toBeUndefined()
})

test('a file that is not UTF-8 is refused, and how to mend it is said', async () => {
  writeFileSync(join(home, 'p.yml'), Buffer.from('all: { vars: { v: "caf\xe9" }, hosts: { h: } }', 'latin1'))
  await expect(readInventory({ inventory: join(home, 'p.yml') })).rejects.toMatchObject({
    code: 'INVENTORY_INVALID',
    message: expect.stringContaining('UTF-8'),
    hint: expect.stringContaining('iconv'),
  })
})

test('the digest covers every byte that was read', async () => {
  write({ 'pigsty.yml': hosts, 'group_vars/g.yml': 'v: 1\n' })
  const digest = async () => (await readInventory({ inventory: join(home, 'pigsty.yml') })).digest
  const first = await digest()
  expect(await digest()).toBe(first)
  write({ 'group_vars/g.yml': 'v: 1 # changed\n' })
  expect(await digest()).not.toBe(first)
})

test.each([
  [{}, { inventory: 'nosuch.yml' }, 'INVENTORY_MISSING'],
  [{ 'e.yml': '' }, { inventory: 'e.yml' }, 'INVENTORY_INVALID'],
  [{ 'p.yml': hosts }, { inventory: 'p.yml', defaults: 'nosuch.yml' }, 'DEFAULTS_MISSING'],
  [{ 'pigsty.yml': hosts }, { pigstyHome: '.' }, 'DEFAULTS_MISSING'],
  [{ 'p.yml': hosts, 'group_vars/g.yml': '- a list' }, { inventory: 'p.yml' }, 'INVENTORY_INVALID'],
  [{ 'inv/hosts.ini': '[g]' }, { inventory: 'inv' }, 'INVENTORY_MISSING'],
  [{ 'inv/hosts': '[g]\nh1\n' }, { inventory: 'inv' }, 'INVENTORY_INVALID'],
  [{ 'inv/hosts.conf': hosts }, { inventory: 'inv' }, 'INVENTORY_INVALID'],
  [{ 'hosts.ini': hosts }, { inventory: 'hosts.ini' }, 'INVENTORY_INVALID'],
  [{ 'p.yml': '{}' }, { inventory: 'p.yml' }, 'INVENTORY_INVALID'],
])('%j with %j is %s', async (files, source, code) => {
  write(files)
  const located = Object.fromEntries(Object.entries(source).map(([key, name]) => [key, join(home, name)]))
  await expect(readInventory(located)).rejects.toMatchObject({ code })
})

test('an inventory must be named', async () => {
  await expect(readInventory({})).rejects.toMatchObject({ code: 'INVENTORY_MISSING' })
  await expect(readInventory({ inventory: '/nonexistent' })).rejects.toMatchObject({
    hint: expect.stringContaining('name one that is there'),
  })
})
