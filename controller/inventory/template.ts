/**
 * Values with `{{ ... }}` in them, evaluated with Ansible's rules about types.
 *
 * - A lone reference to a variable that holds a number, a boolean or null gives that value.
 * - Any other template gives text, and text that reads as a list, a mapping, True or False is turned back.
 * - What was marked `!unsafe` stays as it is.
 * Source: Ansible's templating of variables (jinja2_native off), seen.
 */
import { type Expression, type ExpressionScope, evaluate, Missing, parseExpression } from './expression.ts'
import { parsePython } from './literal.ts'
import { pyText } from './py-text.ts'
import type { Spot } from './spot.ts'
import { Dict, Float, isList, Opaque, type Value } from './value.ts'

/** What was wrong with a template, and where it stands. */
export class TemplateError extends Error {
  readonly kind: 'undefined' | 'unsupported' | 'cycle' | 'vault'
  readonly spot: Spot | undefined
  /** What is not defined, for that kind. */
  readonly what: string
  constructor(kind: TemplateError['kind'], message: string, spot?: Spot | undefined, what = '') {
    super(message)
    this.name = 'TemplateError'
    this.kind = kind
    this.spot = spot
    this.what = what
  }
}

export interface TemplateScope extends ExpressionScope {
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
  if (isList(value)) return mapChanged(value, (item) => templateValue(item, scope, options, spot))
  if (value instanceof Dict) return templateDict(value, scope, options, spot)
  if (value instanceof Opaque && value.kind === 'vault') {
    throw new TemplateError('vault', 'the value is encrypted (!vault) and cannot be read', spot)
  }
  return value
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
    return value === undefined ? render(parts(text), scope) : value
  } catch (error) {
    if (error instanceof TypeError) throw unsupported(error.message, spot)
    if (!(error instanceof TemplateError)) throw error
    if (error.kind === 'undefined' && options.keepUndefined) return text
    throw error.spot === undefined ? new TemplateError(error.kind, error.message, spot, error.what) : error
  }
}

function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#')
}

/** `{{ name }}` of a number or boolean as it was written; undefined when this rule does not decide. */
function lone(text: string, scope: TemplateScope): Value | undefined {
  const name = /^\{\{\s*(\w+)\s*\}\}$/.exec(text)?.[1]
  const value = name === undefined ? undefined : scope.raw(name)
  const keeps =
    value === null || ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Float
  return keeps ? value : undefined
}

type Part = string | Expression

function render(pieces: readonly Part[], scope: TemplateScope): Value {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined && typeof only !== 'string') {
    const value = known(evaluate(only, scope))
    // Text and back again would give an equal list or mapping.
    if (isList(value) || value instanceof Dict) return value
    return turnBack(pyText(value))
  }
  return turnBack(
    pieces
      .map((piece) => (typeof piece === 'string' ? piece : pyText(known(evaluate(piece, scope)))))
      .join(''),
  )
}

function known(value: Value | Missing): Value {
  if (value instanceof Missing) {
    throw new TemplateError('undefined', `${value.what} is not defined`, undefined, value.what)
  }
  return value
}

function turnBack(text: string): Value {
  const looksLikeValue =
    (text.startsWith('{') && !text.startsWith('{{')) ||
    text.startsWith('[') ||
    text === 'True' ||
    text === 'False'
  return looksLikeValue ? (parsePython(text) ?? text) : text
}

/** Most templates are the same few texts on every host. */
const parsed = new Map<string, readonly Part[]>()
const maxParsed = 10_000

function parts(text: string): readonly Part[] {
  const cached = parsed.get(text)
  if (cached !== undefined) return cached
  const fresh = split(text)
  if (parsed.size >= maxParsed) parsed.clear()
  parsed.set(text, fresh)
  return fresh
}

function split(text: string): Part[] {
  const pieces: Part[] = []
  let at = 0
  while (at < text.length) {
    const open = /\{\{|\{%|\{#/g
    open.lastIndex = at
    const found = open.exec(text)
    if (found === null) break
    if (found[0] === '{%') throw unsupported('statements ({% ... %})')
    pieces.push(text.slice(at, found.index))
    const end = found[0] === '{#' ? text.indexOf('#}', found.index) : endOfExpression(text, found.index + 2)
    if (end < 0) throw unsupported('a template that does not end')
    if (found[0] === '{{') pieces.push(expression(text.slice(found.index + 2, end)))
    at = end + 2
  }
  pieces.push(text.slice(at))
  return pieces.filter((piece) => piece !== '')
}

function expression(text: string): Expression {
  if (/^[-+]|[-+]$/.test(text)) throw unsupported('whitespace control ({{- ... -}})')
  const tree = parseExpression(text)
  if (typeof tree === 'string') throw unsupported(`{{${text}}} (${tree})`)
  return tree
}

function endOfExpression(text: string, from: number): number {
  let quote = ''
  for (let i = from; i < text.length; i += 1) {
    const char = text.charAt(i)
    if (quote !== '') {
      if (char === '\\') i += 1
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === '}' && text.charAt(i + 1) === '}') return i
  }
  return -1
}

function unsupported(what: string, spot?: Spot | undefined): TemplateError {
  return new TemplateError('unsupported', `${what} is not understood`, spot)
}
