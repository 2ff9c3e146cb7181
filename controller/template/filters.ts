/** The filters that are understood. Source: those of Jinja 3.1 and Ansible 2.14, seen. */
import { type Arguments, flagArgument } from './arguments.ts'
import type { Filter, Plugins } from './filter.ts'
import { listFilters } from './list-filters.ts'
import { numberFilters } from './number-filters.ts'
import { isTrue, Missing, type Operand, present } from './operand.ts'
import { selectFilters } from './select-filters.ts'
import { unsupported } from './template-error.ts'
import { textFilters } from './text-filters.ts'

const filters: ReadonlyMap<string, Filter> = new Map([
  ...numberFilters,
  ...textFilters,
  ...listFilters,
  ...selectFilters,
])

/** These do not say "undefined" but something else when they get something undefined. */
const touchy = new Set([
  'unique',
  'min',
  'max',
  'ternary',
  'split',
  'dict2items',
  'bool',
  'regex_replace',
  'mandatory',
  'map',
])

export function isFilter(name: string): boolean {
  return name === 'default' || name === 'd' || filters.has(name)
}

/** @throws TemplateError */
export function applyFilter(name: string, value: Operand, args: Arguments, plugins: Plugins): Operand {
  if (name === 'default' || name === 'd') return withDefault(value, args)
  const filter = filters.get(name)
  if (filter === undefined) throw unsupported(`the filter ${name}`)
  if (value instanceof Missing && touchy.has(name))
    throw unsupported(`${value.what}, which is not defined, in ${name},`)
  return filter(present(value), args, plugins)
}

function withDefault(value: Operand, args: Arguments): Operand {
  const [fallback = '', alsoFalsy] = args.read('default_value', 'boolean')
  if (value instanceof Missing) return fallback
  return flagArgument(alsoFalsy) && !isTrue(value) ? fallback : value
}
