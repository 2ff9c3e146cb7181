/**
 * Values with `{{ ... }}` in them, evaluated with Ansible's rules about types.
 *
 * - A lone reference to a variable that holds a number, a boolean or null gives that value.
 * - Any other template gives text, and text that reads as a list, a mapping, True or False is turned back.
 * - What was marked `!unsafe` stays as it is, and what is made with it is marked too.
 * Source: Ansible 2.14's templating of variables (jinja2_native off), seen.
 */

import { asUnsafe } from '../values/as-unsafe.ts'
import type { Spot } from '../values/spot.ts'
import { Dict, Float, isList, Opaque, type Value } from '../values/value.ts'
import { evaluate } from './evaluate-expression.ts'
import type { Expression, Piece, Template } from './expression-tree.ts'
import { asValue, isTrue, Nothing, type Operand, present, requireDefined, textOf, View } from './operand.ts'
import { parsePython } from './python-literal.ts'
import { TemplateError, unsupported } from './template-error.ts'
import { parseTemplate } from './template-parser.ts'
import { hasUnsafe, unmarked } from './unsafe.ts'

export interface TemplateScope {
  /** What a name stands for in an expression. */
  resolve(name: string): Operand
  /** The value as it was written, for the rule about lone references. */
  raw(name: string): Value | undefined
}

export interface TemplateOptions {
  /** Leave text with an undefined reference as it is, as Ansible does in hostvars. */
  readonly keepUndefined: boolean
}

/**
 * Evaluates all templates in a value, at any depth; keys are left alone.
 *
 * @throws TemplateError
 */
export function templateValue(
  value: Value,
  scope: TemplateScope,
  options: TemplateOptions,
  spot?: Spot | undefined,
): Value {
  if (typeof value === 'string') return templateText(value, scope, options, spot)
  if (isConstant(value)) return value
  if (isList(value)) return mapChanged(value, (item) => templateValue(item, scope, options, spot))
  if (value instanceof Dict) return templateDict(value, scope, options, spot)
  if (value instanceof Opaque && value.kind === 'vault') {
    throw new TemplateError('vault', 'the value is encrypted (!vault) and cannot be read', spot)
  }
  return value
}

/** For lists and mappings: asked again and again for the services of all hosts. */
const constants = new WeakMap<object, boolean>()

/** Whether a value is the same for every host: there is no template in it, and nothing that cannot be read. */
export function isConstant(value: Value): boolean {
  if (typeof value === 'string') return !isTemplate(value)
  if (value instanceof Opaque) return value.kind !== 'vault'
  if (!isList(value) && !(value instanceof Dict)) return true
  const known = constants.get(value)
  if (known !== undefined) return known
  const constant = [...value.values()].every(isConstant)
  constants.set(value, constant)
  return constant
}

/** Keeps the array itself when nothing changed: most values hold no template, and identity is cheap to cache. */
function mapChanged(items: readonly Value[], change: (item: Value) => Value): readonly Value[] {
  const changed = items.map(change)
  return changed.some((item, i) => item !== items[i]) ? changed : items
}

function templateDict(
  dict: Dict,
  scope: TemplateScope,
  options: TemplateOptions,
  spot: Spot | undefined,
): Dict {
  const entries = [...dict].map(
    ([key, item]) => [key, templateValue(item, scope, options, dict.spots.get(key) ?? spot)] as const,
  )
  if (entries.every(([key, item]) => dict.get(key) === item)) return dict
  const out = new Dict(entries)
  out.spot = dict.spot
  for (const [key, place] of dict.spots) out.spots.set(key, place)
  return out
}

function templateText(
  text: string,
  scope: TemplateScope,
  options: TemplateOptions,
  spot: Spot | undefined,
): Value {
  if (!isTemplate(text)) return text
  try {
    const value = lone(text, scope)
    return value === undefined ? render(text, scope) : value
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    if (error.kind === 'undefined' && options.keepUndefined) return kept(text, spot)
    throw error.spot === undefined ? new TemplateError(error.kind, error.message, spot, error.what) : error
  }
}

/** Ansible keeps what it has made of the text by then, which differs when there are backslashes. */
function kept(text: string, spot: Spot | undefined): string {
  if (!text.includes('\\') || !text.includes('{{')) return text
  throw new TemplateError('unsupported', 'a backslash beside an undefined reference is not understood', spot)
}

function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#')
}

/** `{{ name }}` of a number or boolean as it was written; undefined when this rule does not decide. */
function lone(text: string, scope: TemplateScope): Value | undefined {
  const name = /^\{\{\s*(\w+)\s*\}\}\n?$/.exec(text)?.[1]
  const value = name === undefined ? undefined : scope.raw(name)
  const keeps =
    value === null || ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Float
  return keeps ? value : undefined
}

