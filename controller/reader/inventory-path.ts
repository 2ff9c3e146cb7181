/**
 * Which inventory a Pigsty home uses: the one its ansible.cfg names, else its pigsty.yml.
 *
 * This is how Pigsty switches to its CMDB: the line `inventory = pigsty.yml` becomes `inventory = inventory.sh`.
 */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError, type Location } from '../../shared/errors/app-error.ts'

export interface InventorySource {
  /** Inventory file, program or directory. */
  readonly inventory?: string | undefined
  /** File of role defaults, in place of the built-in ones. */
  readonly defaults?: string | undefined
  /** A Pigsty checkout: the inventory of its ansible.cfg or its pigsty.yml, and its roles' defaults. */
  readonly pigstyHome?: string | undefined
}

/**
 * The path of the inventory.
 *
 * @throws AppError `INVENTORY_MISSING` when none is named, `INVENTORY_INVALID` when ansible.cfg names it in a way
 *   that is not understood
 */
export function inventoryPath({ inventory, pigstyHome }: InventorySource): string {
  if (inventory !== undefined) return inventory
  if (pigstyHome === undefined) {
    throw new AppError('INVENTORY_MISSING', 'no inventory is given', {
      hint: 'name the file with -i pigsty.yml, or a directory that has one with --pigsty-home; or set inventory or pigsty_home in /etc/pgsvc/controller.yml',
    })
  }
  return configured(pigstyHome) ?? join(pigstyHome, 'pigsty.yml')
}

/** The ansible.cfg of a Pigsty home. */
export function ansibleConfigPath(pigstyHome: string): string {
  return join(pigstyHome, 'ansible.cfg')
}

function configured(pigstyHome: string): string | undefined {
  const file = ansibleConfigPath(pigstyHome)
  const found = inventoryLine(textOf(file))
  if (found === undefined || found.value === '') return undefined
  if (/[,$]|\{\{/.test(found.value)) {
    const at: Location = { file, line: found.line, column: 1 }
    throw new AppError('INVENTORY_INVALID', `inventory = ${found.value} is not understood`, {
      at,
      hint: 'name one file or directory, without variables',
    })
  }
  return resolve(pigstyHome, found.value.replace(/^~(?=\/|$)/, homedir()))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new AppError('INVENTORY_MISSING', `${file} cannot be read`, {
      hint: 'it names the inventory: let the user who runs this read it, or name the inventory itself with -i',
      cause: error,
    })
  }
}

/** `inventory` of the section `[defaults]`; names are the same in any case, as in Python's configparser. */
function inventoryLine(text: string): { value: string; line: number } | undefined {
  let isDefaults = false
  let found: { value: string; line: number } | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const section = /^\[([^\]]+)\]/.exec(line)?.[1]
    if (section !== undefined) isDefaults = section === 'defaults'
    const value = /^inventory\s*[=:]\s*(.*)$/i.exec(line)?.[1]
    if (isDefaults && value !== undefined)
      found = { value: value.replace(/(^|\s);.*$/, '').trim(), line: index + 1 }
  }
  return found
}
