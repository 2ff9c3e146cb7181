/** Functions of numbers. */

import { narrow } from '../values/narrow.ts'
import { Float } from '../values/value.ts'
import type { Numeric } from './arguments.ts'
import { type Datum, isNumber, plainNumber, textOf } from './datum.ts'
import { SelectorFault } from './fault.ts'

export function mapNumber(value: Datum | undefined, change: (n: number | bigint) => number | bigint): Datum {
  if (value instanceof Float) return new Float(Number(change(value.value)))
  if (typeof value === 'number') return 0 + Number(change(value))
  return typeof value === 'bigint' ? change(value) : null
}

export function rounded(value: Datum | undefined, round: (n: number) => number): Datum {
  if (!(value instanceof Float)) return value ?? null
  const whole = round(value.value)
  if (!Number.isFinite(whole)) throw new SelectorFault('this number cannot be rounded')
  return narrow(BigInt(whole))
}

export function sum(numbers: readonly Numeric[]): Datum {
  if (numbers.some((n) => n instanceof Float)) {
    return new Float(numbers.reduce<number>((total, n) => total + Number(plainNumber(n)), 0))
  }
  return narrow(numbers.reduce<bigint>((total, n) => total + BigInt(plainNumber(n)), 0n))
}

export function average(numbers: readonly Numeric[]): Datum {
  if (numbers.length === 0) return null
  return new Float(numbers.reduce<number>((total, n) => total + Number(plainNumber(n)), 0) / numbers.length)
}

/** As int() and then float() of Python read text; null for what is no number. */
export function toNumber(value: Datum): Datum {
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
