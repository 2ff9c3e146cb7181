/** What an act did, as events: one per owner when it is committed, one more when it did not come through everywhere. */
import type { NewEvent } from '../events/event.ts'
import type { ActKind, AssignmentRecord } from '../store/store.ts'
import type { OwnerChange } from './change.ts'
import type { Refusal } from './prepare-phase.ts'

export interface ActInfo {
  readonly kind: Exclude<ActKind, 'forget'>
  readonly operator: string
  readonly atMs: number
}

export function committedEvents(
  changes: readonly OwnerChange[],
  { kind, operator, atMs }: ActInfo,
): NewEvent[] {
  return changes.map(({ owner, revision, assign, unassign }) => {
    const given = revision
      ? `${verbs[kind]} @${revision.number}${assign.length > 0 ? ` on ${list(assign)}` : ''}`
      : ''
    const taken = unassign.length > 0 ? `took it off ${list(unassign)}` : ''
    const message = `${operator} ${[given, taken].filter((part) => part !== '').join(' and ')}`
    return { atMs, kind, owner, message }
  })
}

/** @param nodes - those that did not come through */
export function failedEvent(
  { owner, revision }: OwnerChange,
  nodes: readonly string[],
  { kind, operator, atMs }: ActInfo,
): NewEvent {
  const what = revision ? ` of @${revision.number}` : ''
  return { atMs, kind, owner, message: `the ${kind}${what} by ${operator} failed on ${list(nodes)}` }
}

/** An owner that a node refused to prepare. */
export function refusedEvent({ owner, node, fault }: Refusal, atMs: number): NewEvent {
  return {
    atMs,
    kind: 'refused',
    owner,
    node,
    message: `a publish was refused: ${fault.code}: ${fault.message}`,
  }
}

/** @param ended - what the node was assigned */
export function forgottenEvents(
  node: string,
  ended: readonly AssignmentRecord[],
  { operator, atMs }: Omit<ActInfo, 'kind'>,
): NewEvent[] {
  const message = `${operator} forgot this node`
  if (ended.length === 0) return [{ atMs, kind: 'forget', node, message }]
  return ended.map(({ owner, revision }) => ({
    ...{ atMs, kind: 'forget' as const, owner, node },
    message: `${message}, which was assigned @${revision}`,
  }))
}

const verbs: Readonly<Record<Exclude<ActKind, 'forget'>, string>> = {
  publish: 'published',
  rollback: 'went back to',
  remove: 'removed',
}

const maxNames = 10

function list(names: readonly string[]): string {
  const more = names.length - maxNames
  return more > 0 ? `${names.slice(0, maxNames).join(', ')} and ${more} more` : names.join(', ')
}
