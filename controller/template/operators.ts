/** Python's operators, as far as they can be done exactly. */

import { narrow } from '../values/narrow.ts'
import { Dict, Float, type Key, Opaque } from '../values/value.ts'
import {
  isArray,
  isInteger,
  isTrue,
  Lookup,
  Missing,
  nameOfType,
  numberOf,
  type Operand,
  plain,
  present,
  Tuple,
  textOf,
  View,
} from './operand.ts'
import { unsupported } from './template-error.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**'

/** Longer results than these are nothing that a service needs. */
const maxDigits = 400
const maxText = 100_000

/** Equal by value, as Python's `==`: 1, 1.0 and True are equal. */
export function isEqual(left: Operand, right: Operand): boolean {
  const a = present(left)
  const b = present(right)
  const x = numberOf(a)
  const y = numberOf(b)
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint of the same value are equal
  if (x !== undefined && y !== undefined) return plain(x) == plain(y)
  if (isArray(a) && isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i] ?? null))
  if (a instanceof Tuple && b instanceof Tuple) return isEqual(a.items, b.items)
  if (a instanceof Dict && b instanceof Dict) return areEqualDicts(a, b)
  for (const side of [a, b]) {
    if (side instanceof Opaque || side instanceof View || side instanceof Lookup)
      throw unsupported(`comparing ${nameOfType(side)}`)
  }
  return a === b
}

function areEqualDicts(a: Dict, b: Dict): boolean {
  if (a.size !== b.size) return false
  return [...a].every(([key, item]) => {
    const other = entryOf(b, key)
    return other !== undefined && isEqual(item, other)
  })
}

/** A mapping's value for a key; 1, 1.0 and True are one key. */
export function entryOf(dict: Dict, key: Operand): Operand | undefined {
  if (typeof key === 'string') return dict.get(key)
  const found = [...dict.keys()].find((own) => isEqual(own, key))
  return found === undefined ? undefined : dict.get(found)
}

/** A value that can be a key, or a refusal. */
export function keyOf(given: Operand): Key {
  const key = present(given)
  if (key === null || typeof key === 'string' || typeof key === 'boolean' || isInteger(key)) return key
  throw unsupported(`${nameOfType(key)} as a key`)
}

export function compare(operator: Comparison, left: Operand, right: Operand): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    default:
      return ordered(operator, present(left), present(right))
  }
}

function ordered(operator: '<' | '<=' | '>' | '>=', left: Operand, right: Operand): boolean {
  const order = orderOf(left, right)
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

/**
 * Negative, 0 or positive; NaN for what is neither.
 *
 * @throws TemplateError for values that Python does not order
 */
export function orderOf(left: Operand, right: Operand): number {
  const x = numberOf(left)
  const y = numberOf(right)
  if (x !== undefined && y !== undefined) return orderOfNumbers(plain(x), plain(y))
  if (typeof left === 'string' && typeof right === 'string') return orderOfText(left, right)
  if (isArray(left) && isArray(right)) return orderOfLists(left, right)
  if (left instanceof Tuple && right instanceof Tuple) return orderOfLists(left.items, right.items)
  throw unsupported(`the order of ${nameOfType(present(left))} and ${nameOfType(present(right))}`)
}

function orderOfNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0
}

