/** Python's int(), float() and round(), and what Jinja's filters of these names make of them. */

import { narrow } from '../values/narrow.ts'
import { Float, type Value } from '../values/value.ts'
import { isInteger, type Operand, textOf } from './operand.ts'
import { unsupported } from './template-error.ts'

const decimalPattern = /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?$/
const wordPattern = /^([-+]?)(?:(inf|infinity)|nan)$/i

/** Text as Python's float() reads it; undefined when it is none. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = plainDigits(text)
  if (decimalPattern.test(trimmed)) return Number(trimmed.replaceAll('_', ''))
  const word = wordPattern.exec(trimmed)
  if (word === null) return undefined
  if (word[2] === undefined) return Number.NaN
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function parseIntText(text: string): number | bigint | undefined {
  const trimmed = plainDigits(text)
  if (!/^[-+]?\d+(?:_\d+)*$/.test(trimmed)) return undefined
  const digits = trimmed.replaceAll(/[+_]/g, '')
  const size = BigInt(digits.replace('-', ''))
  return narrow(digits.startsWith('-') ? -size : size)
}

/** Python takes digits of all scripts. */
function plainDigits(text: string): string {
  const trimmed = text.trim()
  if (/[^\P{Nd}0-9]/u.test(trimmed)) throw unsupported('digits beyond ASCII')
  return trimmed
}

/** Jinja's `int`: the given value, 0 as a rule, for what is no number. */
export function toInt(value: Value): number | bigint {
  const number = intOf(value)
  return number === undefined ? 0 : number
}

/** What Jinja's `int` makes of a value; undefined for what is no number. */
export function intOf(value: Operand): number | bigint | undefined {
  if (isInteger(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Float) return truncated(value.value)
  if (typeof value !== 'string') return undefined
  const whole = parseIntText(value)
  if (whole !== undefined) return whole
  const float = parseFloatText(value)
  return float === undefined ? undefined : truncated(float)
}

function truncated(float: number): number | bigint | undefined {
  if (Number.isNaN(float)) return undefined
  if (!Number.isFinite(float)) throw unsupported('infinity as a whole number')
  return narrow(BigInt(Math.trunc(float)))
}

/** What Python's float() makes of a value; undefined for what is no number. */
export function floatOf(value: Operand): number | undefined {
  if (value instanceof Float) return value.value
  if (isInteger(value)) return exactFloat(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' ? parseFloatText(value) : undefined
}

function exactFloat(value: number | bigint): number {
  if (typeof value === 'bigint' && !Number.isFinite(Number(value)))
    throw unsupported(`${value} as a fraction`)
  return Number(value)
}

/** Python's round(): halves go to the even neighbour. */
export function rounded(value: Operand, precision: number): Operand {
  if (isInteger(value) && precision >= 0) return value
  if (!(value instanceof Float) || precision < 0 || precision > 15 || Math.abs(value.value) >= 1e15) {
    throw unsupported(`round of ${textOf(value)}`)
  }
  if (value.value === 0) return value
  return new Float(roundedHalfEven(value.value, precision))
}

function roundedHalfEven(value: number, precision: number): number {
  const size = Math.abs(value)
  // Exact: no double below 1e15 with a digit that matters has more than 100 places, or its tail is far from a half.
  const [whole = '', fraction = ''] = size.toFixed(100).split('.')
  const kept = BigInt(whole + fraction.slice(0, precision))
  const rest = fraction.slice(precision).padEnd(1, '0')
  const half = `5${'0'.repeat(rest.length - 1)}`
  const up = rest > half || (rest === half && kept % 2n === 1n)
  const digits = String(up ? kept + 1n : kept).padStart(precision + 1, '0')
  const cut = digits.length - precision
  const result = Number(`${digits.slice(0, cut)}.${digits.slice(cut)}0`)
  return value < 0 ? -result : result
}
