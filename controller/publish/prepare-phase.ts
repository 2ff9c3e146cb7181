/**
 * First phase: every connected target stages and validates what it would have, and changes nothing.
 *
 * An owner that a node refuses is taken out, and the rest is prepared again; at most once per owner. A node that
 * cannot take anything, for a reason of its own (a broken file of somebody else, no room, no answer), is named and
 * left behind like one that is offline; only when no node at all could check the set does the publish end.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Assignment, Blobs, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import type { NodeRecord } from '../store/store.ts'
import { candidate, nodesOf, type OwnerChange } from './change.ts'
import type { Emit, Notice } from './events.ts'
import type { NodeAnswer, NodeLink } from './node-links.ts'
import { noticesOfFaults } from './notices.ts'
import type { PublishOptions, PublishPorts } from './publish-ports.ts'

/** A node before the publish. */
export interface NodeBefore {
  readonly snapshot: Snapshot
  readonly record: NodeRecord
}

export interface PrepareInput {
  readonly publishId: string
  readonly changes: readonly OwnerChange[]
  readonly before: ReadonlyMap<string, NodeBefore>
  /** Contents of everything that any of the nodes has or would have. */
  readonly blobs: Blobs
  readonly dryRun: boolean
}

export type Ack = Extract<NodeAnswer, { kind: 'ack' }>

/** A target after the first phase. */
export interface PreparedNode {
  readonly node: string
  /** What it would have. */
  readonly after: readonly Assignment[]
  /** Absent when it is offline. */
  readonly link?: NodeLink | undefined
  readonly ack?: Ack | undefined
  /** Why it could not say anything about the set. */
  readonly failure?: NodeFailure | undefined
}

/** A node's own trouble. */
export interface NodeFailure {
  readonly outcome: 'refused' | 'timeout'
  readonly fault?: Fault | undefined
}

export type PrepareOutcome =
  | {
      readonly kind: 'prepared'
      /** The owners that no node refused. */
      readonly changes: readonly OwnerChange[]
      readonly nodes: readonly PreparedNode[]
      readonly refusals: readonly Refusal[]
    }
  | {
      readonly kind: 'failed'
      readonly nodes: readonly PreparedNode[]
      readonly refusals: readonly Refusal[]
    }
  | { readonly kind: 'cancelled' }

/** An owner that a node refused. */
export interface Refusal {
  readonly owner: Owner
  readonly node: string
  readonly fault: Fault
}

type Answer = NodeAnswer | { readonly kind: 'timeout' } | { readonly kind: 'cancelled' }

/** Aborts everywhere before it resolves with anything but `prepared`. */
export async function preparePhase(
  ports: PublishPorts,
  options: PublishOptions,
  input: PrepareInput,
  emit: Emit,
  signal: AbortSignal,
): Promise<PrepareOutcome> {
  const refusals: Refusal[] = []
  let active = input.changes
  // Each round but the last takes at least one owner out.
  for (let round = 0; round <= input.changes.length; round += 1) {
    const asked = await askAll(ports, options, { ...input, changes: active }, emit, signal)
    if (signal.aborted) {
      abortAll(asked, input.publishId)
      return { kind: 'cancelled' }
    }
    const refused = refusalsIn(asked, active)
    refusals.push(...refused)
    const nodes = asked.map((each) => toPrepared(each, refused))
    if (refused.length === 0) {
      const failed = asked.filter((_each, i) => nodes[i]?.failure)
      const nobodyChecked = failed.length > 0 && nodes.every(({ ack }) => ack === undefined)
      abortAll(nobodyChecked ? asked : failed, input.publishId)
      return nobodyChecked
        ? { kind: 'failed', nodes, refusals }
        : { kind: 'prepared', changes: active, nodes, refusals }
    }
    active = active.filter((change) => !refused.some((refusal) => refusal.owner === change.owner))
    if (active.length === 0) {
      abortAll(asked, input.publishId)
      return { kind: 'failed', nodes, refusals }
    }
    // What the last round prepared on a node that this round leaves out must not wait for its lease.
    const kept = new Set(nodesOf(active))
    abortAll(
      asked.filter(({ node }) => !kept.has(node)),
      input.publishId,
    )
  }
  throw new Error('the first phase did not come to an end')
}

