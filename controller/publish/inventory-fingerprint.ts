/** Tells without reading them whether the files behind an inventory have changed. */
import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import { ansibleConfigPath, type InventorySource, inventoryPath } from '../reader/inventory-path.ts'

/** A file written this shortly ago may be written again within the same tick of the file system's clock. */
const racyMs = 100
const maxEntries = 20_000

/**
 * @returns a digest of path, inode, size and times of all files that can matter; undefined when a file is an
 *   executable (its output cannot be foreseen), too young, or there are too many
 */
export async function inventoryFingerprint(
  source: InventorySource,
  nowMs: number,
): Promise<string | undefined> {
  const { defaults, pigstyHome } = source
  const inventory = inventoryPath(source)
  const roots = [
    inventory,
    ...beside(dirname(inventory)),
    ...(defaults ? [defaults] : []),
    ...(pigstyHome ? [ansibleConfigPath(pigstyHome), join(pigstyHome, 'roles')] : []),
  ]
  const lines: string[] = []
  for (const root of roots) {
    for await (const { path, stats } of walk(root)) {
      const young = Number(stats.ctimeMs) > nowMs - racyMs
      const program = root === inventory && stats.isFile() && (stats.mode & 0o111n) !== 0n
      if (young || program || lines.length >= maxEntries) return undefined
      lines.push(`${path} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`)
    }
  }
  return sha256(lines.join('\n'))
}

function beside(folder: string): string[] {
  return [join(folder, 'group_vars'), join(folder, 'host_vars')]
}

/** Of a role only its defaults are read. */
const unread = /\/roles\/[^/]+\/(tasks|templates|files|handlers|meta|vars|molecule)$|\/\.git$/

async function* walk(path: string): AsyncGenerator<{ path: string; stats: BigIntStats }> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  if (!stats) return
  yield { path, stats }
  if (!stats.isDirectory()) return
  const names = await readdir(path).catch(() => [])
  for (const name of names.sort()) {
    if (!unread.test(join(path, name))) yield* walk(join(path, name))
  }
}
