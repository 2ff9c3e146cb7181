import { expect, test } from 'vitest'
import { dueAtMs, type Trials, withTrial } from '../../../agent/retry/due.ts'

const first: Trials = { count: 0, lastMs: 1_000, circumstances: 'as asked', hasFailed: false }
const inVain = (circumstances: string) => ({ lastMs: 0, circumstances, hasFailed: false })

test('where nothing changes the pauses grow to ten minutes', () => {
  const pauses: number[] = []
  for (let trials = first; pauses.length < 8; trials = withTrial(trials, inVain('as asked'))) {
    pauses.push(dueAtMs(trials, 'as asked') - trials.lastMs)
  }

  expect(pauses.map((ms) => ms / 1_000)).toEqual([30, 60, 120, 240, 480, 600, 600, 600])
})

test('a change is a reason to try soon, however often it was tried before', () => {
  const often = Array.from({ length: 9 }).reduce<Trials>((now) => withTrial(now, inVain('as asked')), first)

  expect(dueAtMs(often, 'changed') - often.lastMs).toBe(10_000)
  const changed = withTrial(often, inVain('changed'))
  expect(dueAtMs(changed, 'changed') - changed.lastMs).toBe(60_000)
})

test('a reload that failed is not repeated until something changes, and then slower each time', () => {
  const failed = (circumstances: string) => ({ lastMs: 0, circumstances, hasFailed: true })
  const once = withTrial(first, failed('one'))
  const twice = withTrial(once, failed('two'))

  expect(dueAtMs(once, 'one')).toBe(Number.POSITIVE_INFINITY)
  expect(dueAtMs(once, 'two')).toBe(60_000)
  expect(dueAtMs(twice, 'three')).toBe(120_000)
})