interface Asked {
  readonly node: string
  readonly after: readonly Assignment[]
  readonly link: NodeLink | undefined
  readonly answer: Answer
}

async function askAll(
  ports: PublishPorts,
  options: PublishOptions,
  input: PrepareInput,
  emit: Emit,
  signal: AbortSignal,
): Promise<Asked[]> {
  const stop = new AbortController()
  const timeout = ports.clock.sleep(options.timeoutMs, stop.signal).then(() => ({ kind: 'timeout' as const }))
  const cancelled = new Promise<Answer>((resolve) => {
    const onAbort = () => resolve({ kind: 'cancelled' })
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true, signal: stop.signal })
  })
  try {
    return await Promise.all(
      nodesOf(input.changes).map(async (node) => {
        const before = input.before.get(node)
        if (!before) throw new Error(`nothing known of ${node}`)
        const after = candidate(before.snapshot.assignments, node, input.changes)
        const link = ports.links.link(node)
        const asked = link?.prepare(
          {
            publishId: input.publishId,
            snapshot: {
              version: before.snapshot.version + 1,
              assignments: after,
              keptOwners: keptBeside(after, before.snapshot, node, input.changes),
            },
            blobs: input.blobs,
            leaseMs: Math.max(options.leaseMs, options.timeoutMs + 5_000),
            dryRun: input.dryRun,
          },
          (stage, elapsedMs) => emit({ kind: 'progress', node, stage, elapsedMs }),
        )
        const answer: Answer = asked ? await Promise.race([asked, timeout, cancelled]) : { kind: 'gone' }
        return { node, after, link, answer }
      }),
    )
  } finally {
    stop.abort()
  }
}

function keptBeside(
  after: readonly Assignment[],
  { keptOwners = [] }: Snapshot,
  node: string,
  changes: readonly OwnerChange[],
): readonly Owner[] {
  const ended = changes.filter(({ unassign }) => unassign.includes(node)).map(({ owner }) => owner)
  const named = new Set([...after.map(({ owner }) => owner), ...ended])
  return keptOwners.filter((kept) => !named.has(kept))
}

function refusalsIn(asked: readonly Asked[], active: readonly OwnerChange[]): Refusal[] {
  const owners = new Set(active.map((change) => change.owner))
  return asked.flatMap(({ node, answer }) =>
    faultsIn(answer).flatMap(([owner, fault]) => (owners.has(owner) ? [{ owner, node, fault }] : [])),
  )
}

/** By owner. A node leaves out what it has refused before, and an owner of ours may be among that. */
function faultsIn(answer: Answer): readonly (readonly [Owner, Fault])[] {
  if (answer.kind === 'ack') return (answer.quarantined ?? []).map(({ owner, fault }) => [owner, fault])
  if (answer.kind !== 'nack') return []
  const faults = answer.faults?.length ? answer.faults : [answer.fault]
  return faults.flatMap((fault) => (fault.owner === undefined ? [] : [[fault.owner, fault] as const]))
}

/** A stream that broke is no failure: that node is offline now, like any other. */
function toPrepared({ node, after, link, answer }: Asked, refused: readonly Refusal[]): PreparedNode {
  if (answer.kind === 'ack') return { node, after, link, ack: answer }
  if (answer.kind === 'timeout') return { node, after, link, failure: { outcome: 'timeout' } }
  const isOwners = refused.some((refusal) => refusal.node === node)
  if (answer.kind === 'nack' && !isOwners) {
    return { node, after, link, failure: { outcome: 'refused', fault: answer.fault } }
  }
  return { node, after, link: answer.kind === 'gone' ? undefined : link }
}

function abortAll(asked: readonly Asked[], publishId: string): void {
  for (const { link } of asked) link?.abort(publishId)
}

/** Why owners were refused, one notice for all nodes that say the same. */
export function refusalNotices(refusals: readonly Refusal[]): Notice[] {
  return noticesOfFaults(refusals)
}
