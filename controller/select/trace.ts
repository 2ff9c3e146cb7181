/**
 * Why a selector chose a member, or did not: the step that dropped it, and the clauses that decided there.
 *
 * An expression is taken apart into the steps that pass a list of members on (filters, slices, sorts, what
 * stands before a `|`). What cannot be taken apart is one step, explained as a whole.
 */
import { type Datum, isArray, isTrue, Row } from './datum.ts'
import { type EvaluateOptions, evaluate } from './evaluate.ts'
import type { Node } from './node.ts'
import { type Annotated, parseAnnotated } from './parser.ts'

/** A part of a condition that decided. */
export interface Clause {
  /** As it was written. */
  readonly text: string
  readonly holds: boolean
  /** Variables of the member that it reads. */
  readonly variables: readonly string[]
}

/** What one step of a selector did with a member. */
export interface StepTrace {
  /** As it was written. */
  readonly text: string
  readonly kept: boolean
  /** Of a filter: the fewest clauses that make its condition true or false. Empty for other steps. */
  readonly clauses: readonly Clause[]
}

/**
 * The steps that a member went through, up to the one that dropped it.
 *
 * @param rows - all members, as the selector sees them
 * @throws SelectorFault where evaluating raises, AppError `SELECTOR_INVALID` for a syntax error
 */
export function traceSelector(
  expression: string,
  rows: readonly Row[],
  options: EvaluateOptions,
): ReadonlyMap<Row, readonly StepTrace[]> {
  const parsed = parseAnnotated(expression)
  const traces = new Map(rows.map((row) => [row, [] as StepTrace[]]))
  let current: Datum = rows
  for (const step of stepsOf(parsed.tree)) {
    const before = rowsIn(current)
    current = evaluate(step.node, current, options)
    const after = rowsIn(current)
    if (step.isPlumbing && before.size === after.size) continue
    for (const row of before) {
      const clauses = step.condition === undefined ? [] : decide(parsed, step.condition, row, options).clauses
      traces.get(row)?.push({ text: parsed.textOf(step.of), kept: after.has(row), clauses })
    }
  }
  return traces
}

interface Step {
  /** Evaluated on what the step before gave. */
  readonly node: Node
  /** Part of the expression to be quoted. */
  readonly of: Node
  readonly condition?: Node
  /** Worth a word only when it drops somebody. */
  readonly isPlumbing?: boolean
}

const identity: Node = { kind: 'identity' }

function stepsOf(node: Node): Step[] {
  switch (node.kind) {
    case 'identity':
      return []
    case 'chain':
      return node.steps.flatMap(stepsOf)
    case 'filter':
      if (node.each.kind !== 'identity') break
      return [
        ...stepsOf(node.of),
        { node: { ...node, of: identity }, of: node.condition, condition: node.condition },
      ]
    case 'projection':
      if (node.each.kind !== 'identity') break
      return [...stepsOf(sourceOf(node.of)), { node: detached(node), of: node, isPlumbing: true }]
    case 'flatten':
      return [...stepsOf(node.of), { node: { ...node, of: identity }, of: node, isPlumbing: true }]
    case 'call':
      return callSteps(node)
    default:
      break
  }
  return [{ node, of: node }]
}

/** A slice is a chain of two: the list, and the cut. Both are one step with the projection around them. */
function sourceOf(node: Node): Node {
  return isSlice(node) ? (node.steps[0] ?? identity) : node
}

function detached(node: Extract<Node, { kind: 'projection' }>): Node {
  const { of } = node
  return { ...node, of: isSlice(of) ? { ...of, steps: [identity, ...of.steps.slice(1)] } : identity }
}

function isSlice(node: Node): node is Extract<Node, { kind: 'chain' }> {
  return node.kind === 'chain' && node.steps.length === 2 && node.steps[1]?.kind === 'slice'
}

/** Functions that give the members of their first argument in another order, or some of them. */
const passing = new Set(['sort_by', 'reverse', 'max_by', 'min_by', 'to_array'])

function callSteps(node: Extract<Node, { kind: 'call' }>): Step[] {
  const [list, ...rest] = node.args
  if (list === undefined || !passing.has(node.name)) return [{ node, of: node }]
  return [...stepsOf(list), { node: { ...node, args: [identity, ...rest] }, of: node, isPlumbing: true }]
}

function rowsIn(datum: Datum): ReadonlySet<Row> {
  if (datum instanceof Row) return new Set([datum])
  const items = isArray(datum) ? datum : []
  return new Set(items.flatMap((item) => (item instanceof Row ? [item] : [...rowsIn(item)])))
}

interface Decision {
  readonly holds: boolean
  readonly clauses: readonly Clause[]
}

/** The fewest clauses that decide: one true side of an `||`, one false side of an `&&`, else both. */
function decide(parsed: Annotated, node: Node, row: Row, options: EvaluateOptions): Decision {
  if (node.kind === 'and' || node.kind === 'or') {
    const enough = node.kind === 'or'
    const left = decide(parsed, node.left, row, options)
    if (left.holds === enough) return left
    const right = decide(parsed, node.right, row, options)
    if (right.holds === enough) return right
    return { holds: !enough, clauses: [...left.clauses, ...right.clauses] }
  }
  if (node.kind === 'not' && isCompound(node.of)) {
    const inner = decide(parsed, node.of, row, options)
    return { holds: !inner.holds, clauses: inner.clauses }
  }
  const holds = isTrue(evaluate(node, row, options))
  return {
    holds,
    clauses: [{ text: parsed.textOf(node), holds, variables: [...new Set(variablesIn(node))] }],
  }
}

function isCompound(node: Node): boolean {
  return node.kind === 'and' || node.kind === 'or' || node.kind === 'not'
}

/** Names that are read from the member itself, not from a value within one of its variables. */
function variablesIn(node: Node): string[] {
  switch (node.kind) {
    case 'field':
      return [node.name]
    case 'chain':
      return node.steps.slice(0, 1).flatMap(variablesIn)
    case 'and':
    case 'or':
    case 'comparison':
      return [...variablesIn(node.left), ...variablesIn(node.right)]
    case 'not':
    case 'filter':
    case 'projection':
    case 'values':
    case 'flatten':
      return variablesIn(node.of)
    case 'list':
      return node.items.flatMap(variablesIn)
    case 'dict':
      return node.entries.flatMap(({ value }) => variablesIn(value))
    case 'call':
      return node.args.flatMap(variablesIn)
    default:
      return []
  }
}
