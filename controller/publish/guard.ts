/** What the controller refuses by itself, before any node is asked: shrinking by accident, and clashes. */
import type { Assignment, Blobs } from '../../shared/model/snapshot.ts'
import type { NodeServices } from '../plan/shrink.ts'
import { candidate, nodesOf, type OwnerChange, type Proposal } from './change.ts'
import { findClashes, mergedClashes } from './clashes.ts'
import type { Notice } from './events.ts'
import { noticeOfProblem } from './notices.ts'
import type { NodeBefore } from './prepare-phase.ts'
import type { PublishPorts } from './publish-ports.ts'

export interface Guarded {
  /** The owners that may go on. */
  readonly changes: readonly OwnerChange[]
  /** What would shrink, and may not: nodes could take it, so they can still show what it would change. */
  readonly withheld: readonly OwnerChange[]
  readonly errors: readonly Notice[]
  readonly warnings: readonly Notice[]
}

export function guard(
  { findShrink }: Pick<PublishPorts, 'findShrink'>,
  proposal: Proposal,
  before: ReadonlyMap<string, NodeBefore>,
  blobs: Blobs,
  allowShrink: boolean,
): Guarded {
  const clashes = clashNotices(proposal.changes, before, blobs)
  const fitting = without(proposal.changes, clashes)
  const shrink = proposal.guardShrink ? shrinkNotices(findShrink, fitting, before) : []
  // Who has allowed it need not be told how to.
  const allowed = shrink.map((notice) => ({ ...notice, hint: undefined }))
  if (allowShrink) return { changes: fitting, withheld: [], errors: clashes, warnings: allowed }
  const changes = without(fitting, shrink)
  const withheld = fitting.filter((change) => !changes.includes(change))
  return { changes, withheld, errors: [...clashes, ...shrink], warnings: [] }
}

function without(changes: readonly OwnerChange[], notices: readonly Notice[]): readonly OwnerChange[] {
  const refused = new Set(notices.map((notice) => notice.owner))
  return changes.filter((change) => !refused.has(change.owner))
}

function clashNotices(
  changes: readonly OwnerChange[],
  before: ReadonlyMap<string, NodeBefore>,
  blobs: Blobs,
): Notice[] {
  const published = new Set(changes.map((change) => change.owner))
  const found = nodesOf(changes).map((node) => {
    const current = before.get(node)?.snapshot.assignments ?? []
    return { node, notices: findClashes(node, candidate(current, node, changes), published, blobs) }
  })
  return mergedClashes(found)
}

function shrinkNotices(
  findShrink: PublishPorts['findShrink'],
  changes: readonly OwnerChange[],
  before: ReadonlyMap<string, NodeBefore>,
): Notice[] {
  const old: NodeServices[] = []
  const next: NodeServices[] = []
  for (const node of nodesOf(changes)) {
    const current = before.get(node)?.snapshot.assignments ?? []
    old.push(...servicesOf(node, current))
    next.push(...servicesOf(node, candidate(current, node, changes)))
  }
  return findShrink(old, next).map(noticeOfProblem)
}

function servicesOf(node: string, assignments: readonly Assignment[]): NodeServices[] {
  return assignments.map(({ owner, services }) => ({ owner, node, services }))
}
