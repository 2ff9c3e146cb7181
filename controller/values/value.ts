/**
 * Values as Python holds them after PyYAML has read them: what Ansible computes with and prints.
 *
 * Integers are numbers while they are exact and bigints beyond 2^53; floats are kept apart, because 1.0
 * prints as `1.0`. Mappings keep their order whatever their keys look like.
 */
import type { Spot } from './spot.ts'

export type Scalar = null | boolean | number | bigint | string | Float | Opaque
export type Value = Scalar | readonly Value[] | Dict
/** Keys that equal each other in Python (1 and 1.0) are one key. */
export type Key = null | boolean | number | bigint | string

/** A Python float. */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/**
 * A scalar that is not to be touched: text that must not be templated, a date, binary data, or cipher text
 * that nobody can read.
 */
export class Opaque {
  readonly kind: 'unsafe' | 'vault' | 'date' | 'binary'
  readonly text: string
  constructor(kind: Opaque['kind'], text: string) {
    this.kind = kind
    this.text = text
  }
}

/** A mapping, with the place of each of its values. */
export class Dict extends Map<Key, Value> {
  /** Where the mapping itself stands. */
  spot: Spot | undefined
  /** Where each value stands. */
  readonly spots = new Map<Key, Spot>()
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}
