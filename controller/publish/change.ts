/** What a publish, rollback or removal would change, as data. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Assignment, Blobs, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import type { OwnerPlan } from '../plan/owner-plan.ts'
import type { OwnerTarget } from '../plan/targets.ts'
import { assignmentOf, sortedByOwner } from '../store/assignment.ts'
import type { ActKind, NewRevision } from '../store/store.ts'
import type { Notice } from './events.ts'

/** A revision that nodes are to be assigned. */
export interface RevisionChange {
  readonly number: number
  readonly plan: OwnerPlan
  /** Set when the revision does not exist yet. */
  readonly create?: NewRevision | undefined
}

export interface OwnerChange {
  readonly owner: Owner
  /** Absent for a removal. */
  readonly revision?: RevisionChange | undefined
  /** Nodes that get `revision`. */
  readonly assign: readonly string[]
  /** Nodes that lose the owner. */
  readonly unassign: readonly string[]
  /** The leader last followed. */
  readonly followed: string | undefined
}

/** All that an act would do, before any node was asked. */
export interface Proposal {
  readonly kind: Exclude<ActKind, 'forget'>
  readonly targets: readonly OwnerTarget[]
  readonly changes: readonly OwnerChange[]
  /** Contents of the files of revisions that do not exist yet. */
  readonly blobs: Blobs
  readonly warnings: readonly Notice[]
  /** Owners that cannot be published, and why. */
  readonly errors: readonly Notice[]
  /** A removal is asked for by name: shrink protection would only repeat it. */
  readonly guardShrink: boolean
}

/** Nodes that the changes touch, in the order given, each once. */
export function nodesOf(changes: readonly OwnerChange[]): string[] {
  return [...new Set(changes.flatMap((change) => [...change.assign, ...change.unassign]))]
}

/** A node's assignments after the changes, sorted by owner. */
export function candidate(
  current: readonly Assignment[],
  node: string,
  changes: readonly OwnerChange[],
): Assignment[] {
  const touched = changes.filter((change) => change.assign.includes(node) || change.unassign.includes(node))
  const owners = new Set(touched.map((change) => change.owner))
  const added = touched.flatMap((change) => {
    const { revision } = change
    const assignment =
      revision &&
      change.assign.includes(node) &&
      assignmentOf(revision.plan, revision.number, node, change.followed)
    return assignment ? [assignment] : []
  })
  return sortedByOwner([...current.filter((assignment) => !owners.has(assignment.owner)), ...added])
}

/** Whether two snapshots hold the same revisions of the same owners. */
export function sameAssignments(left: Snapshot['assignments'], right: Snapshot['assignments']): boolean {
  const key = (assignments: Snapshot['assignments']) =>
    assignments.map((assignment) => `${assignment.owner}@${assignment.revision}`).join(' ')
  return key(left) === key(right)
}

/** SHA-256 of a plan that does not depend on the order of its keys. */
export function planDigest(plan: OwnerPlan): string {
  return sha256(canonicalJson(plan))
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
