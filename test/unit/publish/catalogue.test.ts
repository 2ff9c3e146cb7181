import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoadedInventory } from '../../../controller/inventory/inventory.ts'
import { createCatalogue } from '../../../controller/publish/catalogue.ts'
import { inventoryFingerprint } from '../../../controller/publish/inventory-fingerprint.ts'

let dir: string
let inventory: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-inventory-'))
  inventory = join(dir, 'pigsty.yml')
  writeFileSync(inventory, 'all: {}\n')
  mkdirSync(join(dir, 'group_vars', 'all'), { recursive: true })
  writeFileSync(join(dir, 'group_vars', 'all', 'pg.yml'), 'a: 1\n')
})

afterEach(() => rmSync(dir, { recursive: true }))

/** As if it were later: what was just written is not young any more. */
const later = () => Date.now() + 60_000

test('untouched files have the same fingerprint', async () => {
  const first = await inventoryFingerprint({ inventory }, later())

  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(await inventoryFingerprint({ inventory }, later())).toBe(first)
})

test.each([
  ['the inventory', () => writeFileSync(inventory, 'all: []\n')],
  ['a file in group_vars', () => writeFileSync(join(dir, 'group_vars', 'all', 'pg.yml'), 'a: 2\n')],
  [
    'a new file in host_vars',
    () => {
      mkdirSync(join(dir, 'host_vars'))
      writeFileSync(join(dir, 'host_vars', 'n1.yml'), 'a: 2\n')
    },
  ],
  ['a file that goes', () => rmSync(join(dir, 'group_vars', 'all', 'pg.yml'))],
])('a change of %s changes the fingerprint', async (_what, change) => {
  const before = await inventoryFingerprint({ inventory }, later())
  // File systems count time in ticks of some milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 20))

  change()

  expect(await inventoryFingerprint({ inventory }, later())).not.toBe(before)
})

test('a file that was just written, and an executable, cannot be told unchanged', async () => {
  expect(await inventoryFingerprint({ inventory }, Date.now())).toBeUndefined()
  chmodSync(inventory, 0o755)
  expect(await inventoryFingerprint({ inventory }, later())).toBeUndefined()
})

test('a program anywhere in an inventory directory cannot be told unchanged', async () => {
  const folder = join(dir, 'inv', 'vars')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'a.yml'), 'all: {}\n')
  expect(await inventoryFingerprint({ inventory: join(dir, 'inv') }, later())).toBeDefined()
  chmodSync(join(folder, 'a.yml'), 0o755)
  expect(await inventoryFingerprint({ inventory: join(dir, 'inv') }, later())).toBeUndefined()
})

test('another inventory in the ansible.cfg of a Pigsty home changes the fingerprint', async () => {
  const before = await inventoryFingerprint({ pigstyHome: dir }, later())
  writeFileSync(join(dir, 'cmdb.yml'), 'all: {}\n')
  writeFileSync(join(dir, 'ansible.cfg'), '[defaults]\ninventory = cmdb.yml\n')
  expect(await inventoryFingerprint({ pigstyHome: dir }, later())).not.toBe(before)
})

test('an inventory is read again only when its fingerprint has changed or is not known', async () => {
  const fingerprints = ['a', 'a', 'b', undefined, undefined]
  let loads = 0
  const catalogue = createCatalogue({
    fingerprint: async () => fingerprints.shift(),
    load: async () => {
      loads += 1
      return { digest: `${loads}` } as LoadedInventory // nothing else of it is looked at here
    },
    resolve: () => ({ owners: [], warnings: [] }),
    compute: () => ({ owners: [], problems: [], blobs: new Map() }),
  })

  const digests: string[] = []
  for (let look = 0; look < 5; look += 1)
    digests.push((await catalogue.look('x', [], 'cluster', new Set())).inventoryDigest)

  expect(digests).toEqual(['1', '1', '2', '3', '4'])
})
