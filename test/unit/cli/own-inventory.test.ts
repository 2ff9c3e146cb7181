import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownInventory, ownSource } from '../../../controller/cli/own-inventory.ts'
import { clusterText } from '../../support/inventory.ts'

let folder = ''
const at = (name: string) => join(folder, name)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-own-'))
  writeFileSync(at('pigsty.yml'), clusterText())
  writeFileSync(at('controller.yml'), `inventory: ${at('pigsty.yml')}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('without a name it is the inventory of the controller on this host', async () => {
  const loaded = await ownInventory({}, { PGSVC_CONFIG: at('controller.yml') })

  expect([...loaded.inventory.hosts.keys()]).toContain('10.10.10.11')
})

test('the environment comes before the file, as for the controller itself', async () => {
  const env = { PGSVC_CONFIG: at('controller.yml'), PGSVC_INVENTORY: at('other.yml') }

  expect(await ownSource({}, env)).toMatchObject({ inventory: at('other.yml') })
})

test('one that is named is taken as it is, and nothing of the controller with it', async () => {
  writeFileSync(at('controller.yml'), `inventory: ${at('pigsty.yml')}\ndefaults: ${at('defaults.yml')}\n`)

  expect(await ownSource({ inventory: 'mine.yml' }, { PGSVC_CONFIG: at('controller.yml') })).toEqual({
    inventory: 'mine.yml',
    defaults: undefined,
    pigstyHome: undefined,
  })
})

test('where there is none, it says what can be done', async () => {
  await expect(ownInventory({}, { PGSVC_CONFIG: at('none.yml') })).rejects.toMatchObject({
    code: 'INVENTORY_MISSING',
    hint: expect.stringContaining('controller.yml'),
  })
})
