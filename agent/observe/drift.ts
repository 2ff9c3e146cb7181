/** Which files of ours are not on disk as they were applied. Pure. */
import { sha256 } from '../../shared/digest/sha256.ts'
import { sameMeaning } from '../../shared/haproxy/canonical.ts'
import type { Blobs } from '../../shared/model/snapshot.ts'
import type { OwnedFile } from '../state/state-file.ts'
import { fileDiff } from './file-diff.ts'

export interface DriftedFile {
  readonly name: string
  readonly kind: 'changed' | 'missing'
  readonly owner: string
  /** Of a changed file whose applied content is held. */
  readonly diff?: string
}

/** Of all files together; the controller takes no bigger message (controller/stream/frame-bounds.ts). */
const maxDiffsBytes = 1 << 20

type OwnedFiles = Readonly<Record<string, OwnedFile>>

/**
 * Another program may write a file of ours anew in its own words; while it means the same, that is no drift.
 *
 * @param live - text of each file in the live directory, by base name
 * @param held - contents by digest, as far as they are held
 * @returns sorted by name
 */
export function findDrift(
  owned: OwnedFiles,
  live: ReadonlyMap<string, string>,
  held: Blobs,
): readonly DriftedFile[] {
  const found = Object.entries(owned)
    .flatMap(([name, file]): DriftedFile[] => {
      const { digest, owner } = file
      const text = live.get(name)
      if (text === undefined) return [{ name, kind: 'missing', owner }]
      if (isKnown(file, text)) return []
      const applied = held.get(digest)
      if (applied === undefined) return [{ name, kind: 'changed', owner }]
      if (sameMeaning(applied, text)) return []
      return [{ name, kind: 'changed', owner, diff: fileDiff(name, applied, text) }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return withinBounds(found)
}

/** Whoever rewrote a thousand files is told which, and how the first of them are: one message has to hold it. */
function withinBounds(found: readonly DriftedFile[]): readonly DriftedFile[] {
  let left = maxDiffsBytes
  return found.map((file) => {
    left -= Buffer.byteLength(file.diff ?? '')
    if (left >= 0) return file
    const { name, kind, owner } = file
    return { name, kind, owner }
  })
}

/** Files that others wrote with the same meaning since they were last taken note of: digests by base name. */
export function findReworded(
  owned: OwnedFiles,
  live: ReadonlyMap<string, string>,
  held: Blobs,
): ReadonlyMap<string, string> {
  const found = Object.entries(owned).flatMap(([name, file]) => {
    const text = live.get(name)
    const applied = held.get(file.digest)
    if (text === undefined || applied === undefined || isKnown(file, text)) return []
    return sameMeaning(applied, text) ? [[name, sha256(text)] as const] : []
  })
  return new Map(found)
}

function isKnown({ digest, taken }: OwnedFile, text: string): boolean {
  const found = sha256(text)
  return found === digest || found === taken
}
