/** Which files of ours are not on disk as they were applied. Pure. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { OwnedFile } from '../state/state-file.ts'

export interface DriftedFile {
  readonly name: string
  readonly kind: 'changed' | 'missing'
  readonly owner: string
}

/**
 * @param live - text of each file in the live directory, by base name
 * @returns sorted by name
 */
export function findDrift(
  owned: Readonly<Record<string, OwnedFile>>,
  live: ReadonlyMap<string, string>,
): readonly DriftedFile[] {
  return Object.entries(owned)
    .flatMap(([name, { digest, owner }]): DriftedFile[] => {
      const text = live.get(name)
      if (text === undefined) return [{ name, kind: 'missing', owner }]
      return sha256(text) === digest ? [] : [{ name, kind: 'changed', owner }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
