/**
 * Tokens of JMESPath, as python-jmespath cuts them.
 *
 * Pigsty's own services write text as `` `primary` ``: what stands between backticks and is no JSON is text.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { parseJson } from '../parse/literal.ts'
import { narrow } from '../values/narrow.ts'
import type { Value } from '../values/value.ts'

export type TokenKind =
  | 'identifier'
  | 'quoted'
  | 'number'
  | 'literal'
  | 'flatten'
  | 'filter'
  | 'end'
  | '.'
  | '*'
  | '['
  | ']'
  | ','
  | ':'
  | '@'
  | '('
  | ')'
  | '{'
  | '}'
  | '|'
  | '||'
  | '&'
  | '&&'
  | '!'
  | '!='
  | '=='
  | '<'
  | '<='
  | '>'
  | '>='

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Of a literal or number. */
  readonly value: Value
  /** Offset in the expression. */
  readonly at: number
}

/** A token with the offset behind it. */
export interface PlacedToken extends Token {
  readonly end: number
}

/** A fault in an expression, with its place in it. */
export function syntaxFault(expression: string, at: number, why: string, hint?: string): AppError {
  return new AppError('SELECTOR_INVALID', `selector ${expression}: ${why}, at character ${at + 1}`, {
    hint:
      hint ?? 'a selector is a JMESPath expression over the members, such as [] or [? pg_role == `replica` ]',
  })
}

/** The tokens of an expression; the last one is `end`. */
export function tokenize(expression: string): PlacedToken[] {
  const tokens: PlacedToken[] = []
  let at = skipBlanks(expression, 0)
  while (at < expression.length) {
    const { token, end } = readToken(expression, at)
    tokens.push({ ...token, end })
    at = skipBlanks(expression, end)
  }
  tokens.push({ kind: 'end', text: '', value: null, at: expression.length, end: expression.length })
  return tokens
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
  return at
}

const signs: readonly TokenKind[] = [
  ...(['||', '&&', '!=', '==', '<=', '>='] as const),
  ...(['.', '*', '[', ']', ',', ':', '@', '(', ')', '{', '}', '|', '&', '!', '<', '>'] as const),
]

function readToken(text: string, at: number): { token: Token; end: number } {
  const word = /[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+/y
  word.lastIndex = at
  const found = word.exec(text)?.[0]
  if (found !== undefined) return { token: wordToken(found, at), end: at + found.length }
  const char = text.charAt(at)
  if (char === "'" || char === '"' || char === '`') return readQuoted(text, at, char)
  if (text.startsWith('[?', at)) return simple('filter', '[?', at)
  if (text.startsWith('[]', at)) return simple('flatten', '[]', at)
  const sign = signs.find((candidate) => text.startsWith(candidate, at))
  if (char === '=' && sign === undefined)
    throw syntaxFault(text, at, '= compares nothing', 'write == to compare, e.g. [? pg_role == `replica` ]')
  if (sign === undefined) throw syntaxFault(text, at, `${char} is not expected`)
  return simple(sign, sign, at)
}

function simple(kind: TokenKind, text: string, at: number): { token: Token; end: number } {
  return { token: { kind, text, value: null, at }, end: at + text.length }
}

function wordToken(text: string, at: number): Token {
  return /^[-0-9]/.test(text)
    ? { kind: 'number', text, value: narrow(BigInt(text)), at }
    : { kind: 'identifier', text, value: null, at }
}

function readQuoted(text: string, at: number, quote: string): { token: Token; end: number } {
  const end = endOf(text, at + 1, quote)
  const inner = text.slice(at + 1, end)
  if (quote === "'") return { token: literal(inner.replaceAll("\\'", "'"), at), end: end + 1 }
  if (quote === '`')
    return { token: literal(backtick(text, inner.replaceAll('\\`', '`'), at), at), end: end + 1 }
  const name = parseJson(`"${inner}"`)
  if (typeof name !== 'string') throw syntaxFault(text, at, 'this name is not valid text')
  return { token: { kind: 'quoted', text: name, value: null, at }, end: end + 1 }
}

function literal(value: Value, at: number): Token {
  return { kind: 'literal', text: '', value, at }
}

function backtick(expression: string, inner: string, at: number): Value {
  const json = parseJson(inner)
  // null is a literal too, so ?? will not do.
  const value = json === undefined ? parseJson(`"${inner.trimStart()}"`) : json
  if (value === undefined) throw syntaxFault(expression, at, 'this literal is neither JSON nor text')
  return value
}

function endOf(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i += 1) {
    if (text.charAt(i) === '\\') i += 1
    else if (text.charAt(i) === quote) return i
  }
  throw syntaxFault(text, from - 1, `${quote} is not closed`)
}
