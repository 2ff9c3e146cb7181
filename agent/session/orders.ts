/** What is done for each of the controller's orders, and how it is answered: exactly once. */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { ApplyOutcome, OnStage, PreparedSet } from '../apply/outcome.ts'
import { type Ledger, leftBehind } from '../observe/ledger.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import { createLease } from './lease.ts'
import type { Order } from './mailbox.ts'
import { appliedMessage, nackMessage, preparedMessage, progressMessage } from './messages.ts'

export type Send = (message: AgentMessage) => void

export interface OrderPorts {
  readonly engine: Engine
  readonly oldWorkers: Pick<OldWorkers, 'count'>
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Logger
}

export interface Orders {
  /**
   * Does what an order says and answers it; never rejects.
   *
   * @param isOpen - whether the stream that the answer goes to is still there
   */
  handle(order: Order, to: Send, isOpen: () => boolean): Promise<void>
  /** Drops a prepared set: any, or only one whose lease has expired. */
  drop(which: 'any' | 'expired'): void
}

type OrderOf<K extends Order['kind']> = Extract<Order, { kind: K }>
type Answered = Parameters<typeof nackMessage>[0]

export function createOrders({ engine, oldWorkers, ledger, clock, log }: OrderPorts): Orders {
  const lease = createLease<PreparedSet>(clock)
  const discard = async (set: PreparedSet | undefined) => {
    if (set) await engine.discard(set).catch((err: unknown) => log.warn({ err }, 'staged files stay behind'))
  }
  const refuse = (to: Send, answered: Answered, fault: Fault) => {
    log.warn({ ...answered, fault }, 'refused')
    to(nackMessage(answered, fault, engine.state()))
  }
  const answer = async (to: Send, { nonce, version }: Omit<Answered, 'prepared'>, outcome: ApplyOutcome) => {
    if (outcome.kind === 'failed') {
      ledger.failed(outcome.fault)
      return refuse(to, { nonce, version, prepared: false }, outcome.fault)
    }
    const { change, reasons, generation, times } = outcome
    const left = leftBehind(change === 'reload' ? await oldWorkers.count().catch(() => []) : [])
    ledger.applied(outcome, left)
    log.info({ version, change, reasons, generation, ...left, ...times }, 'applied')
    to(appliedMessage(nonce, outcome, left, engine.state()))
  }
  const onSnapshot = async ({ nonce, snapshot, blobs }: OrderOf<'snapshot'>, to: Send) => {
    await discard(lease.drop())
    const outcome = await engine.apply(snapshot, blobs, progressTo(to, nonce))
    await answer(to, { nonce, version: snapshot.version }, outcome)
  }
  const onPrepare = async (order: OrderOf<'prepare'>, to: Send, isOpen: () => boolean) => {
    await discard(lease.drop())
    const { nonce, snapshot, blobs, dryRun } = order
    const outcome = await engine.prepare(snapshot, blobs, progressTo(to, nonce), dryRun)
    if (outcome.kind === 'failed') {
      return refuse(to, { nonce, version: snapshot.version, prepared: true }, outcome.fault)
    }
    // A stream that broke meanwhile has dropped its prepared sets; this one must not come after.
    if (dryRun || !isOpen()) await discard(outcome.set)
    else lease.hold(order.publishId, outcome.set, order.leaseMs)
    to(preparedMessage(nonce, outcome.set, engine.state(), dryRun))
  }
  const onCommit = async ({ nonce, publishId, version }: OrderOf<'commit'>, to: Send) => {
    await discard(lease.sweep())
    const set = lease.take(publishId)
    if (set?.snapshot.version === version) {
      return await answer(to, { nonce, version }, await engine.commit(set, progressTo(to, nonce)))
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
    },
    drop: (which) => void discard(which === 'any' ? lease.drop() : lease.sweep()),
  }
}

function progressTo(to: Send, nonce: string): OnStage {
  return (stage, elapsedMs) => to(progressMessage(nonce, stage, elapsedMs))
}

/** Undefined for an order that wants no answer. */
function answeredOf(order: Order): Answered | undefined {
  if (order.kind === 'abort') return undefined
  const version = order.kind === 'commit' ? order.version : order.snapshot.version
  return { nonce: order.nonce, version, prepared: order.kind === 'prepare' }
}
