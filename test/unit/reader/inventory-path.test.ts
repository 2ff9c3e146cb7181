import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inventoryPath } from '../../../controller/reader/inventory-path.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgsvc-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('a Pigsty home without an ansible.cfg has its pigsty.yml', () => {
  expect(inventoryPath({ pigstyHome: home })).toBe(join(home, 'pigsty.yml'))
})

test.each([
  ['[defaults]\ninventory = inventory.sh\n', 'inventory.sh'],
  ['[defaults]\ninventory: ./conf/x.yml ; the second\n', 'conf/x.yml'],
  ['[defaults]\r\nINVENTORY=a.yml\r\n', 'a.yml'],
  ['[inventory]\ninventory = no.yml\n[defaults]\n# inventory = no.yml\n;inventory = no.yml\n', 'pigsty.yml'],
  ['[defaults]\ninventory =\n', 'pigsty.yml'],
  ['[defaults]\ninventory = a.yml\ninventory_ignore_extensions = b\n[ssh]\ninventory = c.yml\n', 'a.yml'],
])('with %j it is %s, relative to that file', (config, expected) => {
  writeFileSync(join(home, 'ansible.cfg'), config)
  expect(inventoryPath({ pigstyHome: home })).toBe(join(home, expected))
})

test('absolute paths and ~ are taken as such', () => {
  writeFileSync(join(home, 'ansible.cfg'), '[defaults]\ninventory = /etc/hosts.yml\n')
  expect(inventoryPath({ pigstyHome: home })).toBe('/etc/hosts.yml')
  writeFileSync(join(home, 'ansible.cfg'), '[defaults]\ninventory = ~/hosts.yml\n')
  expect(inventoryPath({ pigstyHome: home })).toBe(join(homedir(), 'hosts.yml'))
})

test('an inventory that is named wins', () => {
  writeFileSync(join(home, 'ansible.cfg'), '[defaults]\ninventory = a.yml\n')
  expect(inventoryPath({ pigstyHome: home, inventory: '/b.yml' })).toBe('/b.yml')
})

test.each(['a.yml,b.yml', '$HOME/a.yml', '{{CWD}}/a.yml'])('%s is refused with its line', (value) => {
  writeFileSync(join(home, 'ansible.cfg'), `[defaults]\ninventory = ${value}\n`)
  expect(() => inventoryPath({ pigstyHome: home })).toThrow(
    expect.objectContaining({ at: { file: join(home, 'ansible.cfg'), line: 2, column: 1 } }),
  )
})
