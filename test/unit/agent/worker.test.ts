/** Nothing that goes wrong in the middle of an order may leave the next one lying. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Engine } from '../../../agent/apply/engine.ts'
import { createLedger, type Ledger } from '../../../agent/observe/ledger.ts'
import type { SnapshotOrder } from '../../../agent/session/mailbox.ts'
import type { Send } from '../../../agent/session/messages.ts'
import { createOrders, type OrderPorts } from '../../../agent/session/orders.ts'
import { createWorker } from '../../../agent/session/worker.ts'
import { emptyState } from '../../../agent/state/state-file.ts'
import { systemClock } from '../../../shared/ports/clock.ts'
import type { AgentMessage } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'

interface Broken {
  readonly state?: Engine['state']
  readonly failed?: Ledger['failed']
  readonly collectGarbage?: Engine['collectGarbage']
}

/** Every apply is refused, for good reasons; and lines that an operator would see. */
function makePorts(broken: Broken = {}) {
  const clock = systemClock()
  const usual = emptyState('node-1')
  const never = () => Promise.reject(new Error('nobody asked for that'))
  const engine: Engine = {
    state: broken.state ?? (() => usual),
    prepare: never,
    commit: never,
    apply: async () => ({
      kind: 'failed',
      fault: { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'no' },
    }),
    repair: never,
    follow: never,
    takeOver: never,
    retry: never,
    circumstances: never,
    discard: never,
    collectGarbage: broken.collectGarbage ?? (async () => undefined),
  }
  const lines: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
  const ledger = { ...createLedger(clock), ...(broken.failed ? { failed: broken.failed } : {}) }
  const ports: OrderPorts = { engine, oldWorkers: { count: async () => [] }, ledger, clock, log }
  return { ports, lines }
}

const order = (version: number): SnapshotOrder => ({
  ...{ kind: 'snapshot', nonce: `n${version}`, snapshot: { version, assignments: [] }, blobs: new Map() },
})

function answers() {
  const said: string[] = []
  const send: Send = ({ nack }: AgentMessage) => void said.push(`${nack?.nonce} ${nack?.fault?.code}`)
  return { said, send }
}

function once(): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    throw new Error('broken')
  }
}

test('an apply that cannot be counted is answered as what it was, and the next order is worked on', async () => {
  const { ports, lines } = makePorts({ failed: once() })
  const worker = createWorker(ports)
  const { said, send } = answers()
  worker.attach(send, () => undefined)

  worker.receive(order(1))
  await worker.idle()
  worker.receive(order(2))
  await worker.idle()

  expect(said).toEqual(['n1 HAPROXY_REFUSED', 'n2 HAPROXY_REFUSED'])
  expect(worker.isBusy()).toBe(false)
  expect(lines.join()).toContain('broken')
})

test('an answer that cannot be given is said in the log, and the next order is worked on', async () => {
  const { ports, lines } = makePorts()
  const worker = createWorker(ports)
  const { said, send } = answers()
  const breakOnce = once()
  worker.attach(
    (message) => {
      breakOnce()
      send(message)
    },
    () => undefined,
  )

  worker.receive(order(1))
  await worker.idle()
  worker.receive(order(2))
  await worker.idle()

  expect(said).toEqual(['n2 HAPROXY_REFUSED'])
  expect(lines.join()).toContain('broken')
})

test('orders that came meanwhile are worked on after one that broke', async () => {
  const { ports } = makePorts({ failed: once() })
  const worker = createWorker(ports)
  const { said, send } = answers()
  worker.attach(send, () => undefined)

  worker.receive(order(1))
  // The first is under way.
  await Promise.resolve()
  worker.receive({ kind: 'commit', nonce: 'n2', publishId: 'p', version: 2 })
  await worker.idle()

  expect(said).toEqual(['n1 HAPROXY_REFUSED', 'n2 PREPARED_GONE'])
})

test('who is told of the end may break', async () => {
  const { ports, lines } = makePorts()
  const worker = createWorker(ports)
  const { said, send } = answers()
  worker.attach(send, once())

  worker.receive(order(1))
  await worker.idle()
  worker.receive(order(2))
  await worker.idle()

  expect(said).toEqual(['n1 HAPROXY_REFUSED', 'n2 HAPROXY_REFUSED'])
  expect(lines.join()).toContain('broken')
})

test('a newer order is worked on, though the older one could not be told that it came', async () => {
  const { ports } = makePorts()
  const worker = createWorker(ports)
  const { said, send } = answers()
  let isBroken = false
  const sendOrBreak: Send = (message) => {
    if (isBroken) throw new Error('broken')
    send(message)
  }
  worker.attach(sendOrBreak, () => undefined)
  // While something else is done orders wait.
  let finish: () => void = () => undefined
  const own = worker.exclusively(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  )
  worker.receive(order(1))
  isBroken = true
  expect(() => worker.receive(order(2))).not.toThrow()
  isBroken = false
  finish()
  await own
  await worker.idle()

  expect(said).toEqual(['n2 HAPROXY_REFUSED'])
})

test('of several that wait, one whose answer breaks does not keep the others from theirs', async () => {
  const { ports } = makePorts()
  const orders = createOrders(ports)
  const { said, send } = answers()
  const isOpen = () => true
  await orders.handle(order(1), once(), isOpen)
  await orders.handle(order(2), send, isOpen)

  await orders.applyWaiting()

  expect(said).toEqual(['n2 HAPROXY_REFUSED'])
})

test('a state that cannot be told does not stop the work', async () => {
  const breakOnce = once()
  const state = emptyState('node-1')
  const { ports } = makePorts({
    state: () => {
      breakOnce()
      return state
    },
  })
  const worker = createWorker(ports)
  const { said, send } = answers()
  worker.attach(send, () => undefined)

  worker.receive(order(1))
  await worker.idle()
  worker.receive(order(2))
  await worker.idle()

  expect(said).toEqual(['n2 HAPROXY_REFUSED'])
})

/** After as many turns of what is about to be done. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await Promise.resolve()
}

test('an order that comes just as the worker comes to its end is worked on', async () => {
  for (let count = 0; count < 20; count += 1) {
    let comes: Promise<void> | undefined
    const { ports } = makePorts({
      collectGarbage: async () => {
        comes ??= turns(count).then(() => worker.receive(order(2)))
      },
    })
    const worker = createWorker(ports)
    const { said, send } = answers()
    worker.attach(send, () => undefined)

    worker.receive(order(1))
    await worker.idle()
    await comes
    await worker.idle()

    expect([count, ...said]).toEqual([count, 'n1 HAPROXY_REFUSED', 'n2 HAPROXY_REFUSED'])
  }
})
