/**
 * Takes over what others did to one directory while it stood in another's place.
 */
import { join } from 'node:path'
import { type Files, temporaryName } from '../../shared/ports/files.ts'

/** Size, inode and time of last change of each entry, by name. */
export type EntryStamps = ReadonlyMap<string, string>

export async function stampEntries(files: Files, dir: string): Promise<EntryStamps> {
  const entries = (await files.list(dir)) ?? []
  const stamps = await Promise.all(
    entries.map(async ({ name }) => [name, JSON.stringify(await files.stamp(join(dir, name)))] as const),
  )
  return new Map(stamps)
}

/** @param before - the entries of `from` before others could write there */
export async function carryChanges(
  files: Files,
  from: string,
  to: string,
  before: EntryStamps,
): Promise<void> {
  const now = await stampEntries(files, from)
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    if (now.get(name) === before.get(name)) continue
    if (!now.has(name)) await files.remove(join(to, name))
    else await replace(files, join(from, name), join(to, name))
  }
}

async function replace(files: Files, from: string, to: string): Promise<void> {
  const kind = await files.kind(from)
  if (kind === undefined || kind === 'other') return
  const temporary = temporaryName(to)
  await files.remove(temporary)
  if (kind === 'symlink') await files.symlink(await files.readLink(from), temporary)
  else await files.copy(from, temporary)
  // A rename replaces a file or link, but no directory.
  if (kind === 'directory') await files.remove(to)
  await files.rename(temporary, to)
}
