/**
 * HAProxy's service directory as it is now: the files that HAProxy would load, and everything else in it that
 * a new generation has to carry along.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Entry, Files } from '../../shared/ports/files.ts'

export interface LiveDir {
  /** What stands at the path: a directory, a symbolic link to one, or nothing yet. */
  readonly kind: 'directory' | 'symlink' | 'missing'
  readonly entries: readonly Entry[]
  /** Text of each file that HAProxy loads from here, by base name. */
  readonly loaded: ReadonlyMap<string, string>
}

export async function readLiveDir(files: Files, path: string): Promise<LiveDir> {
  const kind = await files.kind(path)
  const entries = (await files.list(path)) ?? []
  const loaded = new Map<string, string>()
  const contents = await Promise.all(
    entries.filter(isLoaded).map(async ({ name }) => ({ name, content: await files.read(join(path, name)) })),
  )
  for (const { name, content } of contents) {
    if (content !== undefined) loaded.set(name, content.toString('utf8'))
  }
  return { kind: kind === 'directory' || kind === 'symlink' ? kind : 'missing', entries, loaded }
}

/** HAProxy loads `*.cfg` but dot files. Source: HAProxy management guide, section 3, `-f`. */
function isLoaded({ name, kind }: Entry): boolean {
  return name.endsWith('.cfg') && !name.startsWith('.') && (kind === 'file' || kind === 'symlink')
}

/**
 * Changes whenever something that is not ours does: names, kinds, and the bytes of what HAProxy loads.
 *
 * @param ours - base names left out
 */
export function foreignDigest(live: LiveDir, ours: (name: string) => boolean): string {
  const rows = live.entries
    .filter(({ name }) => !ours(name))
    .map(({ name, kind }) => JSON.stringify([name, kind, live.loaded.get(name) ?? null]))
  return sha256(rows.join('\n'))
}
