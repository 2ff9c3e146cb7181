/**
 * Works through the controller's orders, one at a time.
 *
 * It outlives the streams: an apply that has begun goes on to its end when the stream breaks, only its answer
 * is lost; the next Hello says what came of it.
 */
import { createMailbox, type Order } from './mailbox.ts'
import { nackMessage } from './messages.ts'
import { createOrders, type OrderPorts, type Send } from './orders.ts'

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

export function createWorker(ports: OrderPorts): Worker {
  const mailbox = createMailbox()
  const orders = createOrders(ports)
  const nowhere: Send = () => undefined
  let send = nowhere
  let afterApply: () => void = () => undefined
  let running: Promise<void> | undefined

  const work = async () => {
    let applied = false
    for (let order = mailbox.take(); order !== undefined; order = mailbox.take()) {
      const to = send
      applied ||= order.kind === 'snapshot' || order.kind === 'commit'
      await orders.handle(order, to, () => to === send)
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
    },
    receive(order) {
      const old = mailbox.put(order)
      if (old) {
        const message = 'a newer snapshot came before this one was begun'
        const answered = { nonce: old.nonce, version: old.snapshot.version, prepared: false }
        const fault = { stage: 'receive', code: 'SUPERSEDED', message } as const
        send(nackMessage(answered, fault, ports.engine.state()))
      }
      running ??= work()
    },
    sweep() {
      if (running === undefined) orders.drop('expired')
    },
    isBusy: () => running !== undefined,
    idle: () => running ?? Promise.resolve(),
  }
}
