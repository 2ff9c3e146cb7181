/** Functions that take an expression such as `&pg_seq`. */
import { type CallContext, checkType, items } from './arguments.ts'
import { type Datum, isNumber, textOf, typeOf } from './datum.ts'
import { SelectorFault } from './fault.ts'
import type { Node } from './node.ts'
import { checkKeys, order, pick } from './ordering.ts'

type Keyed = (args: readonly Node[], context: CallContext) => Datum

export const keyed = new Map<string, Keyed>([
  ['map', (args, context) => mapEach(args, context)],
  ['sort_by', (args, context) => sortBy(args, context)],
  ['max_by', (args, context) => extremeBy('max_by', args, context, 1)],
  ['min_by', (args, context) => extremeBy('min_by', args, context, -1)],
])

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
  checkType(name, list, ['array'])
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
  checkType('map', list, ['array'])
  return items(list).map((item) => context.apply(reference.of, item))
}
