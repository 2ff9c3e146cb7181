/** The tests behind `is`. Source: those of Jinja 3.1 and Ansible 2.14, seen. */

import { Dict, Float, Opaque } from '../values/value.ts'
import type { Arguments } from './arguments.ts'
import {
  isArray,
  isInteger,
  isTrue,
  Lookup,
  Missing,
  nameOfType,
  numberOf,
  type Operand,
  present,
  Tuple,
  textOf,
  View,
} from './operand.ts'
import { arithmetic, type Comparison, compare, contains, isEqual } from './operators.ts'
import { unsupported } from './template-error.ts'

type Test = (value: Operand, args: Arguments) => boolean

/** These look at the type only; something undefined is just none of them. */
const typeTests = new Map<string, (value: Operand) => boolean>([
  ['defined', (value) => !(value instanceof Missing)],
  ['undefined', (value) => value instanceof Missing],
  ['none', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['integer', isInteger],
  ['float', (value) => value instanceof Float],
  ['number', (value) => !(value instanceof Missing) && numberOf(value) !== undefined],
  ['string', (value) => typeof value === 'string'],
  ['mapping', (value) => value instanceof Dict || value instanceof Lookup],
  ['sequence', isSequence],
])

const tests = new Map<string, Test>([
  ['iterable', (value, args) => bare(value, args, (known) => isSequence(known) || known instanceof View)],
  ['odd', (value, args) => bare(value, args, (known) => isEqual(arithmetic('%', numeric(known), 2), 1))],
  ['even', (value, args) => bare(value, args, (known) => isEqual(arithmetic('%', numeric(known), 2), 0))],
  ['divisibleby', (value, args) => isEqual(arithmetic('%', numeric(value), numeric(only(args))), 0)],
  ['in', (value, args) => contains(only(args), value)],
  ['contains', (value, args) => contains(value, only(args))],
  ['truthy', (value, args) => bare(value, args, isTrue)],
  ['falsy', (value, args) => bare(value, args, (known) => !isTrue(known))],
  ['lower', (value, args) => bare(value, args, (known) => isCase(textOf(known), 'lower'))],
  ['upper', (value, args) => bare(value, args, (known) => isCase(textOf(known), 'upper'))],
  ...comparisons(['==', 'eq', 'equalto'], '=='),
  ...comparisons(['!=', 'ne'], '!='),
  ...comparisons(['<', 'lt', 'lessthan'], '<'),
  ...comparisons(['<=', 'le'], '<='),
  ...comparisons(['>', 'gt', 'greaterthan'], '>'),
  ...comparisons(['>=', 'ge'], '>='),
])

/** With an undefined value these fail otherwise than by saying so. */
const touchy = new Set(['contains', 'truthy', 'falsy'])

export function isTest(name: string): boolean {
  return typeTests.has(name) || tests.has(name)
}

/** @throws TemplateError */
export function applyTest(name: string, value: Operand, args: Arguments): boolean {
  const typeTest = typeTests.get(name)
  if (typeTest !== undefined) {
    args.read()
    if (value instanceof Opaque && name !== 'defined') throw unsupported(`the type of ${nameOfType(value)}`)
    return typeTest(value)
  }
  const test = tests.get(name)
  if (test === undefined) throw unsupported(`the test ${name}`)
  if (value instanceof Missing && touchy.has(name))
    throw unsupported(`${value.what}, which is not defined, in ${name},`)
  return test(value, args)
}

function bare(value: Operand, args: Arguments, test: (value: Operand) => boolean): boolean {
  args.read()
  return test(present(value))
}

function only(args: Arguments): Operand {
  const [operand] = args.read('')
  if (operand === undefined) throw unsupported('a test without its argument')
  return operand
}

function isSequence(value: Operand): boolean {
  return (
    typeof value === 'string' ||
    isArray(value) ||
    value instanceof Tuple ||
    value instanceof Dict ||
    value instanceof Lookup
  )
}

/** Percent signs mean something else after text. */
function numeric(value: Operand): Operand {
  if (numberOf(present(value)) === undefined) throw unsupported(`a remainder of ${nameOfType(value)}`)
  return value
}

function isCase(text: string, which: 'lower' | 'upper'): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
  if (!/^[\x00-\x7f]*$/.test(text)) throw unsupported('upper and lower case of letters beyond ASCII')
  return /[a-z]/i.test(text) && text === (which === 'lower' ? text.toLowerCase() : text.toUpperCase())
}

function comparisons(names: readonly string[], operator: Comparison): (readonly [string, Test])[] {
  return names.map((name) => [name, (value, args) => compare(operator, value, only(args))] as const)
}
