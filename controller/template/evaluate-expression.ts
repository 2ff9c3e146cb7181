/** Works out what an expression gives. */

import { Dict } from '../values/value.ts'
import { attributeOf, itemOf, sliceOf } from './access.ts'
import { Arguments } from './arguments.ts'
import type { Call, Expression } from './expression-tree.ts'
import type { Plugins } from './filter.ts'
import { applyFilter } from './filters.ts'
import { applyTest } from './jinja-tests.ts'
import { callMethod } from './methods.ts'
import {
  asValue,
  isTrue,
  Missing,
  Nothing,
  nameOfType,
  numberOf,
  type Operand,
  present,
  Tuple,
} from './operand.ts'
import { arithmetic, compare, concatenate, eitherOf, keyOf, negate } from './operators.ts'
import { unsupported } from './template-error.ts'

/** The variables of a template, looked up before it starts. */
export type Variables = ReadonlyMap<string, Operand>

const plugins: Plugins = {
  filter: (name, value, args) => applyFilter(name, value, args, plugins),
  test: applyTest,
}

/** @throws TemplateError for what Python refuses, and for what is not done here */
export function evaluate(tree: Expression, variables: Variables): Operand {
  const value = (part: Expression) => evaluate(part, variables)
  switch (tree.kind) {
    case 'literal':
      return tree.value
    case 'name':
      return variables.get(tree.name) ?? variableOf(tree.name, variables)
    case 'list':
      return tree.items.map((item) => defined(value(item)))
    case 'tuple':
      return new Tuple(tree.items.map((item) => defined(value(item))))
    case 'dict':
      return dictOf(tree, variables)
    case 'attribute':
      return attributeOf(value(tree.of), tree.name)
    case 'item':
      return itemOf(value(tree.of), value(tree.key))
    case 'slice':
      return sliceOf(
        value(tree.of),
        tree.bounds.map((bound) => (bound === undefined ? undefined : value(bound))),
      )
    case 'method':
      return callMethod(value(tree.of), tree.name, argumentsOf(tree.call, variables))
    case 'filter':
      return applyFilter(tree.name, value(tree.of), argumentsOf(tree.call, variables), plugins)
    case 'test':
      return applyTest(tree.name, value(tree.of), argumentsOf(tree.call, variables))
    default:
      return operation(tree, variables)
  }
}

type Operation = Extract<
  Expression,
  { kind: 'not' | 'negative' | 'positive' | 'and' | 'or' | 'concat' | 'arithmetic' | 'compare' | 'choice' }
>

function operation(tree: Operation, variables: Variables): Operand {
  const value = (part: Expression) => evaluate(part, variables)
  switch (tree.kind) {
    case 'not':
      return !isTrue(value(tree.of))
    case 'negative':
      return negate(value(tree.of))
    case 'positive':
      return positive(value(tree.of))
    case 'and':
    case 'or':
      return eitherOf(tree.kind, value(tree.left), () => value(tree.right))
    case 'concat':
      return concatenate(tree.items.map(value))
    case 'arithmetic':
      return arithmetic(tree.operator, value(tree.left), value(tree.right))
    case 'compare':
      return comparison(tree, variables)
    case 'choice':
      return chosen(tree, variables)
  }
}

/** null is a value too, so ?? will not do. */
function variableOf(name: string, variables: Variables): Operand {
  return variables.has(name) ? null : new Missing(name)
}

function defined(operand: Operand): Operand {
  if (operand instanceof Missing)
    throw unsupported(`${operand.what}, which is not defined, in a list or mapping,`)
  return operand
}

function dictOf(tree: Expression & { kind: 'dict' }, variables: Variables): Dict {
  const dict = new Dict()
  for (const [key, item] of tree.entries) {
    const name = keyOf(evaluate(key, variables))
    if (typeof name === 'boolean') throw unsupported('a boolean as a key')
    dict.set(name, asValue(defined(evaluate(item, variables))))
  }
  return dict
}

function argumentsOf(call: Call, variables: Variables): Arguments {
  const named = [...call.named].map(([name, tree]) => [name, evaluate(tree, variables)] as const)
  return new Arguments(
    call.args.map((tree) => evaluate(tree, variables)),
    new Map(named),
  )
}

function positive(given: Operand): Operand {
  const number = numberOf(present(given))
  if (number === undefined) throw unsupported(`+ before ${nameOfType(given)}`)
  return number
}

/** `a < b < c` compares each with the next, and stops at the first that fails. */
function comparison(tree: Expression & { kind: 'compare' }, variables: Variables): boolean {
  let left = evaluate(tree.first, variables)
  for (const { operator, right: part } of tree.rest) {
    const right = evaluate(part, variables)
    if (!compare(operator, left, right)) return false
    left = right
  }
  return true
}

function chosen(tree: Expression & { kind: 'choice' }, variables: Variables): Operand {
  if (isTrue(evaluate(tree.test, variables))) return evaluate(tree.yes, variables)
  return tree.no === undefined ? new Nothing() : evaluate(tree.no, variables)
}
