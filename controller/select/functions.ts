/**
 * JMESPath's functions, as python-jmespath 1.0 has them. Each checks its arguments as Python does.
 */
import { Float, type Key } from '../inventory/value.ts'
import { narrow } from '../inventory/yaml-scalar.ts'
import {
  compareNumbers,
  compareText,
  type Datum,
  isArray,
  isEqual,
  isNumber,
  type Mapping,
  plainNumber,
  type TypeName,
  textOf,
  typeOf,
} from './datum.ts'
import { SelectorFault } from './fault.ts'
import { toJson } from './json-text.ts'
import type { Node } from './node.ts'

export interface CallContext {
  readonly textKeys: boolean
  argument(node: Node): Datum
  apply(reference: Node, item: Datum): Datum
}

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

function checkType(name: string, value: Datum, types: readonly TypeName[]): void {
  const type = typeOf(value)
  if (types.length > 0 && !types.includes(type)) {
    throw new SelectorFault(`${name}() takes ${types.join(' or ')}, not ${type}`)
  }
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
  ['max', { types: [array], run: ([items]) => extreme('max', items, 1) }],
  ['min', { types: [array], run: ([items]) => extreme('min', items, -1) }],
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

type Keyed = (args: readonly Node[], context: CallContext) => Datum

const keyed = new Map<string, Keyed>([
  ['map', (args, context) => mapEach(args, context)],
  ['sort_by', (args, context) => sortBy(args, context)],
  ['max_by', (args, context) => extremeBy('max_by', args, context, 1)],
  ['min_by', (args, context) => extremeBy('min_by', args, context, -1)],
])

function textArgument(value: Datum | undefined): string {
  const text = textOf(value ?? null)
  if (text === undefined) throw new SelectorFault('text is expected')
  return text
}

function mapping(value: Datum | undefined): Mapping {
  if (!(value instanceof Map)) throw new SelectorFault('a mapping is expected')
  return value
}

function items(value: Datum | undefined): readonly Datum[] {
  if (value === undefined || !isArray(value)) throw new SelectorFault('a list is expected')
  return value
}

type Numeric = number | bigint | Float

function numbersOf(name: string, value: Datum | undefined): Numeric[] {
  return items(value).map((item) => {
    if (!isNumber(item)) throw new SelectorFault(`${name}() takes a list of numbers, not of ${typeOf(item)}`)
    return item
  })
}

function textsOf(name: string, value: Datum | undefined): string[] {
  return items(value).map((item) => {
    const text = textOf(item)
    if (text === undefined) throw new SelectorFault(`${name}() takes a list of text, not of ${typeOf(item)}`)
    return text
  })
}

function mapNumber(value: Datum | undefined, change: (n: number | bigint) => number | bigint): Datum {
  if (value instanceof Float) return new Float(Number(change(value.value)))
  if (typeof value === 'number') return 0 + Number(change(value))
  return typeof value === 'bigint' ? change(value) : null
}

function rounded(value: Datum | undefined, round: (n: number) => number): Datum {
  if (!(value instanceof Float)) return value ?? null
  const whole = round(value.value)
  if (!Number.isFinite(whole)) throw new SelectorFault('this number cannot be rounded')
  return narrow(BigInt(whole))
}

function sum(numbers: readonly Numeric[]): Datum {
  if (numbers.some((n) => n instanceof Float)) {
    return new Float(numbers.reduce<number>((total, n) => total + Number(plainNumber(n)), 0))
  }
  return narrow(numbers.reduce<bigint>((total, n) => total + BigInt(plainNumber(n)), 0n))
}

function average(numbers: readonly Numeric[]): Datum {
  if (numbers.length === 0) return null
  return new Float(numbers.reduce<number>((total, n) => total + Number(plainNumber(n)), 0) / numbers.length)
}

function contains(subject: Datum | undefined, search: Datum = null): boolean {
  if (subject !== undefined && isArray(subject)) return subject.some((item) => isEqual(item, search))
  return textArgument(subject).includes(textArgument(search))
}

function lengthOf(value: Datum | undefined): number {
  if (value instanceof Map) return value.size
  if (value !== undefined && isArray(value)) return value.length
  return [...textArgument(value)].length
}

function merge(maps: readonly Mapping[]): Datum {
  const out = new Map<Key, Datum>()
  for (const map of maps) for (const [key, value] of map) out.set(key, value)
  return out
}

function reverse(value: Datum | undefined): Datum {
  if (value !== undefined && isArray(value)) return [...value].reverse()
  return [...textArgument(value)].reverse().join('')
}

/** Orders two numbers or two texts. */
function order(name: string, a: Datum, b: Datum): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  const left = textOf(a)
  const right = textOf(b)
  if (left !== undefined && right !== undefined) return compareText(left, right)
  throw new SelectorFault(`${name}() takes numbers or texts, not a mixture or anything else`)
}

