import { expect, test } from 'vitest'
import type { TrafficRecord } from './traffic/record.ts'
import { longestGapMs, takeovers } from './traffic-verdict.ts'

/** A write that `instance` acknowledged; '' for one that nobody did. */
function write(instance: string, fromMs: number, toMs: number): TrafficRecord {
  const error = instance === '' ? 'ECONNREFUSED' : ''
  return { kind: 'write', host: '10.10.10.11', port: 5433, fromMs, toMs, instance, note: '', error }
}

test('who takes writes over from whom', () => {
  const records = [write('a', 0, 10), write('', 20, 30), write('b', 40, 50), write('b', 60, 70)]
  expect(takeovers(records)).toEqual(['a', 'b'])
})

test('a write that was under way when the next one took over is none of the old one’s fault', () => {
  expect(takeovers([write('a', 0, 10), write('b', 15, 30), write('a', 20, 40), write('b', 50, 60)])).toEqual([
    'a',
    'b',
  ])
})

test('one that is begun later and acknowledged by the old one shows', () => {
  expect(takeovers([write('a', 0, 10), write('b', 15, 20), write('a', 21, 50), write('b', 22, 30)])).toEqual([
    'a',
    'b',
    'a',
  ])
})

test('the longest time without an answer, up to the end', () => {
  expect(longestGapMs([write('a', 0, 10), write('a', 20, 30), write('', 30, 100)])).toBe(70)
})
