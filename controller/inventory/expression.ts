/**
 * The expressions inside `{{ ... }}` that are understood: names, `.key`, `['key']`, `[0]`, literals, `+`, `-`, `~`
 * and a few filters. Whatever is not understood is refused; nothing is guessed.
 *
 * Source: Jinja's grammar (postfix binds tightest, then filters, then + and -, then ~).
 */
import { ansibleBool, pyStr, pyText } from './py-text.ts'
import { Dict, Float, isList, type Value } from './value.ts'
import { narrow } from './yaml-scalar.ts'

export type Expression =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression; readonly dotted: boolean }
  | {
      readonly kind: 'binary'
      readonly operator: '+' | '-' | '~'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'filter'
      readonly of: Expression
      readonly filter: string
      readonly args: readonly Expression[]
    }

export interface ExpressionScope {
  /** The templated value of a variable. */
  resolve(name: string): Value | Missing
}

/** The result of a reference to something that is not there. */
export class Missing {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

const tokenPattern =
  /\s*(?:(\d+\.\d+|\d+)|([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([-+~|.,()[\]]))/y

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end'
  readonly text: string
}

/** The tree of an expression, or, as text, why it is not understood. */
export function parseExpression(text: string): Expression | string {
  const tokens: Token[] = []
  const source = text.trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < source.length) {
    const at = tokenPattern.lastIndex
    const found = tokenPattern.exec(source)
    if (found === null) return `at ${source.slice(at).trim()}`
    tokens.push(tokenOf(found))
  }
  return new Parser(tokens).whole()
}

function tokenOf([, number, name, text, sign = '']: RegExpExecArray): Token {
  if (number !== undefined) return { kind: 'number', text: number }
  if (name !== undefined) return { kind: 'name', text: name }
  if (text !== undefined) return { kind: 'text', text: text.slice(1, -1).replaceAll(/\\(.)/g, '$1') }
  return { kind: 'sign', text: sign }
}

/** A parser's way out; caught in `whole`. */
class NotUnderstood extends Error {}

/** Names that Jinja reads as operators or values, not as variables. */
const constants = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
const keywords = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else'])

class Parser {
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): Expression | string {
    try {
      const tree = this.concat()
      const rest = this.peek()
      return rest.kind === 'end' ? tree : `at ${rest.text}`
    } catch (error) {
      if (error instanceof NotUnderstood) return error.message
      throw error
    }
  }

  private concat(): Expression {
    let left = this.sum()
    while (this.take('~')) left = { kind: 'binary', operator: '~', left, right: this.sum() }
    return left
  }

  private sum(): Expression {
    let left = this.filtered()
    for (;;) {
      if (this.take('+')) left = { kind: 'binary', operator: '+', left, right: this.filtered() }
      else if (this.take('-')) left = { kind: 'binary', operator: '-', left, right: this.filtered() }
      else return left
    }
  }

  private filtered(): Expression {
    let of = this.postfix()
    while (this.take('|')) {
      const filter = this.next()
      if (filter.kind !== 'name' || !filters.has(filter.text))
        throw new NotUnderstood(`filter ${filter.text}`)
      const args = this.take('(') ? this.list(')') : []
      of = { kind: 'filter', of, filter: filter.text, args }
    }
    return of
  }

  private postfix(): Expression {
    let of = this.primary()
    for (;;) {
      if (this.take('.')) {
        const key = this.next()
        if (key.kind !== 'name' && key.kind !== 'number') throw new NotUnderstood(`at .${key.text}`)
        const value = key.kind === 'number' ? Number(key.text) : key.text
        of = { kind: 'item', of, key: { kind: 'literal', value }, dotted: true }
      } else if (this.take('[')) {
        of = { kind: 'item', of, key: this.concat(), dotted: false }
        this.expect(']')
      } else return of
    }
  }

  private primary(): Expression {
    const token = this.next()
    if (token.kind === 'text') return { kind: 'literal', value: token.text }
    if (token.kind === 'number') return { kind: 'literal', value: numberOf(token.text) }
    if (token.kind === 'name') return this.named(token.text)
    if (token.text === '-') return { kind: 'binary', operator: '-', left: zero, right: this.primary() }
    if (token.text === '(') {
      const inner = this.concat()
      this.expect(')')
      return inner
    }
    if (token.text === '[') return { kind: 'literal', value: this.literals() }
    throw new NotUnderstood(token.kind === 'end' ? 'it ends too early' : `at ${token.text}`)
  }

  private named(name: string): Expression {
    const value = constants.get(name)
    if (value !== undefined) return { kind: 'literal', value }
    if (keywords.has(name)) throw new NotUnderstood(`operator ${name}`)
    if (this.peek().text === '(' && this.peek().kind === 'sign') throw new NotUnderstood(`function ${name}`)
    return { kind: 'name', name }
  }

  private literals(): Value[] {
    return this.list(']').map((item) => {
      if (item.kind !== 'literal') throw new NotUnderstood('a list of anything but literals')
      return item.value
    })
  }

