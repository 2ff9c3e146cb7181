/** What functions take: each checks its arguments as python-jmespath does. */

import type { Float } from '../values/value.ts'
import { type Datum, isArray, isNumber, type Mapping, type TypeName, textOf, typeOf } from './datum.ts'
import { SelectorFault } from './fault.ts'
import type { Node } from './node.ts'

/** What a function may ask of the evaluator. */
export interface CallContext {
  readonly textKeys: boolean
  argument(node: Node): Datum
  apply(reference: Node, item: Datum): Datum
}

export function checkType(name: string, value: Datum, types: readonly TypeName[]): void {
  const type = typeOf(value)
  if (types.length > 0 && !types.includes(type)) {
    throw new SelectorFault(`${name}() takes ${types.join(' or ')}, not ${type}`)
  }
}

export function textArgument(value: Datum | undefined): string {
  const text = textOf(value ?? null)
  if (text === undefined) throw new SelectorFault('text is expected')
  return text
}

export function mapping(value: Datum | undefined): Mapping {
  if (!(value instanceof Map)) throw new SelectorFault('a mapping is expected')
  return value
}

export function items(value: Datum | undefined): readonly Datum[] {
  if (value === undefined || !isArray(value)) throw new SelectorFault('a list is expected')
  return value
}

export type Numeric = number | bigint | Float

export function numbersOf(name: string, value: Datum | undefined): Numeric[] {
  return items(value).map((item) => {
    if (!isNumber(item)) throw new SelectorFault(`${name}() takes a list of numbers, not of ${typeOf(item)}`)
    return item
  })
}

export function textsOf(name: string, value: Datum | undefined): string[] {
  return items(value).map((item) => {
    const text = textOf(item)
    if (text === undefined) throw new SelectorFault(`${name}() takes a list of text, not of ${typeOf(item)}`)
    return text
  })
}
