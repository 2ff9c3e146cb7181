/** The only place where an inventory is read from disk. */
import { createHash } from 'node:crypto'
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { buildInventory } from './build-inventory.ts'
import { builtInDefaults, completeDefaults } from './built-in-defaults.ts'
import { copyInto } from './copy-dict.ts'
import type { LoadedInventory, LoadWarning, RoleDefaults } from './inventory.ts'
import type { VarsByName } from './layers.ts'
import { parseYaml } from './parse-yaml.ts'
import { Dict, type Value } from './value.ts'
import { varsFileName } from './vars-files.ts'

export interface InventorySource {
  /** Inventory file or directory. */
  readonly inventory?: string | undefined
  /** File of role defaults, in place of the built-in ones. */
  readonly defaults?: string | undefined
  /** A Pigsty checkout: its pigsty.yml, and its roles' defaults. */
  readonly pigstyHome?: string | undefined
}

/**
 * Reads an inventory, the variables beside it, and role defaults.
 *
 * @throws AppError `INVENTORY_MISSING`, `INVENTORY_INVALID` (with file, line and column) or `DEFAULTS_MISSING`
 */
export async function readInventory(source: InventorySource): Promise<LoadedInventory> {
  const path =
    source.inventory ?? (source.pigstyHome === undefined ? undefined : join(source.pigstyHome, 'pigsty.yml'))
  if (path === undefined) {
    throw new AppError('INVENTORY_MISSING', 'no inventory is given', {
      hint: 'name an inventory file, or a Pigsty home with a pigsty.yml',
    })
  }
  const reader = new Reader()
  const isDirectory = reader.isDirectory(path)
  const documents = (isDirectory ? reader.inventoryFiles(path) : [path]).map((file) => reader.inventory(file))
  const base = isDirectory ? path : dirname(path)
  const beside = {
    groups: reader.varsIn(join(base, 'group_vars')),
    hosts: reader.varsIn(join(base, 'host_vars')),
  }
  const { inventory, warnings } = buildInventory({ file: path, documents, beside })
  const defaults = readDefaults(reader, source)
  return { inventory, defaults, digest: reader.digest(), warnings: [...reader.warnings, ...warnings] }
}

function readDefaults(reader: Reader, source: InventorySource): RoleDefaults {
  if (source.defaults !== undefined) {
    const defaults = reader.defaults(source.defaults)
    if (defaults !== undefined) return completeDefaults(defaults)
    throw new AppError('DEFAULTS_MISSING', `there is no file ${source.defaults}`)
  }
  if (source.pigstyHome === undefined) return builtInDefaults()
  const found = ['haproxy', 'node', 'pgsql'].map((role) =>
    reader.defaults(join(source.pigstyHome ?? '', 'roles', role, 'defaults', 'main.yml')),
  )
  // Releases differ in which role has haproxy's defaults; without those of pgsql this is no Pigsty.
  if (found[2] === undefined) {
    throw new AppError(
      'DEFAULTS_MISSING',
      `there is no roles/pgsql/defaults/main.yml in ${source.pigstyHome}`,
      {
        hint: 'name the directory that holds pigsty.yml and roles/',
      },
    )
  }
  const merged = new Dict()
  for (const defaults of found) if (defaults !== undefined) copyInto(merged, defaults)
  return completeDefaults(merged)
}

/** Reads files and remembers their bytes and warnings. */
class Reader {
  readonly warnings: LoadWarning[] = []
  private readonly hash = createHash('sha256')

  digest(): string {
    return this.hash.digest('hex')
  }

  isDirectory(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  }

  inventory(path: string): Value {
    const value = this.yaml(path)
    if (value === undefined) throw new AppError('INVENTORY_MISSING', `there is no inventory ${path}`)
    if (value === null) throw new AppError('INVENTORY_INVALID', 'the inventory is empty', { at: top(path) })
    return value
  }

  /** Undefined when there is no such file. */
  defaults(path: string): Dict | undefined {
    const value = this.yaml(path)
    if (value === undefined || value instanceof Dict) return value
    if (value === null) return new Dict()
    throw new AppError('INVENTORY_INVALID', 'role defaults are a mapping of variables', { at: top(path) })
  }

  /** Ansible reads the files of an inventory directory in order of their names. */
  inventoryFiles(directory: string): string[] {
    const files = this.list(directory)
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('~'))
      .map((entry) => entry.name)
      .sort()
    const other = files.find((name) => !/\.(?:ya?ml|json)$/.test(name))
    if (other !== undefined) {
      throw new AppError('INVENTORY_INVALID', `${other} is not YAML; only YAML inventories are understood`, {
        at: top(join(directory, other)),
      })
    }
    if (files.length === 0) throw new AppError('INVENTORY_MISSING', `no inventory file in ${directory}`)
    return files.map((name) => join(directory, name))
  }

  /** Variables by the name of their group or host, read when asked for. */
  varsIn(directory: string): VarsByName {
    const entries = new Set(this.list(directory).map((entry) => entry.name))
    const known = new Map<string, Dict | undefined>()
    return {
      get: (name) => {
        if (!known.has(name)) known.set(name, this.varsOf(directory, varsFileName(entries, name)))
        return known.get(name)
      },
    }
  }

  private varsOf(directory: string, entry: string | undefined): Dict | undefined {
    if (entry === undefined) return undefined
    const merged = new Dict()
    for (const file of this.varsFiles(join(directory, entry))) copyInto(merged, this.vars(file))
    return merged
  }

  private varsFiles(path: string): string[] {
    if (!this.isDirectory(path)) return [path]
    return this.list(path)
      .map((entry) => entry.name)
      .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
      .sort()
      .flatMap((name) => {
        const inner = join(path, name)
        if (this.isDirectory(inner)) return name.includes('.') ? [] : this.varsFiles(inner)
        return /^[^.]*$|\.(?:ya?ml|json)$/.test(name) ? [inner] : []
      })
  }

  private vars(path: string): Dict {
    const value = this.yaml(path) ?? new Dict()
    if (value instanceof Dict) return value
    throw new AppError('INVENTORY_INVALID', 'variables are a mapping of names to values', { at: top(path) })
  }

  private yaml(path: string): Value | undefined {
    const text = readText(path)
    if (text === undefined) return undefined
    this.hash.update(`${path}\0${Buffer.byteLength(text)}\0${text}`)
    if (text.startsWith('$ANSIBLE_VAULT;')) {
      const message = 'the whole file is encrypted with ansible-vault; its variables are not known here'
      this.warnings.push({ code: 'VAULT_FILE', message, at: top(path) })
      return new Dict()
    }
    const { value, warnings } = parseYaml(path, text)
    this.warnings.push(...warnings)
    return value
  }

  private list(directory: string): Dirent[] {
    try {
      return readdirSync(directory, { withFileTypes: true })
    } catch (error) {
      if (isMissing(error)) return []
      throw unreadable(directory, error)
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unreadable(path, error)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function unreadable(path: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('INVENTORY_MISSING', `${path} cannot be read: ${why}`, { cause })
}

function top(path: string) {
  return { file: path, line: 1, column: 1 }
}
