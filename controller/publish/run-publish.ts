/**
 * A publish from the proposal to the result: guards, first phase, commit point, second phase.
 *
 * Source: docs/architecture.md, "A publish, step by step". Until the commit point an abort of `signal` ends it
 * with nothing changed; after it the signal means nothing.
 */

import type { Fault } from '../../shared/errors/fault.ts'
import type { Blobs } from '../../shared/model/snapshot.ts'
import { digestsOf } from '../store/assignment.ts'
import { failedEvent, refusedEvent } from './act-events.ts'
import { candidate, nodesOf, type OwnerChange, type Proposal } from './change.ts'
import { commitPoint, followUp, nodesToMove } from './commit-phase.ts'
import type { Emit, NodeOutcome, NodeResult, Notice, PublishResult } from './events.ts'
import { guard } from './guard.ts'
import { liveDiff } from './live-diff.ts'
import type { Mutex } from './mutex.ts'
import { noticeOfEdits, noticeOfError, noticeOfQuarantine, noticesOfFaults } from './notices.ts'
import {
  type Ack,
  type NodeBefore,
  type PreparedNode,
  type PrepareOutcome,
  preparePhase,
  type Refusal,
  refusalNotices,
} from './prepare-phase.ts'
import type { PublishOptions, PublishPorts } from './publish-ports.ts'

type Prepared = Extract<PrepareOutcome, { kind: 'prepared' }>

/**
 * Carries out one act. Emits everything but the result, which it returns.
 *
 * The mutex is given back as soon as the nodes have been told to commit: what they have to do then, the next
 * publish need not wait for, and a node that is told again meanwhile does it all in one go.
 *
 * @param propose - reads the inventory or the store; called when no other publish is before its commit point.
 *   Its AppErrors become the result's errors
 */
export async function runPublish(
  ports: PublishPorts,
  mutex: Mutex,
  propose: () => Promise<Proposal>,
  options: PublishOptions,
  emit: Emit,
  signal: AbortSignal,
): Promise<PublishResult> {
  if (mutex.busy) emit({ kind: 'warning', notice: waiting })
  const release = await mutex.acquire(signal)
  if (!release) return failure([cancelledNotice])
  try {
    const proposal = await propose()
    return await new PublishRun(ports, options, emit, signal).run(proposal, release)
  } catch (error) {
    return failure([noticeOfError(error)])
  } finally {
    release()
  }
}

const returnPollMs = 50

const unseenFault: Fault = {
  stage: 'receive',
  code: 'NODE_UNSEEN',
  message: 'no agent of it is known, so nothing was assigned to it',
}

const waiting: Notice = {
  code: 'PUBLISH_WAITS',
  message: 'another publish is under way; this one waits for it',
}
const cancelledNotice: Notice = {
  code: 'CANCELLED',
  message: 'given up before the commit: nothing has changed',
}

function failure(errors: readonly Notice[]): PublishResult {
  return { ok: false, committed: false, nothingToDo: false, errors }
}

class PublishRun {
  private readonly publishId: string
  private readonly errors: Notice[] = []
  private readonly results: NodeResult[] = []
  private readonly before = new Map<string, NodeBefore>()
  private readonly ports: PublishPorts
  private readonly options: PublishOptions
  private readonly emit: Emit
  private readonly signal: AbortSignal
  private onFollowing: () => void = () => undefined

  constructor(ports: PublishPorts, options: PublishOptions, emit: Emit, signal: AbortSignal) {
    this.ports = ports
    this.options = options
    this.emit = emit
    this.signal = signal
    this.publishId = ports.newId()
  }

