import { expect, test } from 'vitest'
import { whatIsWrong } from '../../bench/reload/verdict.ts'

const good = { stray_ours: 0, refused_ours: 0, stray_start_ours: 0, stray_plain: 150 }

test('nothing led astray by ours, beside plain reloads that do, is as it should be', () => {
  expect(whatIsWrong(good)).toEqual([])
})

test.each([
  ['stray_ours', 1],
  ['refused_ours', 2],
  ['stray_start_ours', 3],
] as const)('%s has to be 0', (name, count) => {
  expect(whatIsWrong({ ...good, [name]: count })).toEqual([`${name} is ${count} and has to be 0`])
})

test('a run in which plain reloads lead nobody astray either proves nothing', () => {
  expect(whatIsWrong({ ...good, stray_plain: 0 })).toEqual([expect.stringContaining('prove nothing')])
})
