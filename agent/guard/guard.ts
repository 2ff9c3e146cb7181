/**
 * The agent's own rules, whatever the controller says: plain file names in its one directory, bounded sizes,
 * and only text that shared/haproxy allows.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import { findFileProblem, maxFilesPerNode } from '../../shared/haproxy/service-file.ts'

export interface GuardedFile {
  readonly name: string
  readonly owner: string
  readonly text: string
}

/**
 * @param files - of all variants of all owners
 * @param reserved - names that are HAProxy's own and never ours, e.g. `haproxy.cfg` in the flat layout
 * @returns the first violation of each owner
 */
export function findViolations(
  files: readonly GuardedFile[],
  reserved: ReadonlySet<string>,
): readonly Fault[] {
  if (files.length > maxFilesPerNode) {
    const message = `${files.length} files, at most ${maxFilesPerNode}`
    return [{ stage: 'guard', code: 'TOO_MANY_FILES', message }]
  }
  const byOwner = new Map<string, Fault>()
  for (const file of files) {
    if (byOwner.has(file.owner)) continue
    const problem = findFileProblem(file, reserved)
    if (problem) byOwner.set(file.owner, { stage: 'guard', owner: file.owner, file: file.name, ...problem })
  }
  return [...byOwner.values()]
}

/** As `findViolations`, the first one only. */
export function findViolation(
  files: readonly GuardedFile[],
  reserved: ReadonlySet<string>,
): Fault | undefined {
  return findViolations(files, reserved)[0]
}
