import { expect, test } from 'vitest'
import { type BrokenFile, decide, type History, withRepairs } from '../../../agent/repair/decide.ts'

const missing: BrokenFile = { name: 'a.cfg', kind: 'missing' }
const changed: BrokenFile = { name: 'b.cfg', kind: 'changed' }
const minuteMs = 60_000

function repairedAt(...timesMs: readonly number[]): History {
  return timesMs.reduce<History>((history, atMs) => withRepairs(history, ['a.cfg'], atMs), new Map())
}

test('a vanished file comes back and a rewritten one is left, when the policy says leave', () => {
  expect(decide([missing, changed], 'leave', new Map(), 0)).toEqual({
    putBack: [missing],
    left: ['b.cfg'],
    fights: [],
  })
})

test('both come back when the policy says repair', () => {
  expect(decide([missing, changed], 'repair', new Map(), 0)).toEqual({
    putBack: [missing, changed],
    left: [],
    fights: [],
  })
})

test('a file that was put back three times within ten minutes is a fight, and waits for ten minutes', () => {
  const history = repairedAt(0, minuteMs, 2 * minuteMs)

  expect(decide([missing], 'leave', repairedAt(0, minuteMs), 2 * minuteMs).fights).toEqual([])
  expect(decide([missing], 'leave', history, 3 * minuteMs)).toEqual({
    putBack: [],
    left: [],
    fights: [{ name: 'a.cfg', untilMs: 12 * minuteMs }],
  })
  expect(decide([missing], 'leave', history, 12 * minuteMs).putBack).toEqual([missing])
})

test('each further round of a fight waits twice as long, a day at most', () => {
  const fourth = repairedAt(0, 0, 0, 10 * minuteMs)
  expect(decide([missing], 'leave', fourth, 11 * minuteMs).fights).toEqual([
    { name: 'a.cfg', untilMs: 30 * minuteMs },
  ])
  const many = new Map([['a.cfg', { count: 60, lastMs: 0 }]])
  expect(decide([missing], 'leave', many, 1).fights).toEqual([{ name: 'a.cfg', untilMs: 24 * 60 * minuteMs }])
})

test('repairs that lie far apart have nothing to do with each other', () => {
  const history = repairedAt(0, minuteMs, 2 * minuteMs)

  expect(decide([missing], 'leave', history, 22 * minuteMs).putBack).toEqual([missing])
  expect(withRepairs(history, ['a.cfg'], 22 * minuteMs).get('a.cfg')?.count).toBe(1)
  expect(repairedAt(0, 11 * minuteMs, 22 * minuteMs, 33 * minuteMs).get('a.cfg')?.count).toBe(1)
})

test('a fight about one file does not keep another from coming back', () => {
  const other: BrokenFile = { name: 'c.cfg', kind: 'missing' }

  const { putBack, fights } = decide([missing, other], 'leave', repairedAt(0, 0, 0), 1)

  expect(putBack).toEqual([other])
  expect(fights.map(({ name }) => name)).toEqual(['a.cfg'])
})
