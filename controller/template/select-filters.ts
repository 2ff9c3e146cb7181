/** Filters that go through a list with another filter, a test or an attribute. */
import { itemOf } from './access.ts'
import { type Arguments, textArgument } from './arguments.ts'
import type { Filter, Plugins } from './filter.ts'
import { isTrue, itemsOf, Missing, type Operand } from './operand.ts'
import { unsupported } from './template-error.ts'

export const selectFilters: readonly (readonly [string, Filter])[] = [
  ['map', map],
  ['select', (value, args, plugins) => selected(value, args, plugins, true)],
  ['reject', (value, args, plugins) => selected(value, args, plugins, false)],
  ['selectattr', (value, args, plugins) => selectedByAttribute(value, args, plugins, true)],
  ['rejectattr', (value, args, plugins) => selectedByAttribute(value, args, plugins, false)],
]

function map(value: Operand, args: Arguments, plugins: Plugins): Operand {
  const { first, rest } = args.shifted()
  if (first === undefined) {
    const [attribute, fallback = null] = args.read('attribute', 'default')
    const path = pathOf(attribute)
    return itemsOf(value).map((item) => follow(item, path, fallback))
  }
  const name = textArgument(first, 'of map')
  return itemsOf(value).map((item) => plugins.filter(name, item, rest))
}

function pathOf(attribute: Operand | undefined): (string | number)[] {
  if (typeof attribute === 'number') return [attribute]
  const path = textArgument(attribute, 'attribute')
  return path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

function follow(start: Operand, path: readonly (string | number)[], fallback: Operand): Operand {
  let item = start
  for (const part of path) {
    item = itemOf(item, part)
    if (item instanceof Missing && fallback !== null) item = fallback
  }
  return item
}

function testOf(args: Arguments, plugins: Plugins): (item: Operand) => boolean {
  const { first, rest } = args.shifted()
  if (first === undefined) {
    args.read()
    return isTrue
  }
  const name = textArgument(first, 'of select')
  return (item) => plugins.test(name, item, rest)
}

function selected(value: Operand, args: Arguments, plugins: Plugins, wanted: boolean): Operand {
  const test = testOf(args, plugins)
  return itemsOf(value).filter((item) => test(item) === wanted)
}

function selectedByAttribute(value: Operand, args: Arguments, plugins: Plugins, wanted: boolean): Operand {
  const { first, rest } = args.shifted()
  if (first === undefined) throw unsupported('selectattr without an attribute')
  const path = pathOf(first)
  const test = testOf(rest, plugins)
  return itemsOf(value).filter((item) => test(follow(item, path, null)) === wanted)
}
