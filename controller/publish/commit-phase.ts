/**
 * The commit point, and the second phase: nodes follow what is durable already.
 *
 * From here on the operator's command may be gone: nothing is taken back, and a node that fails keeps its
 * last good set and is named.
 */
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import type { CommitRequest } from '../store/store.ts'
import { committedEvents } from './act-events.ts'
import { type OwnerChange, type Proposal, sameAssignments } from './change.ts'
import type { Emit, NodeOutcome, NodeResult, Notice } from './events.ts'
import type { NodeAnswer, OnProgress } from './node-links.ts'
import { noticeOfEdits, noticeOfQuarantine } from './notices.ts'
import type { Ack, NodeBefore, PreparedNode } from './prepare-phase.ts'
import type { PublishOptions, PublishPorts } from './publish-ports.ts'

export interface CommitInput {
  readonly publishId: string
  readonly kind: Proposal['kind']
  readonly changes: readonly OwnerChange[]
  readonly nodes: readonly PreparedNode[]
  readonly before: ReadonlyMap<string, NodeBefore>
  /** Contents of the files of revisions that do not exist yet. */
  readonly newBlobs: Blobs
}

/** The nodes whose snapshot the commit moves on: all but those that have and run it already. */
export function nodesToMove(
  nodes: readonly PreparedNode[],
  before: ReadonlyMap<string, NodeBefore>,
  changes: readonly OwnerChange[],
): PreparedNode[] {
  return nodes.filter(({ node, after, ack, link, failure }) => {
    const known = before.get(node)
    if (!known || !sameAssignments(known.snapshot.assignments, after)) return true
    if (losesKept(node, known.snapshot, changes)) return true
    if (!link || failure) return false
    // The same revisions again: worth a commit where the last apply failed, or left out an owner, or the files have
    // drifted.
    const isWhole =
      known.record.appliedVersion === known.snapshot.version && known.record.quarantined.length === 0
    return (ack !== undefined && needsWork(ack)) || !isWhole
  })
}

/** What a node keeps stands in no assignment; that it ends has to reach a node that is away now, too. */
function losesKept(node: string, { keptOwners = [] }: Snapshot, changes: readonly OwnerChange[]): boolean {
  return changes.some(({ owner, unassign }) => unassign.includes(node) && keptOwners.includes(owner))
}

/** A HAProxy that does not run is no work for an agent when its files are as they should be. */
function needsWork({ change, reasons, filesToWrite = 0 }: Ack): boolean {
  if (filesToWrite > 0) return true
  return change !== 'none' && (change !== 'not-running' || reasons.length > 0)
}

/** @throws AppError `STATE_MOVED`; nothing has been written then */
export async function commitPoint(
  ports: PublishPorts,
  options: PublishOptions,
  input: CommitInput,
  moving: readonly PreparedNode[],
  emit: Emit,
): Promise<void> {
  const moved = new Set(moving.map(({ node }) => node))
  const create = input.changes.flatMap((change) => change.revision?.create ?? [])
  const act = { kind: input.kind, operator: options.operator, atMs: ports.clock.now() }
  const request: CommitRequest = {
    publishId: input.publishId,
    ...act,
    revisions: create,
    blobs: create.length > 0 ? input.newBlobs : new Map(),
    assign: input.changes.flatMap(({ owner, revision, assign }) =>
      revision
        ? assign.filter((node) => moved.has(node)).map((node) => ({ owner, node, revision: revision.number }))
        : [],
    ),
    unassign: input.changes.flatMap(({ owner, unassign }) => unassign.map((node) => ({ owner, node }))),
    nodes: new Map(moving.map(({ node }) => [node, input.before.get(node)?.snapshot.version ?? 0])),
    acts: input.changes.map(({ owner, revision, assign, unassign }) => ({
      owner,
      revision: revision?.number ?? 0,
      nodes: revision ? assign : unassign,
    })),
    events: committedEvents(input.changes, act),
  }
  await ports.store.commit(request)
  emit({
    kind: 'committed',
    revisions: input.changes.flatMap(({ owner, revision }) =>
      revision ? [{ owner, revision: revision.number, created: revision.create !== undefined }] : [],
    ),
  })
}

