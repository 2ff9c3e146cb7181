import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText, sameMeaning } from '../../../shared/haproxy/canonical.ts'

test.each([
  ['comments and blank lines go', '# a\n\nlisten x # b\n', 'listen x\n'],
  ['runs of blanks become one', '  bind \t *:5433   \n', 'bind *:5433\n'],
  ['blanks inside quotes stay', 'a "b  c"  \'d  e\'\n', 'a "b  c" \'d  e\'\n'],
  ['a hash inside quotes or escaped is text', 'a "#1" \\# b # c\n', 'a "#1" \\# b\n'],
  ['an escaped blank is text', 'a b\\  c\n', 'a b\\  c\n'],
  ['single quotes know no escapes', "a 'b\\' # c\n", "a 'b\\'\n"],
  ['an escaped quote opens nothing', 'a \\" # b\n', 'a \\"\n'],
  ['carriage returns are blanks', 'listen x\r\n', 'listen x\n'],
  ['a last line without newline counts', 'listen x', 'listen x\n'],
  ['nothing is nothing', '', ''],
])('%s', (_rule, text, canonical) => {
  expect(canonicalText(text)).toBe(canonical)
})

test('canonical text is its own canonical text', () => {
  const fragment = fc.constantFrom('a', ' ', '\t', '"', "'", '\\', '#', '\n', '\r')
  fc.assert(
    fc.property(fc.array(fragment), (parts) => {
      const once = canonicalText(parts.join(''))
      expect(canonicalText(once)).toBe(once)
    }),
  )
})

test('the order of lines has a meaning', () => {
  expect(sameMeaning('server a\nserver b\n', 'server b\nserver a\n')).toBe(false)
})

test.each([
  'load-server-state-from-file local',
  'server-state-file-name /run/pgsvc/server-state/x',
  'retries 0',
])('%s is of no account to a HAProxy that runs', (line) => {
  expect(sameMeaning('listen x\n  server a\n', `listen x\n  ${line}\n  server a\n`)).toBe(true)
})

test.each(['retries 3', 'load-server-state-from-file global', 'server-state-file-name /var/lib/haproxy/x'])(
  '%s, which we never write, is a change',
  (line) => {
    expect(sameMeaning('listen x\n', `listen x\n  ${line}\n`)).toBe(false)
  },
)