function sortPlain(value: Datum | undefined): Datum {
  checkKeys('sort', items(value))
  return [...items(value)].sort((a, b) => order('sort', a, b))
}

/** All numbers or all texts. A list of one is checked too, so that it fails as Python's does. */
function checkKeys(name: string, keys: readonly Datum[]): void {
  const [first] = keys
  if (first === undefined) return
  for (const key of keys) order(name, first, key)
}

function extreme(name: string, value: Datum | undefined, sign: number): Datum {
  checkKeys(name, items(value))
  return pick(name, items(value), (item) => item, sign)
}

/** The first of the greatest (sign 1) or smallest (-1); null of none. */
function pick(name: string, list: readonly Datum[], keyOf: (item: Datum) => Datum, sign: number): Datum {
  let best: { item: Datum; key: Datum } | undefined
  for (const item of list) {
    const key = keyOf(item)
    if (best === undefined || order(name, key, best.key) * sign > 0) best = { item, key }
  }
  return best?.item ?? null
}

function sortBy(args: readonly Node[], context: CallContext): Datum {
  const { list, keyOf } = keyedArguments('sort_by', args, context)
  const decorated = list.map((item) => ({ item, key: keyOf(item) }))
  checkKeys(
    'sort_by',
    decorated.map(({ key }) => key),
  )
  return decorated.sort((a, b) => order('sort_by', a.key, b.key)).map(({ item }) => item)
}

function extremeBy(name: string, args: readonly Node[], context: CallContext, sign: number): Datum {
  const { list, keyOf } = keyedArguments(name, args, context)
  checkKeys(name, list.map(keyOf))
  return pick(name, list, keyOf, sign)
}

function keyedArguments(name: string, args: readonly Node[], context: CallContext) {
  const [listNode, reference] = args
  if (args.length !== 2 || listNode === undefined || reference?.kind !== 'reference') {
    throw new SelectorFault(`${name}() takes a list and an expression such as &pg_seq`)
  }
  const list = context.argument(listNode)
  checkType(name, list, array)
  const keyOf = (item: Datum): Datum => {
    const key = context.apply(reference.of, item)
    if (!isNumber(key) && (textOf(key) === undefined || !context.textKeys)) {
      throw new SelectorFault(`${name}() cannot order by ${typeOf(key)}`)
    }
    return key
  }
  return { list: items(list), keyOf }
}

function mapEach(args: readonly Node[], context: CallContext): Datum {
  const [reference, listNode] = args
  if (args.length !== 2 || listNode === undefined || reference?.kind !== 'reference') {
    throw new SelectorFault('map() takes an expression such as &pg_seq and a list')
  }
  const list = context.argument(listNode)
  checkType('map', list, array)
  return items(list).map((item) => context.apply(reference.of, item))
}

/** As int() and then float() of Python read text; null for what is no number. */
function toNumber(value: Datum): Datum {
  if (isNumber(value)) return value
  const text = textOf(value)?.trim()
  if (text === undefined) return null
  if (/^[-+]?\d+(_\d+)*$/.test(text)) return narrow(BigInt(text.replaceAll('_', '').replace('+', '')))
  if (/^[-+]?(inf|infinity|nan)$/i.test(text)) return special(text.toLowerCase())
  if (!/^[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][-+]?\d+)?$/.test(text)) return null
  return new Float(Number(text.replaceAll('_', '')))
}

function special(text: string): Float {
  if (text.endsWith('nan')) return new Float(Number.NaN)
  return new Float(text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
}
