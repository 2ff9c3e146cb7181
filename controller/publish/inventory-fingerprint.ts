/** Tells without reading them whether the files behind an inventory have changed. */
import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { InventorySource } from '../inventory/read-inventory.ts'

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
  const { inventory, defaults, pigstyHome } = source
  const roots = [
    ...(inventory ? [inventory, ...beside(dirname(inventory))] : []),
    ...(defaults ? [defaults] : []),
    ...(pigstyHome ? [join(pigstyHome, 'pigsty.yml'), join(pigstyHome, 'roles'), ...beside(pigstyHome)] : []),
  ]
  const lines: string[] = []
  for (const root of roots) {
    for await (const { path, stats } of walk(root)) {
      const young = Number(stats.ctimeMs) > nowMs - racyMs
      const program = path === inventory && stats.isFile() && (stats.mode & 0o111n) !== 0n
      if (young || program || lines.length >= maxEntries) return undefined
      lines.push(`${path} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`)
    }
  }
  return sha256(lines.join('\n'))
}

function beside(folder: string): string[] {
  return [join(folder, 'group_vars'), join(folder, 'host_vars')]
}

async function* walk(path: string): AsyncGenerator<{ path: string; stats: BigIntStats }> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  if (!stats) return
  yield { path, stats }
  if (!stats.isDirectory()) return
  const names = await readdir(path).catch(() => [])
  for (const name of names.sort()) {
    // Of a role only its defaults are read.
    if (!/^(tasks|templates|files|handlers|meta|vars|molecule|\.git)$/.test(name))
      yield* walk(join(path, name))
  }
}