/** By code points; JavaScript's own order is that of UTF-16 units. */
function orderOfText(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function orderOfLists(a: readonly Operand[], b: readonly Operand[]): number {
  for (const [i, item] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (!isEqual(item, other)) return orderOf(item, other)
  }
  return a.length - b.length
}

/** Python's `in`. */
export function contains(container: Operand, item: Operand): boolean {
  const within = present(container)
  if (typeof within === 'string') {
    const part = present(item)
    if (typeof part === 'string') return within.includes(part)
    throw unsupported(`${nameOfType(part)} in text`)
  }
  if (within instanceof Dict) return entryOf(within, keyOf(item)) !== undefined
  if (isArray(within)) return within.some((own) => isEqual(own, item))
  if (within instanceof Tuple || within instanceof View) return within.items.some((own) => isEqual(own, item))
  if (within instanceof Lookup) return !(within.get(textKey(item)) instanceof Missing)
  throw unsupported(`in ${nameOfType(within)}`)
}

export function textKey(given: Operand): string {
  const key = present(given)
  if (typeof key === 'string') return key
  throw unsupported(`${nameOfType(key)} as a name`)
}

/** `~`: the texts of all operands. */
export function concatenate(operands: readonly Operand[]): string {
  return operands.map(textOf).join('')
}

export function negate(given: Operand): Operand {
  const number = numberOf(present(given))
  if (number === undefined) throw unsupported(`- before ${nameOfType(given)}`)
  if (number instanceof Float) return new Float(-number.value)
  return narrow(-BigInt(number))
}

export function arithmetic(operator: Arithmetic, left: Operand, right: Operand): Operand {
  // Formatting of text, which takes even something undefined.
  if (operator === '%' && typeof left === 'string') throw unsupported('text %')
  const a = present(left)
  const b = present(right)
  const x = numberOf(a)
  const y = numberOf(b)
  if (x === undefined || y === undefined) return onSequences(operator, a, b)
  if (x instanceof Float || y instanceof Float || operator === '/')
    return onFloats(operator, plain(x), plain(y))
  return onIntegers(operator, BigInt(plain(x)), BigInt(plain(y)))
}

function onSequences(operator: Arithmetic, a: Operand, b: Operand): Operand {
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b
    if (isArray(a) && isArray(b)) return [...a, ...b]
  }
  if (operator === '*') {
    if (isInteger(b)) return repeated(a, b)
    if (isInteger(a)) return repeated(b, a)
  }
  throw unsupported(`${nameOfType(a)} ${operator} ${nameOfType(b)}`)
}

function repeated(what: Operand, times: number | bigint): Operand {
  const count = Math.max(0, Number(times))
  if (typeof what === 'string' && what.length * count <= maxText) return what.repeat(count)
  if (isArray(what) && what.length * count <= maxText) return Array.from({ length: count }, () => what).flat()
  throw unsupported(`${nameOfType(what)} * ${times}`)
}

function onIntegers(operator: Arithmetic, a: bigint, b: bigint): Operand {
  switch (operator) {
    case '+':
      return narrow(a + b)
    case '-':
      return narrow(a - b)
    case '*':
      return narrow(a * b)
    case '**':
      return narrow(power(a, b))
    default:
      if (b === 0n) throw unsupported('division by zero')
      return operator === '//' ? narrow((a - modulo(a, b)) / b) : narrow(modulo(a, b))
  }
}

/** Python's remainder has the sign of the divisor. */
function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
}

function power(a: bigint, b: bigint): bigint {
  if (b < 0n || String(a).length * Number(b) > maxDigits) throw unsupported(`${a} ** ${b}`)
  return a ** b
}

function onFloats(operator: Arithmetic, left: number | bigint, right: number | bigint): Operand {
  const [a, b] = [exact(left), exact(right)]
  switch (operator) {
    case '+':
      return new Float(a + b)
    case '-':
      return new Float(a - b)
    case '*':
      return new Float(a * b)
    case '**':
      // The last digit of a power depends on the library that works it out.
      throw unsupported('** with a fraction')
    default:
      if (b === 0) throw unsupported('division by zero')
      if (operator === '/') return new Float(a / b)
      return operator === '%' ? new Float(floatModulo(a, b)) : new Float(floatFloor(a, b))
  }
}

function exact(number: number | bigint): number {
  if (typeof number === 'bigint' && BigInt.asIntN(64, number) !== number)
    throw unsupported(`${number} as a fraction`)
  const float = Number(number)
  if (typeof number === 'bigint' && BigInt(float) !== number) throw unsupported(`${number} as a fraction`)
  return float
}

function floatModulo(a: number, b: number): number {
  const rest = a % b
  if (rest === 0) return b < 0 ? -0 : 0
  return rest < 0 !== b < 0 ? rest + b : rest
}

/** As CPython works out `//`: by way of the remainder, not of the quotient. */
function floatFloor(a: number, b: number): number {
  const rest = a % b
  const whole = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0)
  if (whole === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0
  const floor = Math.floor(whole)
  return whole - floor > 0.5 ? floor + 1 : floor
}

/** `and`, `or`: one of the operands, as in Python. */
export function eitherOf(operator: 'and' | 'or', left: Operand, right: () => Operand): Operand {
  return isTrue(left) === (operator === 'or') ? left : right()
}