  private list(end: string): Expression[] {
    const items: Expression[] = []
    while (!this.take(end)) {
      if (items.length > 0) this.expect(',')
      items.push(this.concat())
    }
    return items
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '' }
  }

  private next(): Token {
    const token = this.peek()
    this.at += 1
    return token
  }

  private take(sign: string): boolean {
    const token = this.peek()
    if (token.kind !== 'sign' || token.text !== sign) return false
    this.at += 1
    return true
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw new NotUnderstood(`${sign} is missing`)
  }
}

const zero: Expression = { kind: 'literal', value: 0 }

function numberOf(text: string): Value {
  return text.includes('.') ? new Float(Number(text)) : narrow(BigInt(text))
}

/**
 * The value of an expression.
 *
 * @throws TypeError for operations that Python refuses, or that are not understood
 */
export function evaluate(tree: Expression, scope: ExpressionScope): Value | Missing {
  switch (tree.kind) {
    case 'literal':
      return tree.value
    case 'name':
      return scope.resolve(tree.name)
    case 'item':
      return item(tree, scope)
    case 'filter':
      return applyFilter(tree.filter, evaluate(tree.of, scope), tree.args, scope)
    case 'binary':
      return binary(tree.operator, evaluate(tree.left, scope), evaluate(tree.right, scope))
  }
}

function orMissing(value: Value | undefined, name: string): Value | Missing {
  return value === undefined ? new Missing(name) : value
}

/** Attributes that Python's dict has of its own: `a.items` is a method in Jinja, not the key. */
const dictMethods = new Set(
  'clear copy fromkeys get items keys pop popitem setdefault update values'.split(' '),
)

function item(tree: Expression & { kind: 'item' }, scope: ExpressionScope): Value | Missing {
  const of = evaluate(tree.of, scope)
  const key = evaluate(tree.key, scope)
  // An undefined value stays undefined whatever is asked of it, so that default() can end the chain.
  if (of instanceof Missing) return of
  if (key instanceof Missing) return key
  if (of instanceof Dict && (typeof key === 'string' || typeof key === 'number')) {
    if (tree.dotted && dictMethods.has(String(key))) throw new TypeError(`.${String(key)} of a mapping`)
    return orMissing(of.get(key), `key ${String(key)}`)
  }
  if (isList(of) && typeof key === 'number') {
    return orMissing(of[key < 0 ? of.length + key : key], `item ${key}`)
  }
  return new Missing(`key ${pyText(key)}`)
}

function binary(operator: '+' | '-' | '~', left: Value | Missing, right: Value | Missing): Value | Missing {
  if (left instanceof Missing) return left
  if (right instanceof Missing) return right
  if (operator === '~') return pyStr(left) + pyStr(right)
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  if (operator === '+' && isList(left) && isList(right)) return [...left, ...right]
  if (isInteger(left) && isInteger(right)) {
    return narrow(operator === '+' ? BigInt(left) + BigInt(right) : BigInt(left) - BigInt(right))
  }
  throw new TypeError(`${operator} between these values`)
}

function isInteger(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

type Filter = (value: Value) => Value

const filters = new Map<string, Filter | 'default'>([
  ['default', 'default'],
  ['d', 'default'],
  ['bool', (value) => (value === null ? null : ansibleBool(value))],
  ['int', toInt],
  ['string', pyStr],
  ['lower', (value) => pyStr(value).toLowerCase()],
  ['upper', (value) => pyStr(value).toUpperCase()],
  ['trim', (value) => pyStr(value).trim()],
])

function applyFilter(
  name: string,
  value: Value | Missing,
  args: readonly Expression[],
  scope: ExpressionScope,
): Value | Missing {
  const filter = filters.get(name)
  if (filter === 'default') return withDefault(value, args, scope)
  if (filter === undefined || args.length > 0) throw new TypeError(`filter ${name} with these arguments`)
  return value instanceof Missing ? value : filter(value)
}

function withDefault(
  value: Value | Missing,
  args: readonly Expression[],
  scope: ExpressionScope,
): Value | Missing {
  const [fallback = { kind: 'literal', value: '' } as const, alsoFalsy] = args
  const replacesFalsy = alsoFalsy !== undefined && evaluate(alsoFalsy, scope) === true
  const isMissing = value instanceof Missing || (replacesFalsy && isFalsy(value))
  return isMissing ? evaluate(fallback, scope) : value
}

function isFalsy(value: Value): boolean {
  if (value instanceof Float) return value.value === 0
  if (value instanceof Dict) return value.size === 0
  return isList(value) ? value.length === 0 : !value
}

/** Jinja's `int`: 0 for what is no number. */
export function toInt(value: Value): number | bigint {
  if (isInteger(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = value instanceof Float ? value.value : decimal(value)
  return Number.isFinite(number) ? narrow(BigInt(Math.trunc(number))) : 0
}

function decimal(value: Value): number {
  return typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(value)
    ? Number(value)
    : 0
}