  /** @param onFollowing - told once the commit point is passed and every node has been told */
  async run(proposed: Proposal, onFollowing: () => void): Promise<PublishResult> {
    this.onFollowing = onFollowing
    this.emit({ kind: 'targets', publishId: this.publishId, owners: proposed.targets })
    for (const notice of proposed.warnings) this.emit({ kind: 'warning', notice })
    this.errors.push(...proposed.errors)
    for (const node of nodesOf(proposed.changes)) {
      const [snapshot, record] = await Promise.all([
        this.ports.store.snapshot(node),
        this.ports.store.node(node),
      ])
      this.before.set(node, { snapshot, record })
    }
    await this.awaitReturns(nodesOf(proposed.changes))
    const proposal = { ...proposed, changes: this.withoutUnseen(proposed.changes) }
    const blobs = await this.allBlobs(proposal)
    const guarded = guard(this.ports, proposal, this.before, blobs, this.options.allowShrink)
    this.errors.push(...guarded.errors)
    for (const notice of guarded.warnings) this.emit({ kind: 'warning', notice })
    if (this.options.diff) await this.showWithheld(guarded.withheld, blobs)
    // Nothing to publish is no fault: a group without PostgreSQL, a provider group without nodes.
    if (guarded.changes.length === 0) return this.finish(false, this.errors.length === 0)
    return this.options.check || this.options.diff
      ? this.runDry(proposal, guarded.changes, blobs)
      : this.runForReal(proposal, guarded.changes, blobs)
  }

  /** A node that was here before the controller's restart is not offline yet: its agent dials again within seconds. */
  private async awaitReturns(nodes: readonly string[]): Promise<void> {
    const { clock, links, settledAtMs = 0 } = this.ports
    const missing = () =>
      nodes.filter((node) => !links.link(node) && (this.before.get(node)?.record.lastSeenMs ?? 0) > 0)
    if (clock.monotonic() >= settledAtMs || missing().length === 0) return
    const message = `the controller has just started; waiting for ${missing().join(', ')}`
    this.emit({ kind: 'warning', notice: { code: 'NODES_RETURNING', message } })
    while (clock.monotonic() < settledAtMs && missing().length > 0 && !this.signal.aborted) {
      await clock.sleep(returnPollMs, this.signal)
    }
  }

  /**
   * On a node where no agent was ever seen there may be anything, and whatever is assigned to it would come into its
   * place at the enrolment, whenever that is: days after, and over what others have put there meanwhile.
   */
  private withoutUnseen(changes: readonly OwnerChange[]): readonly OwnerChange[] {
    const { links } = this.ports
    const isUnseen = (node: string) => !links.link(node) && this.before.get(node)?.record.lastSeenMs === 0
    const unseen = new Set(changes.flatMap(({ assign }) => assign).filter(isUnseen))
    if (unseen.size === 0) return changes
    for (const node of unseen) this.add({ node, outcome: 'offline', fault: unseenFault })
    return changes
      .map((change) => ({ ...change, assign: change.assign.filter((node) => !unseen.has(node)) }))
      .filter(({ assign, unassign }) => assign.length + unassign.length > 0)
  }

  /** Contents of all that the nodes have and would have: an agent may lack any of it. */
  private async allBlobs(proposal: Proposal): Promise<Blobs> {
    const digests = new Set<string>()
    for (const [node, { snapshot }] of this.before) {
      const after = candidate(snapshot.assignments, node, proposal.changes)
      for (const digest of digestsOf([...snapshot.assignments, ...after])) digests.add(digest)
    }
    const known = await this.ports.store.blobs([...digests].filter((digest) => !proposal.blobs.has(digest)))
    return new Map([...known, ...proposal.blobs])
  }

  private async runDry(
    proposal: Proposal,
    changes: readonly OwnerChange[],
    blobs: Blobs,
  ): Promise<PublishResult> {
    const outcome = await this.prepare(changes, blobs, true)
    if (outcome.kind !== 'prepared') return this.giveUp(outcome)
    if (this.options.diff) this.tellDiffs(outcome.nodes, blobs)
    this.errors.push(...refusalNotices(outcome.refusals))
    this.tellLeftOut(changes, outcome)
    if (!this.options.check) return this.runForReal(proposal, outcome.changes, blobs)
    for (const { node, ack } of outcome.nodes) {
      if (ack?.edits?.length) this.emit({ kind: 'warning', notice: noticeOfEdits(node, ack.edits) })
    }
    for (const prepared of outcome.nodes) this.add(dryResult(prepared))
    return this.finish(false, nodesToMove(outcome.nodes, this.before, outcome.changes).length === 0)
  }

