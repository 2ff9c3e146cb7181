import { Dict, Float } from '../values/value.ts'
import { type Arguments, flagArgument } from './arguments.ts'
import type { Filter } from './filter.ts'
import { isArray, isInteger, itemsOf, Missing, type Operand, present, Tuple, View } from './operand.ts'
import { arithmetic, isEqual, orderOf } from './operators.ts'
import { lower } from './python-text.ts'
import { unsupported } from './template-error.ts'

export const listFilters: readonly (readonly [string, Filter])[] = [
  ['list', (value, args) => itemsOf(bare(value, args))],
  ['length', (value, args) => itemsOf(bare(value, args)).length],
  ['count', (value, args) => itemsOf(bare(value, args)).length],
  ['first', (value, args) => orMissing(itemsOf(bare(value, args))[0])],
  ['last', (value, args) => orMissing(itemsOf(bare(value, args)).at(-1))],
  ['reverse', reverse],
  ['sort', sort],
  ['unique', unique],
  ['min', (value, args) => extreme(itemsOf(bare(value, args)), 1)],
  ['max', (value, args) => extreme(itemsOf(bare(value, args)), -1)],
  ['sum', sum],
  ['dict2items', dictToItems],
]

function bare(value: Operand, args: Arguments): Operand {
  args.read()
  return value
}

function orMissing(item: Operand | undefined): Operand {
  return item === undefined ? new Missing('an item of an empty list') : item
}

function reverse(value: Operand, args: Arguments): Operand {
  const items = [...itemsOf(bare(value, args))].reverse()
  return typeof value === 'string' ? items.join('') : items
}

/** Text counts without its case. */
function sortKey(item: Operand): Operand {
  return typeof item === 'string' ? lower(item) : present(item)
}

function sort(value: Operand, args: Arguments): Operand {
  const [reversed, caseSensitive] = args.readKnown('reverse', 'case_sensitive')
  const sign = flagArgument(reversed) ? -1 : 1
  const keyOf = flagArgument(caseSensitive) ? present : sortKey
  const keyed = itemsOf(value).map((item) => ({ item, key: keyOf(item) }))
  return keyed.sort((a, b) => sign * orderBetween(a.key, b.key)).map(({ item }) => item)
}

function orderBetween(a: Operand, b: Operand): number {
  const order = orderOf(a, b)
  if (Number.isNaN(order)) throw unsupported('sorting what has no order')
  return order
}

function isHashable(item: Operand): boolean {
  if (item instanceof Tuple) return item.items.every(isHashable)
  return (
    item === null || ['string', 'boolean'].includes(typeof item) || isInteger(item) || item instanceof Float
  )
}

/** Text counts without its case, unless a list or mapping is among the items. */
function unique(value: Operand, args: Arguments): Operand {
  const items = itemsOf(bare(value, args))
  for (const item of items) if (item instanceof View) throw unsupported('unique of such items')
  const keyOf = items.every(isHashable) ? sortKey : present
  const seen: Operand[] = []
  return items.filter((item) => {
    const key = keyOf(item)
    const isNew = !seen.some((other) => isEqual(other, key))
    if (isNew) seen.push(key)
    return isNew
  })
}

function extreme(items: readonly Operand[], sign: 1 | -1): Operand {
  const [first, ...others] = items
  if (first === undefined) return orMissing(undefined)
  const start = { item: first, key: sortKey(first) }
  return others.reduce<typeof start>((best, item) => {
    const key = sortKey(item)
    return sign * orderBetween(key, best.key) < 0 ? { item, key } : best
  }, start).item
}

function sum(value: Operand, args: Arguments): Operand {
  const [attribute = null, start = 0] = args.readKnown('attribute', 'start')
  if (attribute !== null) throw unsupported('sum with an attribute')
  if (typeof start === 'string') throw unsupported('sum of text')
  return itemsOf(value).reduce<Operand>((total, item) => arithmetic('+', total, item), start)
}

function dictToItems(value: Operand, args: Arguments): Operand {
  args.read()
  if (!(value instanceof Dict) || isArray(value)) throw unsupported('dict2items of what is no mapping')
  return [...value].map(
    ([key, item]) =>
      new Dict([
        ['key', key],
        ['value', item],
      ]),
  )
}
