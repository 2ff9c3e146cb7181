/** What is done for each of the controller's orders, and how it is answered: exactly once. */
import { type Fault, liesInContents } from '../../shared/errors/fault.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { Applied, ApplyOutcome, OnStage, PreparedSet } from '../apply/outcome.ts'
import { type Ledger, type LeftBehind, leftBehind } from '../observe/ledger.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { AgentState } from '../state/state-file.ts'
import { createBurst, runNewest, usualBurst, type Verdict, type WaitingApply } from './burst.ts'
import { createLease } from './lease.ts'
import type { Order } from './mailbox.ts'
import { appliedMessage, nackMessage, preparedMessage, progressMessage, type Send } from './messages.ts'

export interface OrderPorts {
  readonly engine: Engine
  readonly oldWorkers: Pick<OldWorkers, 'count'>
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Logger
}

export interface Orders {
  /**
   * Does what an order says and answers it, or has it wait for others of a burst; never rejects.
   *
   * @param isOpen - whether the stream that the answer goes to is still there
   */
  handle(order: Order, to: Send, isOpen: () => boolean): Promise<void>
  /** Milliseconds until what waits is to be applied; undefined when nothing waits. */
  dueInMs(): number | undefined
  /** Applies the newest of what waits, and answers all of it; never rejects. */
  applyWaiting(): Promise<void>
  /**
   * Drops contents that nothing needs any more, when something was applied and nothing is prepared. The controller
   * may count on them still; it sends them again when it is told that they are missing.
   *
   * @returns false when there was nothing to do
   */
  tidy(): Promise<boolean>
  /** Drops a prepared set, any or only one whose lease has expired; with `any` also what waits. */
  drop(which: 'any' | 'expired'): void
}

type OrderOf<K extends Order['kind']> = Extract<Order, { kind: K }>
/** An apply that has come to its end. */
interface Ran {
  readonly outcome: ApplyOutcome
  readonly left: LeftBehind
}

type Answered = Parameters<typeof nackMessage>[0]

