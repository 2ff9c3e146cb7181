/** The files of an inventory, with their digest and warnings. */
import { createHash } from 'node:crypto'
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { VarsByName } from '../inventory/layers.ts'
import { varsFileName } from '../inventory/vars-files.ts'
import type { LoadWarning } from '../parse/load-warning.ts'
import { parseYaml } from '../parse/parse-yaml.ts'
import { copyInto } from '../values/copy-dict.ts'
import { Dict, type Value } from '../values/value.ts'
import { isIgnored } from './inventory-files.ts'

export class FileReader {
  readonly warnings: LoadWarning[] = []
  private readonly hash = createHash('sha256')

  /** Lower-case hex SHA-256 over the names and bytes of everything that was read. */
  digest(): string {
    return this.hash.digest('hex')
  }

  digestText(name: string, text: string): void {
    this.hash.update(`${name}\0${Buffer.byteLength(text)}\0${text}`)
  }

  exists(path: string): boolean {
    return existsSync(path)
  }

  isDirectory(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  }

  /** An inventory file that is there. */
  inventory(path: string): Value {
    const value = this.yaml(path) ?? null
    if (value === null)
      throw new AppError('INVENTORY_INVALID', 'the inventory is empty', {
        at: top(path),
        hint: 'is it the right file, and was it written to its end?',
      })
    return value
  }

  /** Undefined when there is no such file. */
  defaults(path: string): Dict | undefined {
    const value = this.yaml(path)
    if (value === undefined || value instanceof Dict) return value
    if (value === null) return new Dict()
    throw new AppError('INVENTORY_INVALID', 'role defaults are a mapping of variables', { at: top(path) })
  }

  /** Ansible reads the files of an inventory directory in order of their names, those of folders in place. */
  inventoryFiles(directory: string): string[] {
    const files = this.filesBelow(directory)
    if (files.length === 0)
      throw new AppError('INVENTORY_MISSING', `no inventory file in ${directory}`, { hint: nameOne })
    return files
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

  private filesBelow(directory: string): string[] {
    return this.list(directory)
      .map((entry) => entry.name)
      .filter((name) => !isIgnored(name))
      .sort()
      .map((name) => join(directory, name))
      .flatMap((path) => (this.isDirectory(path) ? this.filesBelow(path) : [path]))
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
    this.digestText(path, text)
    if (text.startsWith('$ANSIBLE_VAULT')) {
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
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unreadable(path, error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('INVENTORY_INVALID', 'the file is not UTF-8', {
      at: top(path),
      hint: 'save it as UTF-8, e.g. by iconv -f LATIN1 -t UTF-8',
      cause,
    })
  }
}

const nameOne =
  'name one that is there and may be read: -i or --pigsty-home; of a controller inventory or pigsty_home in its configuration'

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function unreadable(path: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('INVENTORY_MISSING', `${path} cannot be read: ${why}`, { hint: nameOne, cause })
}

function top(path: string): Location {
  return { file: path, line: 1, column: 1 }
}