/** Second phase: every moving node is told, its result emitted as it comes. */
export async function followUp(
  ports: PublishPorts,
  options: PublishOptions,
  input: CommitInput,
  moving: readonly PreparedNode[],
  emit: Emit,
): Promise<NodeResult[]> {
  const stop = new AbortController()
  const timeout = ports.clock.sleep(options.timeoutMs, stop.signal).then(() => {
    stop.abort()
    return 'timeout' as const
  })
  try {
    return await Promise.all(
      moving.map(async (prepared) => {
        const result = await followNode(ports, input, prepared, emit, timeout, stop.signal)
        emit({ kind: 'node', result })
        return result
      }),
    )
  } finally {
    stop.abort()
  }
}

async function followNode(
  ports: PublishPorts,
  input: CommitInput,
  prepared: PreparedNode,
  emit: Emit,
  timeout: Promise<'timeout'>,
  signal: AbortSignal,
): Promise<NodeResult> {
  const { node, link, failure } = prepared
  const version = (input.before.get(node)?.snapshot.version ?? 0) + 1
  const onProgress: OnProgress = (stage, elapsedMs) => emit({ kind: 'progress', node, stage, elapsedMs })
  if (!link) {
    // It may have come back since it was asked, and was told then what counted before the commit.
    ports.links.push(node)
    return { node, outcome: 'offline' }
  }
  if (failure) {
    // It is told all the same: what it refuses is on record, and what it missed it gets as soon as it listens.
    ports.links.push(node)
    return { node, ...failure }
  }
  const first = await Promise.race([link.commit(input.publishId, version, onProgress), timeout])
  if (first === 'timeout') return { node, outcome: 'timeout' }
  const told = (answer: Exclude<NodeAnswer, { kind: 'gone' }>) => {
    for (const notice of noticesOfOthers(node, answer, input.changes)) emit({ kind: 'warning', notice })
    if (answer.kind === 'ack' && answer.edits?.length)
      emit({ kind: 'warning', notice: noticeOfEdits(node, answer.edits) })
    return resultOf(node, answer, prepared, input.changes)
  }
  if (first.kind !== 'gone' && !mustBeSent(first)) return told(first)
  const second = await Promise.race([ports.links.converge(node, version, onProgress, signal), timeout])
  if (second !== 'timeout' && second.kind !== 'gone') return told(second)
  return { node, outcome: ports.links.link(node) ? 'timeout' : 'offline' }
}

/** The prepared set is no longer there, or the stream broke: the whole snapshot has to travel. */
function mustBeSent(answer: NodeAnswer): boolean {
  return answer.kind === 'gone' || (answer.kind === 'nack' && answer.fault.stage === 'receive')
}

/** Owners that the node leaves out, and that are none of this publish: why is not for this command to answer. */
function noticesOfOthers(
  node: string,
  answer: NodeAnswer,
  changes: readonly OwnerChange[],
): readonly Notice[] {
  if (answer.kind !== 'ack') return []
  const own = new Set(changes.map(({ owner }) => owner))
  return (answer.quarantined ?? [])
    .filter(({ owner }) => !own.has(owner))
    .map((one) => noticeOfQuarantine(node, one))
}

function resultOf(
  node: string,
  answer: Exclude<NodeAnswer, { kind: 'gone' }>,
  prepared: PreparedNode,
  changes: readonly OwnerChange[],
): NodeResult {
  if (answer.kind === 'nack') return { node, outcome: 'failed', fault: answer.fault }
  const { stageMs, validateMs } = prepared.ack?.timings ?? { stageMs: 0, validateMs: 0 }
  const timings = {
    ...answer.timings,
    stageMs: answer.timings.stageMs || stageMs,
    validateMs: answer.timings.validateMs || validateMs,
  }
  const own = new Set(changes.map(({ owner }) => owner))
  const quarantined = (answer.quarantined ?? []).filter(({ owner }) => own.has(owner))
  // With no word from HAProxy's side "unchanged" alone would look as if nothing had been done.
  const putBack = answer.change === 'none' ? (answer.edits ?? []).map(({ name }) => `${name} put back`) : []
  const done = { node, timings, reasons: [...answer.reasons, ...putBack], left: answer.left }
  if (quarantined.length === 0) return { ...done, outcome: outcomes[answer.change] }
  return { ...done, outcome: 'quarantined', fault: quarantined[0]?.fault, quarantined }
}

const outcomes = {
  none: 'unchanged',
  runtime: 'adjusted',
  reload: 'reloaded',
  'not-running': 'not-running',
} as const satisfies Record<string, NodeOutcome>
