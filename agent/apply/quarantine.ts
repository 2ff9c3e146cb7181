/**
 * Owners whose newest files this node cannot take. It keeps their last good ones, or has none of theirs, and takes
 * the rest. What is in place is never taken away by it, whether HAProxy runs or not: an owner whose last good files
 * are refused all of a sudden (a name server that is away, a newer HAProxy program) is a fault of the whole set. Pure.
 */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Fault } from '../../shared/errors/fault.ts'
import type { Assignment, Snapshot } from '../../shared/model/snapshot.ts'
import type { KnownQuarantine } from '../state/state-file.ts'

export class Quarantine {
  private readonly wanted: ReadonlyMap<string, Assignment>
  private readonly applied: ReadonlyMap<string, Assignment>
  private readonly known: ReadonlyMap<string, KnownQuarantine>
  private readonly found = new Map<string, Fault>()

  /**
   * @param applied - what is in place
   * @param before - the owners in quarantine until now
   */
  constructor(wanted: Snapshot, applied: Snapshot, before: readonly KnownQuarantine[]) {
    this.wanted = byOwner(wanted)
    this.applied = byOwner(applied)
    this.known = new Map(before.map((entry) => [entry.owner, entry]))
  }

  /** What can be had of a snapshot without the owners at fault. */
  effective({ version, assignments }: Snapshot): Snapshot {
    return { version, assignments: assignments.flatMap((assignment) => this.instead(assignment) ?? []) }
  }

  /** What the owner is to have now differs from what is in place. */
  isNew(owner: string): boolean {
    const wanted = this.wanted.get(owner)
    const assignment = wanted && this.instead(wanted)
    return assignment !== undefined && contentOf(assignment) !== contentOf(this.applied.get(owner))
  }

  /** How those were refused before that are to have now what was refused then. */
  refusedBefore(): ReadonlyMap<string, Fault> {
    return new Map(
      [...this.known.values()]
        .filter(({ owner }) => !this.found.has(owner) && this.isAsBefore(owner))
        .map(({ owner, fault }) => [owner, fault]),
    )
  }

  /** @returns false when the fault has to stop the whole set */
  take(fault: Fault): boolean {
    const { owner } = fault
    // Contents that are missing are sent again, and nothing is wrong with the owner.
    if (owner === undefined || fault.code === 'BLOB_MISSING' || !this.isNew(owner)) return false
    this.found.set(owner, fault)
    return true
  }

  /** Everything that is in quarantine now. */
  owners(): readonly KnownQuarantine[] {
    return [...this.found].flatMap(([owner, fault]) => {
      const wanted = this.wanted.get(owner)
      if (!wanted) return []
      const keptRevision = this.instead(wanted)?.revision ?? 0
      return [{ owner, revision: wanted.revision, keptRevision, content: contentOf(wanted), fault }]
    })
  }

  /** Faults of owners that would have been changed: nothing of that is decided yet. */
  refusals(): readonly Fault[] {
    return [...this.found]
      .filter(([owner]) => {
        const isInPlace = contentOf(this.wanted.get(owner)) === contentOf(this.applied.get(owner))
        return !isInPlace && !this.isAsBefore(owner)
      })
      .map(([, fault]) => fault)
  }

  private isAsBefore(owner: string): boolean {
    return this.known.get(owner)?.content === contentOf(this.wanted.get(owner))
  }

  private instead(wanted: Assignment): Assignment | undefined {
    if (!this.found.has(wanted.owner)) return wanted
    const kept = this.applied.get(wanted.owner)
    // Who leads has nothing to do with the revision.
    const follows = kept?.variants.some(({ leader }) => leader === wanted.leader)
    return kept && follows ? { ...kept, leader: wanted.leader } : kept
  }
}

/** True when a snapshot says nothing else than what is in place. */
export function sameAssignments(left: Snapshot, right: Snapshot): boolean {
  const text = ({ assignments }: Snapshot) =>
    assignments.map((one) => `${one.owner}@${one.revision} ${one.leader} ${contentOf(one)}`).sort()
  return text(left).join('\n') === text(right).join('\n')
}

/** Names the files of all variants. */
function contentOf(assignment: Assignment | undefined): string {
  if (!assignment) return ''
  const variants = assignment.variants.map(({ leader, files }) => [
    leader,
    files.map(({ name, digest }) => [name, digest]).sort(),
  ])
  return sha256(JSON.stringify(variants.sort()))
}

function byOwner({ assignments }: Snapshot): ReadonlyMap<string, Assignment> {
  return new Map(assignments.map((assignment) => [assignment.owner, assignment]))
}
