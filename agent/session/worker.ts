/**
 * Works through the controller's orders, one at a time.
 *
 * It outlives the streams: an apply that has begun goes on to its end when the stream breaks, only its answer
 * is lost; the next Hello says what came of it. It outlives what is broken in the agent itself, too: whatever
 * an order comes to, the next one is taken.
 */
import { createNap } from '../../shared/ports/nap.ts'
import { createMailbox, type Order, type SnapshotOrder, type Urgency } from './mailbox.ts'
import { nackMessage, type Send } from './messages.ts'
import { createOrders, type OrderPorts } from './orders.ts'

export interface Worker {
  /**
   * Answers go here from now on.
   *
   * @param afterApply - told when an apply is over and nothing else waits
   */
  attach(send: Send, afterApply: () => void): void
  /** The stream is gone: waiting orders and a prepared set are dropped, answers go nowhere. */
  detach(): void
  /** @param urgency - `urgent` goes ahead of all that wait, and takes with it what waits to be applied */
  receive(order: Order, urgency?: Urgency): void
  /** Drops a prepared set whose lease has expired. */
  sweep(): void
  isBusy(): boolean
  /** When what is in hand was begun, by the monotonic clock; undefined when nothing is. */
  busySince(): number | undefined
  /**
   * Does something of the agent's own while no order is worked on; orders that come meanwhile wait.
   *
   * @returns undefined when there was no time for it
   */
  exclusively<T>(task: () => Promise<T>): Promise<T | undefined>
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>
}

/** After something unexpected, so that what breaks again and again does not take all of the processor. */
const breatheMs = 100

export function createWorker(ports: OrderPorts): Worker {
  const mailbox = createMailbox()
  const orders = createOrders(ports)
  const nowhere: Send = () => undefined
  let send = nowhere
  let afterApply: () => void = () => undefined
  /** Something was applied since `afterApply` was told. */
  let applied = false
  let running: Promise<void> | undefined
  /** Until something comes. */
  const nap = createNap(ports.clock)
  let stepBegan = 0

  /** @returns false when there is nothing left to do */
  const step = async (): Promise<boolean> => {
    stepBegan = ports.clock.monotonic()
    const dueMs = orders.dueInMs()
    // What is due goes before what came later.
    if (dueMs !== undefined && dueMs <= 0) {
      applied = true
      await orders.applyWaiting()
      return true
    }
    const taken = mailbox.take()
    const to = send
    if (taken) await orders.handle(taken, to, () => to === send)
    else if (dueMs !== undefined) await nap.sleep(dueMs)
    else return await orders.tidy()
    return true
  }
  const stepOrSay = () =>
    step().catch(async (err: unknown) => {
      ports.log.error({ err }, 'an order did not come to its end; the next one is taken')
      await nap.sleep(breatheMs)
      return true
    })
  const work = async () => {
    try {
      // An order may have come while the last step found nothing to do.
      while ((await stepOrSay()) || !mailbox.isEmpty()) {}
    } finally {
      running = undefined
    }
    if (applied) tell()
    applied = false
  }
  const supersede = ({ nonce, snapshot: { version } }: SnapshotOrder) => {
    const message = 'a newer snapshot came before this one was begun'
    const fault = { stage: 'receive', code: 'SUPERSEDED', message } as const
    send(nackMessage({ nonce, version, prepared: false }, fault, ports.engine.state()))
  }
  const attempt = (act: () => void, message: string) => {
    try {
      act()
    } catch (err) {
      ports.log.error({ err }, message)
    }
  }
  const tell = () => attempt(afterApply, 'the end of an apply could not be told')
  return {
    attach(next, then) {
      send = next
      afterApply = then
    },
    detach() {
      send = nowhere
      afterApply = () => undefined
      mailbox.clear()
      orders.drop('any')
      nap.wake()
    },
    receive(order, urgency = 'usual') {
      const old = mailbox.put(order, urgency)
      if (old) attempt(() => supersede(old), 'an order that was overtaken could not be answered')
      running ??= work()
      nap.wake()
    },
    sweep() {
      if (running === undefined) orders.drop('expired')
    },
    isBusy: () => running !== undefined,
    busySince: () => (running === undefined ? undefined : stepBegan),
    async exclusively(task) {
      if (running !== undefined) return undefined
      stepBegan = ports.clock.monotonic()
      const own = task()
      // What came meanwhile is worked on by the same promise, so that `idle` waits for it too.
      running = own.then(work, work)
      const result = await own
      void running.then(tell)
      return result
    },
    idle: () => running ?? Promise.resolve(),
  }
}
