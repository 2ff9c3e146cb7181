import { expect, test } from 'vitest'
import { readArguments } from '../../bench/arguments.ts'

test('a number that was given, or the usual one', () => {
  const { count, text } = readArguments(['--json', '--runs', '3'], ['--runs', '--kills', '--only'])

  expect([count('--runs', 10, 1), count('--kills', 5, 0), text('--only')]).toEqual([3, 5, undefined])
})

test.each([[['--help']], [['--run', '3']], [['3']], [['--runs']]])('%j is not taken', (args) => {
  expect(() => readArguments(args, ['--runs'])).toThrow()
})

test.each(['0', '1.5', 'x', ''])('--runs %s is not taken', (value) => {
  const { count } = readArguments(['--runs', value], ['--runs'])

  expect(() => count('--runs', 10, 1)).toThrow('--runs takes a whole number from 1')
})
