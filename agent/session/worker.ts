/**
 * Works through the controller's orders, one at a time, and through what the agent does of its own in between.
 *
 * It outlives the streams: an apply that has begun goes on to its end when the stream breaks, only its answer
 * is lost; the next Hello says what came of it. It outlives what is broken in the agent itself, too: whatever
 * an order comes to, the next one is taken.
 */
import { createNap } from '../../shared/ports/nap.ts'
import { createMailbox, type Order, type SnapshotOrder } from './mailbox.ts'
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
  receive(order: Order): void
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
  /**
   * The same, and there is always time: after the order that is being worked on, ahead of those that wait and of
   * applies that wait for others of a burst. Between two such tasks one of the orders has its turn.
   */
  urgently<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>
}

/** After something unexpected, so that what breaks again and again does not take all of the processor. */
const breatheMs = 100

export function createWorker(ports: OrderPorts): Worker {
  const mailbox = createMailbox()
  /** Of the agent's own, in turn. */
  let tasks: readonly (() => Promise<void>)[] = []
  /** What was done last was one of them. */
  let wasOwn = false
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
    const isDue = dueMs !== undefined && dueMs <= 0
    // Many of the agent's own, and an order has its turn between any two of them.
    const isForOrders = wasOwn && (isDue || !mailbox.isEmpty())
    const task = isForOrders ? undefined : tasks[0]
    wasOwn = task !== undefined
    if (task) {
      tasks = tasks.slice(1)
      applied = true
      await task()
      return true
    }
    // What is due goes before what came later.
    if (isDue) {
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
      while ((await stepOrSay()) || !mailbox.isEmpty() || tasks.length > 0) {}
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
  const begin = () => {
    running ??= work()
    nap.wake()
  }
  const urgently = <T>(task: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      tasks = [...tasks, async () => await task().then(resolve, reject)]
      begin()
    })
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
    receive(order) {
      const old = mailbox.put(order)
      if (old) attempt(() => supersede(old), 'an order that was overtaken could not be answered')
      begin()
    },
    sweep() {
      if (running === undefined) orders.drop('expired')
    },
    isBusy: () => running !== undefined,
    busySince: () => (running === undefined ? undefined : stepBegan),
    exclusively: async (task) => (running === undefined ? await urgently(task) : undefined),
    urgently,
    idle: () => running ?? Promise.resolve(),
  }
}
