/**
 * HAProxy's service directory as it is now: the files that HAProxy would load, and everything else in it that
 * a new generation has to carry along.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Entry, Files } from '../../shared/ports/files.ts'
import type { Layout } from '../haproxy/locate.ts'

export interface LiveDir {
  /** What stands at the path: a directory, a symbolic link to one, or nothing yet. */
  readonly kind: 'directory' | 'symlink' | 'missing'
  readonly entries: readonly Entry[]
  /** Text of each file that HAProxy loads from here, by base name. */
  readonly loaded: ReadonlyMap<string, string>
}

/** @param workDir - in the flat layout it lies there too; it is no part of what is live */
export async function readLiveDir(files: Files, path: string, workDir = ''): Promise<LiveDir> {
  const kind = await files.kind(path)
  const entries = ((await files.list(path)) ?? []).filter(({ name }) => join(path, name) !== workDir)
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

/**
 * Changes whenever anything does that a new generation carries along, or that HAProxy loads: as `foreignDigest`,
 * and by size, inode and time of last change for what HAProxy does not load from here, e.g. certificates.
 *
 * @param live - as it was read from `dir`
 * @param dir - where it is now; the service directory when left out
 */
export async function stampOf(files: Files, layout: Layout, live: LiveDir, dir?: string): Promise<string> {
  const rows = [foreignDigest(live, () => false)]
  // The flat layout carries nothing: others' files stay where they are.
  const carried = layout.kind === 'flat' ? [] : live.entries.filter(({ name }) => !live.loaded.has(name))
  for (const entry of carried) rows.push(...(await stampTree(files, dir ?? layout.serviceDir, entry)))
  return sha256(rows.join('\n'))
}

/** One row per file or link, those in directories included. */
async function stampTree(files: Files, dir: string, { name, kind }: Entry): Promise<readonly string[]> {
  const path = join(dir, name)
  if (kind === 'directory') {
    const inner = (await files.list(path)) ?? []
    const rows = await Promise.all(inner.map((entry) => stampTree(files, path, entry)))
    return [name, ...rows.flat().map((row) => `${name}/${row}`)]
  }
  return [JSON.stringify([name, kind, await files.stamp(path)])]
}
