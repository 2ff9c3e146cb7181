/** What is in HAProxy's directory, for telling what others did there from what we did. */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import { type Files, isTemporaryName } from '../../shared/ports/files.ts'
import { type EntryMarks, markOf } from '../apply/carry-changes.ts'
import { readLiveDir } from '../apply/live-dir.ts'
import { type LayoutKind, workDirOf } from '../haproxy/locate.ts'

/**
 * A copy is the same as what it is a copy of: inodes and times would tell the one that we put back from the one that
 * others had written. Our work directory is left out, and names that only an apply in hand may have.
 *
 * @returns what each entry holds, by base name
 */
export async function dirContent(files: Files, kind: LayoutKind, dir: string): Promise<EntryMarks> {
  const { entries, loaded } = await readLiveDir(files, dir, workDirOf(kind, dir))
  const marks = entries
    .filter(({ name }) => !isTemporaryName(name))
    .map(async ({ name }) => {
      const text = loaded.get(name)
      return [name, text === undefined ? await markOf(files, join(dir, name)) : sha256(text)] as const
    })
  return new Map(await Promise.all(marks))
}

/** In any order. Pure. */
export function sameContent(a: EntryMarks, b: EntryMarks): boolean {
  return a.size === b.size && [...a].every(([name, mark]) => b.get(name) === mark)
}
