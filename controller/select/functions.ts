/**
 * JMESPath's functions, as python-jmespath 1.0 has them. Each checks its arguments as Python does.
 */
import { type CallContext, checkType, mapping, numbersOf, textArgument, textsOf } from './arguments.ts'
import { contains, lengthOf, merge, reverse } from './collections.ts'
import { type Datum, isArray, type TypeName, textOf, typeOf } from './datum.ts'
import { SelectorFault } from './fault.ts'
import { toJson } from './json-text.ts'
import { keyed } from './keyed-functions.ts'
import type { Node } from './node.ts'
import { average, mapNumber, rounded, sum, toNumber } from './numbers.ts'
import { extreme, sortPlain } from './ordering.ts'

type Plain = (args: readonly Datum[]) => Datum

interface Signature {
  /** Accepted types of each argument; empty for any. */
  readonly types: readonly (readonly TypeName[])[]
  /** The last argument may be repeated. */
  readonly variadic?: boolean
  readonly run: Plain
}

/**
 * Calls a function by name.
 *
 * @throws SelectorFault for an unknown function, a wrong number of arguments, or a wrong type
 */
export function callFunction(name: string, args: readonly Node[], context: CallContext): Datum {
  const byKey = keyed.get(name)
  if (byKey !== undefined) return byKey(args, context)
  const signature = plain.get(name)
  if (signature === undefined) throw new SelectorFault(`unknown function ${name}()`)
  const { types, variadic = false } = signature
  if (variadic ? args.length < types.length : args.length !== types.length) {
    throw new SelectorFault(
      `${name}() takes ${variadic ? 'at least ' : ''}${types.length} argument(s), not ${args.length}`,
    )
  }
  const values = args.map((argument) => context.argument(argument))
  for (const [i, value] of values.entries())
    checkType(name, value, types[Math.min(i, types.length - 1)] ?? [])
  return signature.run(values)
}

const number: readonly TypeName[] = ['number']
const string: readonly TypeName[] = ['string']
const array: readonly TypeName[] = ['array']
const object: readonly TypeName[] = ['object']

const plain = new Map<string, Signature>([
  ['abs', { types: [number], run: ([value]) => mapNumber(value, (n) => (n < 0 ? -n : n)) }],
  ['avg', { types: [array], run: ([items]) => average(numbersOf('avg', items)) }],
  ['ceil', { types: [number], run: ([value]) => rounded(value, Math.ceil) }],
  ['floor', { types: [number], run: ([value]) => rounded(value, Math.floor) }],
  ['contains', { types: [['array', 'string'], []], run: ([subject, search]) => contains(subject, search) }],
  [
    'ends_with',
    { types: [string, string], run: ([text, end]) => textArgument(text).endsWith(textArgument(end)) },
  ],
  [
    'starts_with',
    { types: [string, string], run: ([text, start]) => textArgument(text).startsWith(textArgument(start)) },
  ],
  [
    'join',
    { types: [string, array], run: ([glue, items]) => textsOf('join', items).join(textArgument(glue)) },
  ],
  ['keys', { types: [object], run: ([value]) => [...mapping(value).keys()] }],
  ['values', { types: [object], run: ([value]) => [...mapping(value).values()] }],
  ['length', { types: [['string', 'array', 'object']], run: ([value]) => lengthOf(value) }],
  ['max', { types: [array], run: ([list]) => extreme('max', list, 1) }],
  ['min', { types: [array], run: ([list]) => extreme('min', list, -1) }],
  ['merge', { types: [object], variadic: true, run: (maps) => merge(maps.map(mapping)) }],
  [
    'not_null',
    { types: [[]], variadic: true, run: (values) => values.find((value) => value !== null) ?? null },
  ],
  ['reverse', { types: [['array', 'string']], run: ([value]) => reverse(value) }],
  ['sort', { types: [array], run: ([items]) => sortPlain(items) }],
  ['sum', { types: [array], run: ([items]) => sum(numbersOf('sum', items)) }],
  ['to_array', { types: [[]], run: ([value = null]) => (isArray(value) ? value : [value]) }],
  ['to_number', { types: [[]], run: ([value = null]) => toNumber(value) }],
  ['to_string', { types: [[]], run: ([value = null]) => textOf(value) ?? toJson(value) }],
  ['type', { types: [[]], run: ([value = null]) => (typeOf(value) === 'unknown' ? null : typeOf(value)) }],
])