function render(text: string, scope: TemplateScope): Value {
  const template = templateOf(text)
  const { variables, isUnsafe } = lookUp(template.names, scope)
  const chunks: Chunk[] = []
  run(template.pieces, variables, chunks)
  const value = joined(chunks, template.usesString)
  const full = typeof value === 'string' ? withLineBreaks(value, text) : value
  return isUnsafe ? asUnsafe(full) : full
}

/** Jinja looks all names up first, so that a circle or a secret in any of them is an error. */
function lookUp(names: readonly string[], scope: TemplateScope) {
  const variables = new Map<string, Operand>()
  let isUnsafe = false
  for (const name of names) {
    const operand = scope.resolve(name)
    if (!hasUnsafe(operand)) variables.set(name, operand)
    else {
      isUnsafe = true
      variables.set(name, unmarked(operand))
    }
  }
  return { variables, isUnsafe }
}

/** What one piece puts out. */
interface Chunk {
  readonly value: Operand
  /** The result of the filter `string`, which alone is not turned back into a value. */
  readonly isText: boolean
}

function run(pieces: readonly Piece[], variables: Map<string, Operand>, chunks: Chunk[]): void {
  for (const piece of pieces) {
    if (piece.kind === 'text') chunks.push({ value: piece.text, isText: false })
    else if (piece.kind === 'output') chunks.push(output(piece.tree, variables))
    else if (piece.kind === 'set') variables.set(piece.name, evaluate(piece.tree, variables))
    else {
      const branch = piece.branches.find(
        ({ test }) => test === undefined || isTrue(evaluate(test, variables)),
      )
      run(branch?.body ?? [], variables, chunks)
    }
  }
}

function output(tree: Expression, variables: Map<string, Operand>): Chunk {
  const result = evaluate(tree, variables)
  if (result === null || result instanceof Nothing) return { value: '', isText: false }
  requireDefined(result)
  const value = present(result)
  return {
    value: value instanceof View ? value.items : value,
    isText: tree.kind === 'filter' && tree.name === 'string',
  }
}

function joined(chunks: readonly Chunk[], usesString: boolean): Value {
  const [only] = chunks
  if (chunks.length !== 1 || only === undefined)
    return turnBack(chunks.map(({ value }) => textOf(value)).join(''))
  if (only.isText) return textOf(only.value)
  // Ansible remembers through conditions and assignments that the filter made it.
  if (usesString && typeof only.value === 'string' && turnBack(only.value) !== only.value) {
    throw unsupported('the filter string anywhere but last')
  }
  // Text and back again would give an equal list or mapping.
  if (isPlain(only.value)) return asValue(only.value)
  return turnBack(textOf(only.value))
}

/** A list or mapping whose text reads as itself: all but those with `inf`, a date and the like. */
function isPlain(value: Operand): boolean {
  if (value instanceof Dict) return [...value.values()].every(isPlainItem)
  return Array.isArray(value) && value.every(isPlainItem)
}

function isPlainItem(item: Operand): boolean {
  if (item instanceof Float) return Number.isFinite(item.value)
  if (item === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof item)) return true
  return isPlain(item)
}

function turnBack(text: string): Value {
  if (text === 'True') return true
  if (text === 'False') return false
  if (!text.startsWith('{') && !text.startsWith('[')) return text
  const literal = parsePython(text)
  if (literal.kind === 'unsure') throw unsupported(`a result with ${literal.why}`)
  return literal.kind === 'value' ? literal.value : text
}

/** Jinja drops line breaks at the end; Ansible puts as many back as the template had. */
function withLineBreaks(text: string, template: string): string {
  const missing = lineBreaksAtEnd(template) - lineBreaksAtEnd(text)
  return missing > 0 ? text + '\n'.repeat(missing) : text
}

function lineBreaksAtEnd(text: string): number {
  let count = 0
  while (text.charAt(text.length - 1 - count) === '\n') count += 1
  return count
}

/** Most templates are the same few texts on every host. */
const parsed = new Map<string, Template | TemplateError>()
const maxParsed = 10_000

function templateOf(text: string): Template {
  const known = parsed.get(text) ?? remember(text)
  if (known instanceof TemplateError) throw known
  return known
}

function remember(text: string): Template | TemplateError {
  const fresh = attempt(text)
  if (parsed.size >= maxParsed) parsed.clear()
  parsed.set(text, fresh)
  return fresh
}

function attempt(text: string): Template | TemplateError {
  try {
    return parseTemplate(text)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}