export function createOrders({ engine, oldWorkers, ledger, clock, log }: OrderPorts): Orders {
  const lease = createLease<PreparedSet>(clock)
  const burst = createBurst(clock, usualBurst)
  /** Newest version applied for this stream; others count their versions anew. */
  let appliedVersion = 0
  let streams = 0
  /** Something was applied since contents were last looked through. */
  let isUntidy = false
  const discard = async (set: PreparedSet | undefined) => {
    if (set) await engine.discard(set).catch((err: unknown) => log.warn({ err }, 'staged files stay behind'))
  }
  const refuse = (to: Send, answered: Answered, fault: Fault, faults?: readonly Fault[]) => {
    log.warn({ ...answered, fault }, 'refused')
    to(nackMessage(answered, fault, engine.state(), faults))
  }
  const answer = ({ nonce, to, snapshot: { version } }: WaitingApply, { outcome, left }: Ran) => {
    try {
      if (outcome.kind === 'applied') to(appliedMessage(nonce, outcome, left, engine.state()))
      else refuse(to, { nonce, version, prepared: false }, outcome.fault, outcome.faults)
    } catch (err) {
      // Others wait for answers too.
      log.error({ err, nonce, version }, 'what came of an apply could not be answered')
    }
  }
  const run = async (apply: WaitingApply): Promise<Ran> => {
    const { nonce, to, snapshot, blobs, set } = apply
    const stream = streams
    isUntidy = true
    const outcome = await (set
      ? engine.commit(set, progressTo(to, nonce))
      : engine.apply(snapshot, blobs, progressTo(to, nonce))
    ).catch(failedUnexpectedly)
    if (outcome.kind === 'applied' && stream === streams) appliedVersion = snapshot.version
    const left = await book(snapshot.version, outcome).catch((err: unknown) => {
      // What happened has happened, counted or not.
      log.error({ err }, 'an apply could not be counted')
      return nothingLeft
    })
    return { outcome, left }
  }
  /** Counts and logs what came of an apply. */
  const book = async (version: number, outcome: ApplyOutcome): Promise<LeftBehind> => {
    if (outcome.kind === 'failed') {
      ledger.failed(outcome.fault)
      return nothingLeft
    }
    const { change, reasons, generation, times } = outcome
    if (change === 'reload') burst.reloaded()
    const left = change === 'reload' ? leftBehind(await oldWorkers.count().catch(() => [])) : nothingLeft
    ledger.applied(outcome, left)
    log.info({ version, change, reasons, generation, ...left, ...times }, 'applied')
    for (const { content: _names, ...one } of engine.state().quarantined) log.warn(one, 'owner in quarantine')
    return left
  }
  const failedUnexpectedly = (error: unknown): ApplyOutcome => {
    log.error({ err: error }, 'an apply failed unexpectedly')
    return { kind: 'failed', fault: toFault(error, 'receive') }
  }
  const applyWaiting = async () => {
    const waiting = burst.take()
    const newest = waiting.at(-1)
    if (newest === undefined) return
    const older = waiting.slice(0, -1).map((apply) => ({ ...apply, set: undefined }))
    for (const { set } of waiting.slice(0, -1)) await discard(set)
    const ran = await runNewest(waiting.length, (index) => run(older[index] ?? newest), judge)
    for (const [index, one] of ran.entries()) answer(older[index] ?? newest, one)
  }
  const onSnapshot = async ({ nonce, snapshot, blobs }: OrderOf<'snapshot'>, to: Send) => {
    await discard(lease.drop())
    burst.add({ nonce, to, snapshot, blobs, set: undefined })
  }
  const onPrepare = async (order: OrderOf<'prepare'>, to: Send, isOpen: () => boolean) => {
    await discard(lease.drop())
    const { nonce, snapshot, blobs, dryRun } = order
    // It tells how the files would change from what is to be there, not from what was there before.
    if (dryRun) await applyWaiting()
    const outcome = await engine.prepare(snapshot, blobs, progressTo(to, nonce), dryRun)
    if (outcome.kind === 'failed') {
      return refuse(to, { nonce, version: snapshot.version, prepared: true }, outcome.fault, outcome.faults)
    }
    // A stream that broke meanwhile has dropped its prepared sets; this one must not come after.
    if (dryRun || !isOpen()) await discard(outcome.set)
    else lease.hold(order.publishId, outcome.set, order.leaseMs)
    to(preparedMessage(nonce, outcome.set, engine.state(), dryRun))
  }
  const onCommit = async ({ nonce, publishId, version }: OrderOf<'commit'>, to: Send) => {
    await discard(lease.sweep())
    const set = lease.take(publishId)
    if (version < appliedVersion) {
      // A newer snapshot was applied before it, and holds it.
      await discard(set)
      return to(appliedMessage(nonce, heldAlready(engine.state()), nothingLeft, engine.state()))
    }
    if (set?.snapshot.version === version) {
      return burst.add({ nonce, to, snapshot: set.snapshot, blobs: new Map(), set })
    }
    await discard(set)
    const message = `nothing is prepared for publish ${publishId} at version ${version} any more`
    const fault = { stage: 'receive', code: 'PREPARED_GONE', message } as const
    refuse(to, { nonce, version, prepared: false }, fault)
  }
  const act = async (order: Order, to: Send, isOpen: () => boolean): Promise<void> => {
    if (order.kind === 'snapshot') return await onSnapshot(order, to)
    if (order.kind === 'prepare') return await onPrepare(order, to, isOpen)
    if (order.kind === 'commit') return await onCommit(order, to)
    return await discard(lease.take(order.publishId))
  }
  return {
    async handle(order, to, isOpen) {
      try {
        await act(order, to, isOpen)
      } catch (error) {
        log.error({ err: error }, 'an order failed unexpectedly')
        const answered = answeredOf(order)
        if (answered) refuse(to, answered, toFault(error, 'receive'))
      }
      burst.stir()
    },
    async tidy() {
      if (!isUntidy || lease.isHeld()) return false
      isUntidy = false
      await engine.collectGarbage().catch((err: unknown) => log.warn({ err }, 'old contents stay behind'))
      return true
    },
    dueInMs: burst.dueInMs,
    applyWaiting,
    drop(which) {
      void discard(which === 'any' ? lease.drop() : lease.sweep())
      if (which === 'expired') return
      appliedVersion = 0
      streams += 1
      for (const { set } of burst.take()) void discard(set)
    },
  }
}

function judge({ outcome }: Ran): Verdict {
  if (outcome.kind === 'applied') return 'applied'
  return liesInContents(outcome.fault) ? 'at-fault' : 'failed'
}

function heldAlready({ generation }: AgentState): Applied {
  const times = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }
  return { kind: 'applied', change: 'none', reasons: [], causes: [], times, generation }
}

const nothingLeft: LeftBehind = { oldWorkers: 0, sessionsLeft: 0 }

function progressTo(to: Send, nonce: string): OnStage {
  return (stage, elapsedMs) => to(progressMessage(nonce, stage, elapsedMs))
}

/** Undefined for an order that wants no answer. */
function answeredOf(order: Order): Answered | undefined {
  if (order.kind === 'abort') return undefined
  const version = order.kind === 'commit' ? order.version : order.snapshot.version
  return { nonce: order.nonce, version, prepared: order.kind === 'prepare' }
}
