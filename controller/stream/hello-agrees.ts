/**
 * Whether an agent that says Hello has what this controller assigned to it. Pure.
 *
 * Versions and revisions are counted by one database. After that was lost, or put back from a copy, an agent may
 * name the same numbers and mean something else, so the contents have to agree too.
 */
import type { AppliedOwner, Snapshot } from '../../shared/model/snapshot.ts'
import { digestsOf } from '../store/assignment.ts'

/** What a Hello says of the set that runs. */
export interface HelloApplied {
  readonly appliedVersion: number
  readonly applied: readonly AppliedOwner[]
  /** An agent holds exactly the contents of what it applied when it says Hello. */
  readonly heldDigests: readonly string[]
}

/**
 * Leaders are not compared: an agent that followed one by itself has what it was assigned.
 *
 * @returns false also when the agent keeps owners that were never published here: which of its contents are
 *   theirs is not known, and sending once too often is better than once too few
 */
export function helloAgrees(hello: HelloApplied, snapshot: Snapshot): boolean {
  if (snapshot.version === 0 || hello.appliedVersion !== snapshot.version) return false
  if (snapshot.keptOwners && snapshot.keptOwners.length > 0) return false
  return (
    sameSet(hello.applied.map(nameOf), snapshot.assignments.map(nameOf)) &&
    sameSet(hello.heldDigests, digestsOf(snapshot.assignments))
  )
}

/**
 * The version that counts as applied, as far as this controller can know; 0 when it cannot.
 *
 * @param known - what the agent itself acknowledged to this controller last
 */
export function appliedVersionOf(hello: HelloApplied, snapshot: Snapshot, known: number): number {
  if (helloAgrees(hello, snapshot)) return snapshot.version
  return hello.appliedVersion === known && known !== snapshot.version ? known : 0
}

function nameOf({ owner, revision }: Pick<AppliedOwner, 'owner' | 'revision'>): string {
  return `${owner}@${revision}`
}

function sameSet(left: Iterable<string>, right: Iterable<string>): boolean {
  const [one, other] = [new Set(left), new Set(right)]
  return one.size === other.size && [...one].every((name) => other.has(name))
}
