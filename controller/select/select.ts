/** Selectors: which members a service has. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { type Datum, isArray, Row } from './datum.ts'
import { type EvaluateOptions, evaluate } from './evaluate.ts'
import { SelectorFault } from './fault.ts'
import type { Node } from './node.ts'
import { parse } from './parser.ts'

/** Services of all clusters share a handful of selectors. */
const compiled = new Map<string, Node>()
const maxCompiled = 10_000

function compile(expression: string): Node {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  const tree = parse(expression)
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(expression, tree)
  return tree
}

/**
 * Evaluates a selector over members.
 *
 * @returns what it gives: a list of rows for a good selector, but also null, text or anything else
 * @throws AppError `SELECTOR_INVALID` or `SELECTOR_FAILED`
 */
export function search(
  expression: string,
  rows: readonly Row[],
  options: EvaluateOptions,
  at?: Location | undefined,
): Datum {
  try {
    return evaluate(compile(expression), rows, options)
  } catch (error) {
    if (error instanceof SelectorFault) {
      throw new AppError('SELECTOR_FAILED', `selector ${expression}: ${error.message}`, { at })
    }
    if (error instanceof AppError && error.at === undefined && error.code === 'SELECTOR_INVALID') {
      throw new AppError(error.code, error.message, { at, hint: error.hint })
    }
    throw error
  }
}

/** The rows of a result, or undefined when it is not a list of members. */
export function asRows(result: Datum): readonly Row[] | undefined {
  if (!isArray(result)) return undefined
  const rows = result.filter((item) => item instanceof Row)
  return rows.length === result.length ? rows : undefined
}
