/** Functions of lists, mappings and text. */
import type { Key } from '../values/value.ts'
import { textArgument } from './arguments.ts'
import { type Datum, isArray, isEqual, type Mapping } from './datum.ts'

export function contains(subject: Datum | undefined, search: Datum = null): boolean {
  if (subject !== undefined && isArray(subject)) return subject.some((item) => isEqual(item, search))
  return textArgument(subject).includes(textArgument(search))
}

export function lengthOf(value: Datum | undefined): number {
  if (value instanceof Map) return value.size
  if (value !== undefined && isArray(value)) return value.length
  return [...textArgument(value)].length
}

export function merge(maps: readonly Mapping[]): Datum {
  const out = new Map<Key, Datum>()
  for (const map of maps) for (const [key, value] of map) out.set(key, value)
  return out
}

export function reverse(value: Datum | undefined): Datum {
  if (value !== undefined && isArray(value)) return [...value].reverse()
  return [...textArgument(value)].reverse().join('')
}
