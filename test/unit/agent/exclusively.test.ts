import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { Engine } from '../../../agent/apply/engine.ts'
import type { ApplyOutcome } from '../../../agent/apply/outcome.ts'
import { createLedger } from '../../../agent/observe/ledger.ts'
import { createWorker } from '../../../agent/session/worker.ts'
import { emptyState } from '../../../agent/state/state-file.ts'
import { systemClock } from '../../../shared/ports/clock.ts'

const refused: ApplyOutcome = {
  kind: 'failed',
  fault: { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'no' },
}
const reloaded: ApplyOutcome = {
  ...{ kind: 'applied', change: 'reload', reasons: [], causes: [], generation: 1 },
  times: { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 },
}

/** @param applying - an apply is not over before */
function makeWorker(outcome: ApplyOutcome = refused, applying = Promise.resolve()) {
  const done: string[] = []
  const clock = systemClock()
  const state = emptyState('node-1')
  const never = () => Promise.reject(new Error('nobody asked for that'))
  const engine: Engine = {
    state: () => state,
    prepare: never,
    commit: never,
    apply: async ({ version }) => {
      done.push(`apply ${version}`)
      await applying
      return outcome
    },
    repair: never,
    follow: never,
    takeOver: never,
    retry: never,
    circumstances: never,
    discard: never,
    collectGarbage: never,
  }
  const log = pino({ level: 'silent' })
  const oldWorkers = { count: async () => [] }
  return { done, worker: createWorker({ engine, oldWorkers, ledger: createLedger(clock), clock, log }) }
}

const orderOf = (version: number) =>
  ({
    kind: 'snapshot',
    nonce: String(version),
    snapshot: { version, assignments: [] },
    blobs: new Map(),
  }) as const
const order = orderOf(7)

test('an order that comes while the agent does something of its own waits until that is over', async () => {
  const { worker, done } = makeWorker()
  let finish: () => void = () => undefined
  const own = worker.exclusively(async () => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    done.push('own')
    return 'result'
  })

  worker.receive(order)
  expect(worker.isBusy()).toBe(true)
  finish()

  expect(await own).toBe('result')
  await worker.idle()
  expect(done).toEqual(['own', 'apply 7'])
  expect(worker.isBusy()).toBe(false)
})

test('while an order is worked on there is no time for anything else', async () => {
  const { worker, done } = makeWorker()
  worker.receive(order)
  const task = vi.fn(async () => 'result')

  expect(await worker.exclusively(task)).toBeUndefined()
  await worker.idle()

  expect(task).not.toHaveBeenCalled()
  expect(done).toEqual(['apply 7'])
})

test('what fails of its own does not keep orders from being worked on', async () => {
  const { worker, done } = makeWorker()
  const own = worker.exclusively(() => Promise.reject(new Error('broken')))
  worker.receive(order)

  await expect(own).rejects.toThrow('broken')
  await worker.idle()

  expect(done).toEqual(['apply 7'])
})

test('what is urgent is done after the order in hand, ahead of those that wait', async () => {
  let finish: () => void = () => undefined
  const applying = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { worker, done } = makeWorker(refused, applying)
  worker.receive(orderOf(1))
  await vi.waitFor(() => expect(done).toEqual(['apply 1']))
  worker.receive(orderOf(2))
  const urgent = worker.urgently(async () => done.push('urgent'))
  finish()

  expect(await urgent).toBe(2)
  await worker.idle()
  expect(done).toEqual(['apply 1', 'urgent', 'apply 2'])
})

test('what is urgent does not wait for a burst to end', async () => {
  const { worker, done } = makeWorker(reloaded)
  worker.receive(orderOf(1))
  await worker.idle()
  worker.receive(orderOf(2))
  // It waits for others, since HAProxy was reloaded just now.
  await new Promise((resolve) => setTimeout(resolve, 20))

  await worker.urgently(async () => done.push('urgent'))

  expect(done).toEqual(['apply 1', 'urgent'])
  await worker.idle()
  expect(done).toEqual(['apply 1', 'urgent', 'apply 2'])
})

test('what is urgent is done though orders come all the time, and orders are though much is urgent', async () => {
  const { worker, done } = makeWorker()
  let orders = 0
  const again = () => {
    orders += 1
    if (orders <= 20) worker.receive(orderOf(orders))
  }
  worker.attach(again, () => undefined)
  again()
  const urgent = ['a', 'b', 'c'].map((name) => worker.urgently(async () => done.push(name)))
  await Promise.all(urgent)
  await worker.idle()

  // An order has two turns: it is taken, and later applied.
  expect(done.slice(0, 6)).toEqual(['a', 'apply 1', 'b', 'c', 'apply 2', 'apply 3'])
  expect(done).toHaveLength(23)
})

test('what is urgent and fails keeps nothing from being done', async () => {
  const { worker, done } = makeWorker()
  worker.receive(order)
  const broken = worker.urgently(() => Promise.reject(new Error('broken')))

  await expect(broken).rejects.toThrow('broken')
  await worker.urgently(async () => done.push('urgent'))
  await worker.idle()
  expect(done).toContain('urgent')
  expect(done).toContain('apply 7')
})
