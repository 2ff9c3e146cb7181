/**
 * Works through the controller's orders, one at a time, and answers each exactly once.
 *
 * It outlives the streams: an apply that has begun goes on to its end when the stream breaks, only its answer
 * is lost; the next Hello says what came of it.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { OnStage, PreparedSet } from '../apply/outcome.ts'
import { createLease } from './lease.ts'
import { createMailbox, type Order } from './mailbox.ts'
import { appliedMessage, nackMessage, preparedMessage, progressMessage } from './messages.ts'

export type Send = (message: AgentMessage) => void

export interface Worker {
  /**
   * Answers go here from now on.
   *
   * @param afterApply - told when an apply is over and nothing else waits
   */
  attach(send: Send, afterApply: () => void): void
  /** The stream is gone: waiting orders and a prepared set are dropped, answers go nowhere. */
  detach(): void
  receive(order: Order): void
  /** Drops a prepared set whose lease has expired. */
  sweep(): void
  isBusy(): boolean
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>
}

export interface WorkerPorts {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Logger
}

type OrderOf<K extends Order['kind']> = Extract<Order, { kind: K }>

export function createWorker({ engine, clock, log }: WorkerPorts): Worker {
  const mailbox = createMailbox()
  const lease = createLease<PreparedSet>(clock)
  const nowhere: Send = () => undefined
  let send = nowhere
  let afterApply: () => void = () => undefined
  let running: Promise<void> | undefined

  const discard = async (set: PreparedSet | undefined) => {
    if (set) await engine.discard(set).catch((err: unknown) => log.warn({ err }, 'staged files stay behind'))
  }
  const progress =
    (nonce: string, to: Send): OnStage =>
    (stage, elapsedMs) =>
      to(progressMessage(nonce, stage, elapsedMs))
  const refuse = (to: Send, answered: Parameters<typeof nackMessage>[0], fault: Fault) => {
    log.warn({ ...answered, fault }, 'refused')
    to(nackMessage(answered, fault, engine.state()))
  }

  const onSnapshot = async ({ nonce, snapshot, blobs }: OrderOf<'snapshot'>, to: Send) => {
    await discard(lease.drop())
    const outcome = await engine.apply(snapshot, blobs, progress(nonce, to))
    answer({ nonce, version: snapshot.version }, outcome, to)
  }
  const answer = (
    { nonce, version }: { nonce: string; version: number },
    outcome: Awaited<ReturnType<Engine['apply']>>,
    to: Send,
  ) => {
    if (outcome.kind === 'failed') refuse(to, { nonce, version, prepared: false }, outcome.fault)
    else {
      const { change, reasons, generation, times } = outcome
      log.info({ version, change, reasons, generation, ...times }, 'applied')
      to(appliedMessage(nonce, outcome, engine.state()))
    }
  }
  const onPrepare = async (order: OrderOf<'prepare'>, to: Send) => {
    await discard(lease.drop())
    const outcome = await engine.prepare(order.snapshot, order.blobs, progress(order.nonce, to))
    const { nonce } = order
    if (outcome.kind === 'failed') {
      return refuse(to, { nonce, version: order.snapshot.version, prepared: true }, outcome.fault)
    }
    // A stream that broke meanwhile has dropped its prepared sets; this one must not come after.
    if (order.dryRun || to !== send) await discard(outcome.set)
    else lease.hold(order.publishId, outcome.set, order.leaseMs)
    to(preparedMessage(nonce, outcome.set, engine.state(), order.dryRun))
  }
  const onCommit = async ({ nonce, publishId, version }: OrderOf<'commit'>, to: Send) => {
    await discard(lease.sweep())
    const set = lease.take(publishId)
    if (set === undefined || set.snapshot.version !== version) {
      await discard(set)
      const message = `nothing is prepared for publish ${publishId} at version ${version} any more`
      return refuse(
        to,
        { nonce, version, prepared: false },
        { stage: 'receive', code: 'PREPARED_GONE', message },
      )
    }
    answer({ nonce, version }, await engine.commit(set, progress(nonce, to)), to)
  }
  const handle = async (order: Order, to: Send): Promise<void> => {
    if (order.kind === 'snapshot') return await onSnapshot(order, to)
    if (order.kind === 'prepare') return await onPrepare(order, to)
    if (order.kind === 'commit') return await onCommit(order, to)
    return await discard(lease.take(order.publishId))
  }
  const work = async () => {
    let applied = false
    for (let order = mailbox.take(); order !== undefined; order = mailbox.take()) {
      const to = send
      applied ||= order.kind === 'snapshot' || order.kind === 'commit'
      await handle(order, to).catch((error: unknown) => {
        log.error({ err: error }, 'an order failed unexpectedly')
        if (order !== undefined) answerFailure(order, error, to)
      })
    }
    running = undefined
    if (applied) afterApply()
  }
  const answerFailure = (order: Order, error: unknown, to: Send) => {
    if (order.kind === 'abort') return
    const version = order.kind === 'commit' ? order.version : order.snapshot.version
    refuse(to, { nonce: order.nonce, version, prepared: order.kind === 'prepare' }, toFault(error, 'receive'))
  }
  return {
    attach(next, then) {
      send = next
      afterApply = then
    },
    detach() {
      send = nowhere
      afterApply = () => undefined
      mailbox.clear()
      void discard(lease.drop())
    },
    receive(order) {
      const old = mailbox.put(order)
      if (old) {
        const message = 'a newer snapshot came before this one was begun'
        const answered = { nonce: old.nonce, version: old.snapshot.version, prepared: false }
        send(nackMessage(answered, { stage: 'receive', code: 'SUPERSEDED', message }, engine.state()))
      }
      running ??= work()
    },
    sweep() {
      if (running === undefined) void discard(lease.sweep())
    },
    isBusy: () => running !== undefined,
    idle: () => running ?? Promise.resolve(),
  }
}
