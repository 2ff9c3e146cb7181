/**
 * Takes over what others did to one directory while it stood in another's place.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import { type Files, temporaryName } from '../../shared/ports/files.ts'
import { syncTree } from './staging.ts'

/** What each entry holds, by name: inode and times would not be the same everywhere after a reboot. */
export type EntryMarks = ReadonlyMap<string, string>

export async function markEntries(files: Files, dir: string): Promise<EntryMarks> {
  const entries = (await files.list(dir)) ?? []
  const marks = await Promise.all(
    entries.map(async ({ name }) => [name, await markOf(files, join(dir, name))] as const),
  )
  return new Map(marks)
}

/** What stands at the path, a symbolic link not followed; '' for nothing. */
export async function markOf(files: Files, path: string): Promise<string> {
  const kind = await files.kind(path)
  if (kind === 'file') return sha256((await files.read(path)) ?? '')
  if (kind === 'symlink') return `-> ${await files.readLink(path)}`
  if (kind !== 'directory') return kind ?? ''
  return sha256(JSON.stringify([...(await markEntries(files, path))]))
}

/**
 * @param before - the entries of `from` before others could write there
 * @returns the entries of `from` as they were taken over
 */
export async function carryChanges(
  files: Files,
  from: string,
  to: string,
  before: EntryMarks,
): Promise<EntryMarks> {
  const now = await markEntries(files, from)
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
    (name) => now.get(name) !== before.get(name),
  )
  for (const name of changed) {
    if (now.has(name)) await replace(files, join(from, name), join(to, name))
    else await files.remove(join(to, name))
  }
  if (changed.length > 0) await files.sync(to)
  return now
}

async function replace(files: Files, from: string, to: string): Promise<void> {
  const kind = await files.kind(from)
  if (kind === undefined || kind === 'other') return
  const temporary = temporaryName(to)
  await files.remove(temporary)
  if (kind === 'symlink') await files.symlink(await files.readLink(from), temporary)
  else {
    await files.copy(from, temporary)
    await syncTree(files, temporary)
  }
  // A rename replaces a file or link, but no directory.
  if (kind === 'directory') await files.remove(to)
  await files.rename(temporary, to)
}
