/** Which files of ours are not on disk as they were applied. Pure. */
import { sha256 } from '../../shared/digest/sha256.ts'
import { sameMeaning } from '../../shared/haproxy/canonical.ts'
import type { Blobs } from '../../shared/model/snapshot.ts'
import type { OwnedFile } from '../state/state-file.ts'

export interface DriftedFile {
  readonly name: string
  readonly kind: 'changed' | 'missing'
  readonly owner: string
}

/**
 * Another program may write a file of ours anew in its own words; while it means the same, that is no drift.
 *
 * @param live - text of each file in the live directory, by base name
 * @param held - contents by digest, as far as they are held
 * @returns sorted by name
 */
export function findDrift(
  owned: Readonly<Record<string, OwnedFile>>,
  live: ReadonlyMap<string, string>,
  held: Blobs,
): readonly DriftedFile[] {
  return Object.entries(owned)
    .flatMap(([name, { digest, owner }]): DriftedFile[] => {
      const text = live.get(name)
      if (text === undefined) return [{ name, kind: 'missing', owner }]
      if (sha256(text) === digest) return []
      const applied = held.get(digest)
      return applied !== undefined && sameMeaning(applied, text) ? [] : [{ name, kind: 'changed', owner }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