  /** Whoever is to decide whether a loss is meant has to see it. */
  private async showWithheld(withheld: readonly OwnerChange[], blobs: Blobs): Promise<void> {
    if (withheld.length === 0) return
    const outcome = await this.prepare(withheld, blobs, true)
    if (outcome.kind !== 'cancelled') this.tellDiffs(outcome.nodes, blobs)
  }

  private tellDiffs(nodes: readonly PreparedNode[], blobs: Blobs): void {
    for (const { node, after, ack } of nodes) {
      for (const change of liveDiff(ack?.liveFiles ?? [], after, blobs)) {
        this.emit({ kind: 'diff', node, ...change })
      }
    }
  }

  private async runForReal(
    proposal: Proposal,
    changes: readonly OwnerChange[],
    blobs: Blobs,
  ): Promise<PublishResult> {
    const outcome = await this.prepare(changes, blobs, false)
    if (outcome.kind !== 'cancelled') await this.keepRefusals(outcome.refusals)
    if (outcome.kind !== 'prepared') return this.giveUp(outcome)
    this.errors.push(...refusalNotices(outcome.refusals))
    this.tellLeftOut(changes, outcome)
    return this.commit(proposal, outcome)
  }

  private async keepRefusals(refusals: readonly Refusal[]): Promise<void> {
    const { store, clock } = this.ports
    const events = refusals.map((refusal) => refusedEvent(refusal, clock.now()))
    if (events.length > 0) await store.addEvents(events)
  }

  /** Nodes that only refused owners would have touched. Why is among the errors already. */
  private tellLeftOut(changes: readonly OwnerChange[], outcome: Prepared): void {
    const left = nodesOf(changes).filter((node) => !outcome.nodes.some((prepared) => prepared.node === node))
    for (const node of left) {
      const fault = outcome.refusals.find((refusal) => refusal.node === node)?.fault
      this.emit({ kind: 'node', result: { node, outcome: fault ? 'refused' : 'aborted', fault } })
    }
  }

  private prepare(changes: readonly OwnerChange[], blobs: Blobs, dryRun: boolean): Promise<PrepareOutcome> {
    const input = { publishId: this.publishId, changes, before: this.before, blobs, dryRun }
    return preparePhase(this.ports, this.options, input, this.emit, this.signal)
  }

  private async commit(proposal: Proposal, outcome: Prepared): Promise<PublishResult> {
    const { publishId, before } = this
    const { changes, nodes } = outcome
    const moving = nodesToMove(nodes, before, changes)
    const still = nodes.filter((node) => !moving.includes(node))
    for (const { node, link, ack, failure } of still) {
      link?.abort(publishId)
      if (failure) this.add({ node, ...failure })
      else if (!link) this.add({ node, outcome: 'offline' })
      else this.add({ node, outcome: unmoved(ack), timings: ack?.timings })
    }
    const creates = changes.some((change) => change.revision?.create)
    if (moving.length === 0 && !creates) return this.finish(false, true)
    const input = { publishId, kind: proposal.kind, changes, nodes, before, newBlobs: proposal.blobs }
    try {
      await commitPoint(this.ports, this.options, input, moving, this.emit)
    } catch (error) {
      for (const { link } of moving) link?.abort(publishId)
      throw error
    }
    this.ports.log.info(
      { publishId, kind: proposal.kind, nodes: moving.map(({ node }) => node) },
      'committed',
    )
    this.ports.onCommitted?.(changes.map(({ owner }) => owner))
    const following = followUp(this.ports, this.options, input, moving, this.emit)
    this.onFollowing()
    this.results.push(...(await following))
    const result = this.finish(true, false)
    for (const change of changes) await this.noteOutcome(change, proposal.kind)
    return result
  }

