/** Which files of an inventory are read, and as what. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'

/** Endings that Ansible passes over in an inventory directory. */
const ignoredEndings = [
  '~',
  '.pyc',
  '.pyo',
  '.swp',
  '.bak',
  '.rpm',
  '.md',
  '.txt',
  '.rst',
  '.orig',
  '.ini',
  '.cfg',
  '.retry',
]
const ignoredNames = new Set(['host_vars', 'group_vars', 'vars_plugins'])

/** Whether Ansible passes over an entry of an inventory directory. */
export function isIgnored(name: string): boolean {
  return (
    name.startsWith('.') || ignoredNames.has(name) || ignoredEndings.some((ending) => name.endsWith(ending))
  )
}

/**
 * How an inventory file is read.
 *
 * A program is what may be executed and says itself what runs it: `#!`, or a binary. Ansible tries to run
 * everything that may be executed and falls back to YAML; a pigsty.yml with a stray permission ends up the same
 * in both ways, without being handed to a shell here.
 */
export function inventoryKind(path: string): 'script' | 'yaml' | 'other' {
  if (isExecutable(path) && isProgram(firstBytes(path))) return 'script'
  return ['', '.yml', '.yaml', '.json'].includes(extname(path)) ? 'yaml' : 'other'
}

function isProgram(start: Buffer): boolean {
  return start.subarray(0, 2).toString('latin1') === '#!' || start.toString('latin1') === '\x7fELF'
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function firstBytes(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4)
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(file)
  }
}
