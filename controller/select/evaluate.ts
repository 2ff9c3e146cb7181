/**
 * Evaluates JMESPath trees with python-jmespath's semantics, which is what Ansible runs selectors with.
 *
 * What comes out of a filter is the very element that went in: members are recognised by identity.
 */

import {
  compareNumbers,
  compareText,
  type Datum,
  isArray,
  isEqual,
  isNumber,
  isTrue,
  Row,
  textOf,
} from './datum.ts'
import { SelectorFault } from './fault.ts'
import { callFunction } from './functions.ts'
import type { Comparison, Node } from './node.ts'

export interface EvaluateOptions {
  /**
   * Whether sort_by, min_by and max_by take text as key. python-jmespath does; inside Ansible text from an
   * inventory has another type, which they refuse.
   */
  readonly textKeys: boolean
}

/**
 * The value of an expression over some data.
 *
 * @throws SelectorFault where python-jmespath raises
 */
export function evaluate(node: Node, datum: Datum, options: EvaluateOptions): Datum {
  switch (node.kind) {
    case 'identity':
      return datum
    case 'literal':
      return node.value
    case 'field':
      return field(datum, node.name)
    case 'chain':
      return node.steps.reduce((value, step) => evaluate(step, value, options), datum)
    case 'index':
      return isArray(datum) ? (datum.at(node.index) ?? null) : null
    case 'slice':
      return isArray(datum) ? slice(datum, node.bounds) : null
    case 'or':
    case 'and': {
      const left = evaluate(node.left, datum, options)
      return isTrue(left) === (node.kind === 'or') ? left : evaluate(node.right, datum, options)
    }
    case 'not':
      return !isTrue(evaluate(node.of, datum, options))
    case 'comparison':
      return compare(node.operator, evaluate(node.left, datum, options), evaluate(node.right, datum, options))
    default:
      return evaluateCollection(node, datum, options)
  }
}

function evaluateCollection(node: Node, datum: Datum, options: EvaluateOptions): Datum {
  switch (node.kind) {
    case 'projection':
      return project(evaluate(node.of, datum, options), node.each, options)
    case 'values': {
      const of = evaluate(node.of, datum, options)
      return of instanceof Map ? project([...of.values()], node.each, options) : null
    }
    case 'filter': {
      const of = evaluate(node.of, datum, options)
      if (!isArray(of)) return null
      const passed = of.filter((item) => isTrue(evaluate(node.condition, item, options)))
      return project(passed, node.each, options)
    }
    case 'flatten': {
      const of = evaluate(node.of, datum, options)
      return isArray(of) ? of.flatMap((item) => (isArray(item) ? item : [item])) : null
    }
    case 'list':
      return datum === null ? null : node.items.map((item) => evaluate(item, datum, options))
    case 'dict':
      return datum === null
        ? null
        : new Map(node.entries.map(({ key, value }) => [key, evaluate(value, datum, options)]))
    case 'call':
      return callFunction(node.name, node.args, {
        textKeys: options.textKeys,
        argument: (argument) => evaluate(argument, datum, options),
        apply: (reference, item) => evaluate(reference, item, options),
      })
    default:
      throw new SelectorFault(`${node.kind === 'reference' ? '&' : node.kind} stands outside of a function`)
  }
}

function field(datum: Datum, name: string): Datum {
  if (datum instanceof Row) return datum.get(name) ?? null
  // instanceof narrows to Map<any, any>; the values of a datum's mapping are data.
  return datum instanceof Map ? ((datum.get(name) as Datum | undefined) ?? null) : null
}

function project(of: Datum, each: Node, options: EvaluateOptions): Datum {
  if (!isArray(of)) return null
  return of.map((item) => evaluate(each, item, options)).filter((item) => item !== null)
}

/** Null and booleans have no order: the answer is null. A number against text is an error. */
function compare(operator: Comparison, left: Datum, right: Datum): Datum {
  if (operator === '==') return isEqual(left, right)
  if (operator === '!=') return !isEqual(left, right)
  const leftText = textOf(left)
  const rightText = textOf(right)
  if (leftText !== undefined && rightText !== undefined)
    return holds(operator, compareText(leftText, rightText))
  if (isNumber(left) && isNumber(right)) return holds(operator, compareNumbers(left, right))
  const ordered = (leftText !== undefined || isNumber(left)) && (rightText !== undefined || isNumber(right))
  if (ordered) throw new SelectorFault(`${operator} between a number and text`)
  return null
}

function holds(operator: Comparison, order: number): boolean {
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

/** Python's slices: negative positions count from the end, a negative step goes backwards. */
function slice(items: readonly Datum[], [start, stop, step]: readonly (number | null | undefined)[]): Datum {
  const stride = step ?? 1
  if (stride === 0) throw new SelectorFault('a slice with step 0')
  const length = items.length
  const lowest = stride > 0 ? 0 : -1
  const highest = stride > 0 ? length : length - 1
  const clamp = (position: number | null | undefined, fallback: number) => {
    if (position === null || position === undefined) return fallback
    return Math.min(Math.max(position < 0 ? position + length : position, lowest), highest)
  }
  const from = clamp(start, stride > 0 ? lowest : highest)
  const to = clamp(stop, stride > 0 ? highest : lowest)
  const picked: Datum[] = []
  for (let i = from; stride > 0 ? i < to : i > to; i += stride) picked.push(items[i] ?? null)
  return picked
}