  private async noteOutcome(change: OwnerChange, kind: Proposal['kind']): Promise<void> {
    const { owner, assign, unassign } = change
    const { store, clock } = this.ports
    const concerned = new Set([...assign, ...unassign])
    const bad = this.results.filter(
      ({ node, outcome, quarantined }) =>
        concerned.has(node) &&
        !good.has(outcome) &&
        (quarantined?.some((one) => one.owner === owner) ?? true),
    )
    const failed = bad.map(({ node }) => node)
    await store.finishAct(this.publishId, owner, bad.length === 0 ? 'done' : `failed: ${failed.join(', ')}`)
    if (bad.length === 0) return
    const act = { kind, operator: this.options.operator, atMs: clock.now() }
    await store.addEvents([failedEvent(change, failed, act)])
  }

  /** Nothing has changed: says for every node why. */
  private giveUp(outcome: Exclude<PrepareOutcome, Prepared>): PublishResult {
    if (outcome.kind === 'cancelled') return failure([...this.errors, cancelledNotice])
    for (const { node, link, failure } of outcome.nodes) {
      const fault = outcome.refusals.find((refusal) => refusal.node === node)?.fault
      if (failure) this.add({ node, ...failure })
      else if (fault) this.add({ node, outcome: 'refused', fault })
      else this.add({ node, outcome: link ? 'aborted' : 'offline' })
    }
    return this.finish(false, false)
  }

  private add(result: NodeResult): void {
    this.results.push(result)
    this.emit({ kind: 'node', result })
  }

  private finish(committed: boolean, nothingToDo: boolean): PublishResult {
    const errors = [...this.errors, ...noticesOfResults(this.results, committed)]
    const quiet = this.results.every(({ outcome }) => outcome === 'unchanged')
    return { ok: errors.length === 0, committed, nothingToDo: nothingToDo && quiet, errors }
  }
}

/** Outcomes with which an operator has nothing left to do on the node. */
const good: ReadonlySet<string> = new Set([
  'reloaded',
  'adjusted',
  'unchanged',
  'would-reload',
  'would-adjust',
  'aborted',
])

const dryOutcomes = {
  none: 'unchanged',
  runtime: 'would-adjust',
  reload: 'would-reload',
  'not-running': 'not-running',
} as const

function unmoved(ack: Ack | undefined): NodeOutcome {
  return ack?.change === 'not-running' ? 'not-running' : 'unchanged'
}

function dryResult({ node, ack, failure }: PreparedNode): NodeResult {
  if (failure) return { node, ...failure }
  if (!ack) return { node, outcome: 'offline' }
  return { node, outcome: dryOutcomes[ack.change], timings: ack.timings, reasons: ack.reasons }
}

function noticesOfResults(results: readonly NodeResult[], committed: boolean): readonly Notice[] {
  const faults = results.flatMap(({ node, fault, quarantined }) =>
    fault && !quarantined ? [{ node, fault }] : [],
  )
  const others = results.flatMap((result) => {
    const { node, fault, quarantined } = result
    if (quarantined) return quarantined.map((one) => noticeOfQuarantine(node, one))
    return fault ? [] : (noticeOfResult(result, committed) ?? [])
  })
  return [...others, ...noticesOfFaults(faults)]
}

function noticeOfResult({ node, outcome }: NodeResult, committed: boolean): Notice | undefined {
  switch (outcome) {
    case 'offline':
      return {
        code: 'NODE_OFFLINE',
        message: `${node} is not connected`,
        hint: committed
          ? 'it gets what is assigned to it when its agent is back: "systemctl status pgsvc-agent" there says why it is away'
          : 'is its agent running? "systemctl status pgsvc-agent" there says so; pgsql-svc --ssh does without one',
      }
    case 'timeout':
      return { code: 'NODE_TIMEOUT', message: `${node} did not answer in time`, hint: 'see pgsvc status' }
    case 'not-running':
      return {
        code: 'HAPROXY_NOT_RUNNING',
        message: `HAProxy does not run on ${node}`,
        hint: 'start it: systemctl start haproxy',
      }
    default:
      return undefined
  }
}
