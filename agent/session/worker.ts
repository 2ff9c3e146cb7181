/**
 * Works through the controller's orders, one at a time.
 *
 * It outlives the streams: an apply that has begun goes on to its end when the stream breaks, only its answer
 * is lost; the next Hello says what came of it.
 */
import { createMailbox, type Order, type Urgency } from './mailbox.ts'
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
  /**
   * Does something of the agent's own while no order is worked on; orders that come meanwhile wait.
   *
   * @returns undefined when there was no time for it
   */
  exclusively<T>(task: () => Promise<T>): Promise<T | undefined>
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>
}

export function createWorker(ports: OrderPorts): Worker {
  const mailbox = createMailbox()
  const orders = createOrders(ports)
  const nowhere: Send = () => undefined
  let send = nowhere
  let afterApply: () => void = () => undefined
  let running: Promise<void> | undefined
  let wake: () => void = () => undefined

  /** Until something comes, at most for `ms`. */
  const nap = async (ms: number) => {
    const awake = new AbortController()
    wake = () => awake.abort()
    await ports.clock.sleep(ms, awake.signal)
  }
  const work = async () => {
    let applied = false
    for (;;) {
      const dueMs = orders.dueInMs()
      // What is due goes before what came later.
      if (dueMs !== undefined && dueMs <= 0) {
        applied = true
        await orders.applyWaiting()
        continue
      }
      const taken = mailbox.take()
      const to = send
      if (taken) await orders.handle(taken, to, () => to === send)
      else if (dueMs !== undefined) await nap(dueMs)
      else if (!(await orders.tidy())) break
    }
    running = undefined
    if (applied) afterApply()
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
      orders.drop('any')
      wake()
    },
    receive(order, urgency = 'usual') {
      const old = mailbox.put(order, urgency)
      if (old) {
        const message = 'a newer snapshot came before this one was begun'
        const answered = { nonce: old.nonce, version: old.snapshot.version, prepared: false }
        const fault = { stage: 'receive', code: 'SUPERSEDED', message } as const
        send(nackMessage(answered, fault, ports.engine.state()))
      }
      running ??= work()
      wake()
    },
    sweep() {
      if (running === undefined) orders.drop('expired')
    },
    isBusy: () => running !== undefined,
    async exclusively(task) {
      if (running !== undefined) return undefined
      const own = task()
      // What came meanwhile is worked on by the same promise, so that `idle` waits for it too.
      running = own.then(work, work)
      const result = await own
      void running.then(() => afterApply())
      return result
    },
    idle: () => running ?? Promise.resolve(),
  }
}
