import { expect, test } from 'vitest'
import { splitWords } from '../../../shared/haproxy/words.ts'

test.each([
  ['  bind  *:1\tname x\r', ['bind', '*:1', 'name', 'x']],
  ['a # b', ['a']],
  ['a\\ b \\# \\\\', ['a b', '#', '\\']],
  [`un'ix'"@"x ""`, ['unix@x', '']],
  [`'a "b\\' "c 'd"`, ['a "b\\', "c 'd"]],
  ['\\x2frun \\q', ['/run', '\\q']],
  ['"a # b"', ['a # b']],
  ['', []],
])('%j is read as %j', (line, words) => {
  expect(splitWords(line)).toEqual(words)
})

test.each(['"a', "a 'b", '\\x2', '\\xzz'])('%j is refused', (line) => {
  expect(splitWords(line)).toBeUndefined()
})
