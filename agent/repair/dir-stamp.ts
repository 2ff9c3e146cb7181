/**
 * Tells whether anything in a directory has changed, without reading it.
 *
 * Looked at again and again: a watch of the kernel's would follow a directory that was exchanged long ago.
 */
import { join } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'

/** @returns another text after anything was written, renamed, added or removed in it, or another directory put there */
export async function dirStamp(files: Files, dir: string): Promise<string> {
  const kind = await files.kind(dir)
  const target = kind === 'symlink' ? await files.readLink(dir).catch(() => '') : ''
  const entries = (await files.list(dir)) ?? []
  const rows = await Promise.all(
    entries.map(async (entry) => {
      // A directory's own times change with what is in it, our work directory's with every apply.
      const stamp = entry.kind === 'directory' ? undefined : await files.stamp(join(dir, entry.name))
      return [entry.name, entry.kind, stamp?.inode, stamp?.bytes, stamp?.changedMs]
    }),
  )
  return JSON.stringify([kind, target, rows])
}
