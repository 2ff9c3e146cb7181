/**
 * What a snapshot asks for: the set of files that is to run, and the other sets that may have to run later,
 * when another instance leads. Pure.
 */
import type { Assignment, Blobs, FileRef, Snapshot } from '../../shared/model/snapshot.ts'
import { FaultError } from './fault-error.ts'

export interface CandidateFile {
  readonly name: string
  readonly owner: string
  readonly digest: string
  readonly text: string
}

/** The files of one owner under another leader. */
export interface Alternate {
  readonly owner: string
  readonly leader: string
  readonly files: readonly CandidateFile[]
}

export interface Candidate {
  /** What is to run, by base name. */
  readonly files: ReadonlyMap<string, CandidateFile>
  /** Leader whose variant is to run, by owner. */
  readonly leaders: Readonly<Record<string, string>>
  /** Every other variant that differs from what is to run, each content once. */
  readonly alternates: readonly Alternate[]
}

/**
 * @param blobs - contents of every file of every variant
 * @param isNew - whether what the owner has differs from what is in place: when two owners claim one file name, the
 *   new one is at fault
 * @throws FaultError BLOB_MISSING, VARIANT_MISSING, FILE_CLASH
 */
export function makeCandidate(
  snapshot: Snapshot,
  blobs: Blobs,
  isNew: (owner: string) => boolean = () => true,
): Candidate {
  const files = new Map<string, CandidateFile>()
  const leaders: Record<string, string> = {}
  const alternates: Alternate[] = []
  for (const assignment of snapshot.assignments) {
    const chosen = chooseVariant(assignment)
    leaders[assignment.owner] = chosen.leader
    for (const file of resolve(assignment.owner, chosen.files, blobs)) addFile(files, file, isNew)
    const seen = new Set([contentKey(chosen.files)])
    for (const variant of assignment.variants) {
      const key = contentKey(variant.files)
      // Resolved even when seen: a blob that is missing must not show only when its leader leads.
      const resolved = resolve(assignment.owner, variant.files, blobs)
      if (seen.has(key)) continue
      seen.add(key)
      alternates.push({ owner: assignment.owner, leader: variant.leader, files: resolved })
    }
  }
  return { files, leaders, alternates }
}

/** The variant that is to run. Who leads by the agent's own knowledge is in the snapshot already, see followed.ts. */
function chooseVariant(assignment: Assignment): Assignment['variants'][number] {
  const chosen = assignment.variants.find((variant) => variant.leader === assignment.leader)
  if (chosen) return chosen
  throw new FaultError({
    stage: 'receive',
    code: 'VARIANT_MISSING',
    owner: assignment.owner,
    message: `there is no variant of ${assignment.owner} for leader ${assignment.leader || '(none)'}`,
  })
}

function resolve(owner: string, refs: readonly FileRef[], blobs: Blobs): readonly CandidateFile[] {
  return refs.map(({ name, digest }) => {
    const text = blobs.get(digest)
    if (text !== undefined) return { name, owner, digest, text }
    const message = `the content of ${name} (${digest}) did not come along and is not held`
    throw new FaultError({ stage: 'receive', code: 'BLOB_MISSING', owner, file: name, message })
  })
}

function addFile(
  files: Map<string, CandidateFile>,
  file: CandidateFile,
  isNew: (owner: string) => boolean,
): void {
  const other = files.get(file.name)
  if (other) {
    const message = `${file.name} is claimed by both ${other.owner} and ${file.owner}`
    const owner = isNew(other.owner) && !isNew(file.owner) ? other.owner : file.owner
    throw new FaultError({ stage: 'guard', code: 'FILE_CLASH', owner, file: file.name, message })
  }
  files.set(file.name, file)
}

function contentKey(files: readonly FileRef[]): string {
  return files.map(({ name, digest }) => `${name}=${digest}`).join('\n')
}
