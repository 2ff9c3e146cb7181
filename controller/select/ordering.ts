/** What puts things in order: numbers or texts, never a mixture. */
import { items } from './arguments.ts'
import { compareNumbers, compareText, type Datum, isNumber, textOf } from './datum.ts'
import { SelectorFault } from './fault.ts'

/** Orders two numbers or two texts. */
export function order(name: string, a: Datum, b: Datum): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  const left = textOf(a)
  const right = textOf(b)
  if (left !== undefined && right !== undefined) return compareText(left, right)
  throw new SelectorFault(`${name}() takes numbers or texts, not a mixture or anything else`)
}

export function sortPlain(value: Datum | undefined): Datum {
  checkKeys('sort', items(value))
  return [...items(value)].sort((a, b) => order('sort', a, b))
}

/** All numbers or all texts. A list of one is checked too, so that it fails as Python's does. */
export function checkKeys(name: string, keys: readonly Datum[]): void {
  const [first] = keys
  if (first === undefined) return
  for (const key of keys) order(name, first, key)
}

export function extreme(name: string, value: Datum | undefined, sign: number): Datum {
  checkKeys(name, items(value))
  return pick(name, items(value), (item) => item, sign)
}

/** The first of the greatest (sign 1) or smallest (-1); null of none. */
export function pick(
  name: string,
  list: readonly Datum[],
  keyOf: (item: Datum) => Datum,
  sign: number,
): Datum {
  let best: { item: Datum; key: Datum } | undefined
  for (const item of list) {
    const key = keyOf(item)
    if (best === undefined || order(name, key, best.key) * sign > 0) best = { item, key }
  }
  return best?.item ?? null
}
