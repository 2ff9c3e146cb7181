/** Reads an inventory, the variables beside it, and role defaults. */
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { type Exec, systemExec } from '../../shared/ports/exec.ts'
import { buildInventory } from '../inventory/build-inventory.ts'
import { builtInDefaults, completeDefaults } from '../inventory/built-in-defaults.ts'
import type { LoadedInventory, RoleDefaults } from '../inventory/inventory.ts'
import type { ScriptOutput } from '../inventory/script-groups.ts'
import { copyInto } from '../values/copy-dict.ts'
import { Dict, type Value } from '../values/value.ts'
import { FileReader } from './file-reader.ts'
import { inventoryKind } from './inventory-files.ts'
import { type InventorySource, inventoryPath } from './inventory-path.ts'
import { runScript } from './script-output.ts'

export type { InventorySource } from './inventory-path.ts'

/**
 * Reads an inventory, the variables beside it, and role defaults. An inventory program is run.
 *
 * @throws AppError `INVENTORY_MISSING`, `INVENTORY_INVALID` (with file, line and column), `INVENTORY_SCRIPT` or
 *   `DEFAULTS_MISSING`
 */
export async function readInventory(
  source: InventorySource,
  ports: { readonly exec: Exec } = { exec: systemExec() },
): Promise<LoadedInventory> {
  const path = inventoryPath(source)
  const reader = new FileReader()
  const isDirectory = reader.isDirectory(path)
  const documents: (Value | ScriptOutput)[] = []
  for (const file of isDirectory ? reader.inventoryFiles(path) : [path])
    documents.push(await readDocument(reader, file, ports.exec, source.pigstyHome))
  const base = isDirectory ? path : dirname(path)
  const beside = {
    groups: reader.varsIn(join(base, 'group_vars')),
    hosts: reader.varsIn(join(base, 'host_vars')),
  }
  const { inventory, warnings } = buildInventory({ file: path, documents, beside })
  const defaults = readDefaults(reader, source)
  return { inventory, defaults, digest: reader.digest(), warnings: [...reader.warnings, ...warnings] }
}

async function readDocument(
  reader: FileReader,
  path: string,
  exec: Exec,
  cwd: string | undefined,
): Promise<Value | ScriptOutput> {
  if (!reader.exists(path)) {
    throw new AppError('INVENTORY_MISSING', `there is no inventory ${path}`, {
      hint: 'name one that is there: -i or --pigsty-home; of a controller inventory or pigsty_home in its configuration',
    })
  }
  const kind = inventoryKind(path)
  if (kind === 'script')
    return runScript({ exec, path, cwd, seen: (name, text) => reader.digestText(name, text) })
  if (kind === 'yaml') return reader.inventory(path)
  throw new AppError(
    'INVENTORY_INVALID',
    'this is neither YAML by its name nor a program that may be executed',
    {
      at: { file: path, line: 1, column: 1 },
      hint: 'name it .yml, .yaml or .json, or let it begin with #! and make it executable; INI is not understood',
    },
  )
}

function readDefaults(reader: FileReader, source: InventorySource): RoleDefaults {
  if (source.defaults !== undefined) {
    const defaults = reader.defaults(source.defaults)
    if (defaults !== undefined) return completeDefaults(defaults)
    throw new AppError('DEFAULTS_MISSING', `there is no file ${source.defaults}`)
  }
  const home = source.pigstyHome
  if (home === undefined) return builtInDefaults()
  const found = ['haproxy', 'node', 'pgsql'].map((role) =>
    reader.defaults(join(home, 'roles', role, 'defaults', 'main.yml')),
  )
  // Releases differ in which role has haproxy's defaults; without those of pgsql this is no Pigsty.
  if (found[2] === undefined) {
    throw new AppError('DEFAULTS_MISSING', `there is no roles/pgsql/defaults/main.yml in ${home}`, {
      hint: 'name the directory that holds pigsty.yml and roles/',
    })
  }
  const merged = new Dict()
  for (const defaults of found) if (defaults !== undefined) copyInto(merged, defaults)
  return completeDefaults(merged)
}
