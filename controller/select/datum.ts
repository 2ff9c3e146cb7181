/**
 * What an expression computes with: values, members (which are no plain mappings), and the rules of
 * python-jmespath about truth, equality and order.
 */
import { Float, type Key, Opaque, type Scalar, type Value } from '../values/value.ts'

/** A member of a cluster: variables are read from it, but it has no keys or values of its own. */
export class Row {
  /** A templated variable; undefined when there is none. */
  readonly get: (name: string) => Value | undefined
  constructor(get: (name: string) => Value | undefined) {
    this.get = get
  }
}

export type Mapping = ReadonlyMap<Key, Datum>
export type Datum = Scalar | Row | Mapping | readonly Datum[]

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'unknown'

export function typeOf(datum: Datum): TypeName {
  if (datum === null) return 'null'
  if (typeof datum === 'boolean') return 'boolean'
  if (typeof datum === 'string') return 'string'
  if (isNumber(datum)) return 'number'
  if (isArray(datum)) return 'array'
  if (datum instanceof Map) return 'object'
  return datum instanceof Opaque && datum.kind === 'unsafe' ? 'string' : 'unknown'
}

export function isArray(datum: Datum): datum is readonly Datum[] {
  return Array.isArray(datum)
}

export function isNumber(datum: Datum): datum is number | bigint | Float {
  return typeof datum === 'number' || typeof datum === 'bigint' || datum instanceof Float
}

/** The text of a string, `!unsafe` or not; undefined for anything else. */
export function textOf(datum: Datum): string | undefined {
  if (typeof datum === 'string') return datum
  return datum instanceof Opaque && datum.kind === 'unsafe' ? datum.text : undefined
}

/** A number as JavaScript compares it; bigints compare with numbers by value. */
export function plainNumber(datum: number | bigint | Float): number | bigint {
  return datum instanceof Float ? datum.value : datum
}

/** false, null, "", [] and {} are false; 0 and a member are true. */
export function isTrue(datum: Datum): boolean {
  if (datum === null || datum === false || textOf(datum) === '') return false
  if (isArray(datum)) return datum.length > 0
  return datum instanceof Map ? datum.size > 0 : true
}

/** Equal by value; 1 and 1.0 are equal, 1 and true are not. */
export function isEqual(a: Datum, b: Datum): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0
  const text = textOf(a)
  if (text !== undefined) return text === textOf(b)
  if (isArray(a) && isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i] ?? null))
  if (!(a instanceof Map) || !(b instanceof Map) || a.size !== b.size) return false
  // instanceof narrows to Map<any, any>; both are mappings of this module.
  const other: Mapping = b
  return [...(a as Mapping)].every(([key, item]) => {
    const value = other.get(key)
    return value !== undefined && isEqual(item, value)
  })
}

/** Negative, 0 or positive; NaN for numbers that cannot be ordered. */
export function compareNumbers(a: number | bigint | Float, b: number | bigint | Float): number {
  const left = plainNumber(a)
  const right = plainNumber(b)
  if (left < right) return -1
  if (left > right) return 1
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0
}

/** Order of code points, as Python sorts text; JavaScript's < goes by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
