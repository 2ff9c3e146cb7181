import { expect, test } from 'vitest'
import { parseOptions } from '../../../bench/failover/options.ts'
import { whatIsWrong } from '../../../bench/failover/verdict.ts'

const good = {
  ...{ double_acks: 0, double_acks_without_agent: 2_000, lost_acks: 0, strays: 0, unserved: 0 },
  writers: 12,
}

test('no write that is double, lost or astray, beside some without an agent, is as it should be', () => {
  expect(whatIsWrong(good)).toEqual([])
})

test.each(['double_acks', 'lost_acks', 'strays', 'unserved'])('%s has to be 0', (name) => {
  expect(whatIsWrong({ ...good, [name]: 1 })).toEqual([`${name} is 1 and has to be 0`])
})

test('a probe that sees no double write without an agent either proves nothing; where none was tried nothing is said', () => {
  expect(whatIsWrong({ ...good, double_acks_without_agent: 0 })).toEqual([
    expect.stringContaining('proves nothing'),
  ])
  expect(whatIsWrong({ ...good, double_acks_without_agent: null })).toEqual([])
})

test('rounds in which nobody wrote prove nothing', () => {
  expect(whatIsWrong({ ...good, writers: 0 })).toHaveLength(1)
})

test('the command line says how often, and what', () => {
  expect(parseOptions(['--json'])).toMatchObject({ runs: 10, kills: 5, restSeconds: 30 })
  expect(parseOptions(['--runs', '1', '--kills', '0', '--only', 'etcd,stock', '--rest', '0'])).toEqual({
    ...{ runs: 1, kills: 0, restSeconds: 0 },
    modes: ['stock', 'etcd'],
  })
})

test.each([
  [['--runs', '0'], '--runs takes a whole number from 1'],
  [['--kills'], 'argument missing'],
  [['--only', 'magic'], "not 'magic'"],
])('%j is refused', (args, words) => {
  expect(() => parseOptions(args)).toThrow(words)
})
