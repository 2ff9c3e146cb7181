/**
 * Our JMESPath grammar beside that of the `jmespath` package, an independent reading of the same specification.
 */
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from '../../controller/select/parser.ts'

// The package has no types for `compile`; only whether it throws is looked at.
const { compile }: { compile: (expression: string) => unknown } = createRequire(import.meta.url)('jmespath')

const tokens =
  'a b "q x" `1` `x` `1.0` \'r\' 1 -1 [ ] [? [] * . @ ( ) { } : , | || && ! == < >= & length [*] .b [0]'.split(
    ' ',
  )
const expression = fc
  .array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))

function takes(read: (text: string) => unknown, text: string): boolean {
  try {
    read(text)
    return true
  } catch {
    return false
  }
}

/**
 * Faults of the package, where python-jmespath takes what it refuses: it reads `@` alone after a parenthesis or a
 * comma, without the operator that follows, and no literal after a projection. Source: jmespath.js 0.16.0, `nud` and
 * `led` of TOK_LPAREN, and a binding power that literals do not have.
 */
const faultsOfPackage = /[(,]@[^),]|[\]*][`']/

test('what our grammar takes, the package takes', () => {
  let taken = 0
  fc.assert(
    fc.property(expression, (text) => {
      if (faultsOfPackage.test(text) || !takes(parse, text)) return
      taken += 1
      expect(takes(compile, text), text).toBe(true)
    }),
    { numRuns: 20_000 },
  )
  expect(taken).toBeGreaterThan(1_000)
})

test.each(['(@&&a)', 'length(@>=b)', 'length([]`1`)'])('%s is refused by the package alone', (text) => {
  expect(takes(parse, text)).toBe(true)
  expect(takes(compile, text)).toBe(false)
})

// The reason why selectors are not parsed by the package: a slip of the pen would choose other members.
test.each(['a.', 'a..b', '(a`1`)', '[ ]'])(
  '%s is refused as by python-jmespath, though the package takes it',
  (text) => {
    expect(takes(parse, text)).toBe(false)
    expect(takes(compile, text)).toBe(true)
  },
)
