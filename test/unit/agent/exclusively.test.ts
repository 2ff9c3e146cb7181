import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { Engine } from '../../../agent/apply/engine.ts'
import { createLedger } from '../../../agent/observe/ledger.ts'
import { createWorker } from '../../../agent/session/worker.ts'
import { emptyState } from '../../../agent/state/state-file.ts'
import { systemClock } from '../../../shared/ports/clock.ts'

function makeWorker() {
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
      return { kind: 'failed', fault: { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'no' } }
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

const order = {
  kind: 'snapshot',
  nonce: '1',
  snapshot: { version: 7, assignments: [] },
  blobs: new Map(),
} as const

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
