/**
 * JMESPath text → tree, by binding power. Source: the grammar of the JMESPath specification and
 * python-jmespath's way with it.
 */
import type { Value } from '../inventory/value.ts'
import { syntaxFault, type Token, type TokenKind, tokenize } from './lexer.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Node =
  | { readonly kind: 'identity' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly bounds: readonly (number | null)[] }
  | { readonly kind: 'chain'; readonly steps: readonly Node[] }
  | { readonly kind: 'projection'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'values'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'filter'; readonly of: Node; readonly each: Node; readonly condition: Node }
  | { readonly kind: 'flatten'; readonly of: Node }
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'dict'; readonly entries: readonly { readonly key: string; readonly value: Node }[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'reference'; readonly of: Node }

const powers: Partial<Record<TokenKind, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  flatten: 9,
  '*': 20,
  filter: 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
}
/** Tokens that bind less than this end a projection. */
const projectionStop = 10
const identity: Node = { kind: 'identity' }
/** Deeper nesting is no selector that a person wrote. */
const maxDepth = 200

/**
 * The tree of an expression.
 *
 * @throws AppError `SELECTOR_INVALID` with the place in the expression
 */
export function parse(expression: string): Node {
  return new Parser(expression).whole()
}

class Parser {
  private readonly expression: string
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0

  constructor(expression: string) {
    this.expression = expression
    this.tokens = tokenize(expression)
  }

  whole(): Node {
    const tree = this.parse(0)
    if (this.kind() !== 'end') throw this.unexpected()
    return tree
  }

  private parse(power: number): Node {
    if (this.depth >= maxDepth) throw syntaxFault(this.expression, this.token().at, 'it is nested too deeply')
    this.depth += 1
    let left = this.start(this.next())
    while (power < (powers[this.kind()] ?? 0)) left = this.extend(left, this.next())
    this.depth -= 1
    return left
  }

  private start(token: Token): Node {
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.value }
      case 'identifier':
        return { kind: 'field', name: token.text }
      case 'quoted':
        if (this.kind() === '(') throw this.unexpected()
        return { kind: 'field', name: token.text }
      case '@':
        return identity
      case '*':
        return {
          kind: 'values',
          of: identity,
          each: this.kind() === ']' ? identity : this.projected(powers['*'] ?? 0),
        }
      case '!':
        return { kind: 'not', of: this.parse(powers['!'] ?? 0) }
      case '&':
        return { kind: 'reference', of: this.parse(0) }
      case '(':
        return this.closed(this.parse(0), ')')
      default:
        return this.startBracket(token)
    }
  }

  private startBracket(token: Token): Node {
    switch (token.kind) {
      case 'filter':
        return this.filter(identity)
      case 'flatten':
        return this.flatten(identity)
      case '{':
        return this.dict()
      case '[':
        if (this.kind() === 'number' || this.kind() === ':') return this.indexed(identity)
        if (this.kind() === '*' && this.kind(1) === ']') return this.star(identity)
        return this.list()
      default:
        this.at -= 1
        throw this.unexpected()
    }
  }

  private extend(left: Node, token: Token): Node {
    switch (token.kind) {
      case '.':
        return this.dot(left)
      case '|':
        return { kind: 'chain', steps: [left, this.parse(powers['|'] ?? 0)] }
      case '||':
        return { kind: 'or', left, right: this.parse(powers['||'] ?? 0) }
      case '&&':
        return { kind: 'and', left, right: this.parse(powers['&&'] ?? 0) }
      case 'filter':
        return this.filter(left)
      case 'flatten':
        return this.flatten(left)
      case '[':
        return this.kind() === 'number' || this.kind() === ':' ? this.indexed(left) : this.star(left)
      case '(':
        return this.call(left)
      default:
        return this.comparison(left, token)
    }
  }

  private comparison(left: Node, token: Token): Node {
    const operator = token.kind
    switch (operator) {
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { kind: 'comparison', operator, left, right: this.parse(powers[operator] ?? 0) }
      default:
        this.at -= 1
        throw this.unexpected()
    }
  }

  private dot(left: Node): Node {
    if (this.kind() !== '*') return { kind: 'chain', steps: [left, this.afterDot(powers['.'] ?? 0)] }
    this.at += 1
    return { kind: 'values', of: left, each: this.projected(powers['.'] ?? 0) }
  }

  private call(left: Node): Node {
    if (left.kind !== 'field') throw this.unexpected()
    const args: Node[] = []
    while (this.kind() !== ')') {
      args.push(this.parse(0))
      if (this.kind() === ',') this.at += 1
    }
    return this.closed({ kind: 'call', name: left.name, args }, ')')
  }

  private filter(of: Node): Node {
    const condition = this.closed(this.parse(0), ']')
    const each = this.kind() === 'flatten' ? identity : this.projected(powers.filter ?? 0)
    return { kind: 'filter', of, condition, each }
  }

  private flatten(of: Node): Node {
    return { kind: 'projection', of: { kind: 'flatten', of }, each: this.projected(powers.flatten ?? 0) }
  }

  private star(of: Node): Node {
    this.expect('*')
    this.expect(']')
    return { kind: 'projection', of, each: this.projected(powers['*'] ?? 0) }
  }

  private indexed(of: Node): Node {
    if (this.kind() === ':' || this.kind(1) === ':') {
      const sliced: Node = { kind: 'chain', steps: [of, this.slice()] }
      return { kind: 'projection', of: sliced, each: this.projected(powers['*'] ?? 0) }
    }
    const index: Node = { kind: 'index', index: Number(this.next().value) }
    return this.closed({ kind: 'chain', steps: [of, index] }, ']')
  }

  private slice(): Node {
    const bounds: (number | null)[] = [null, null, null]
    let part = 0
    while (this.kind() !== ']') {
      const token = this.next()
      if (token.kind === 'number') bounds[part] = Number(token.value)
      else if (token.kind === ':' && part < 2) part += 1
      else {
        this.at -= 1
        throw this.unexpected()
      }
    }
    return this.closed({ kind: 'slice', bounds }, ']')
  }

  private list(): Node {
    const items = [this.parse(0)]
    while (this.kind() !== ']') {
      this.expect(',')
      items.push(this.parse(0))
    }
    return this.closed({ kind: 'list', items }, ']')
  }

  private dict(): Node {
    const entries = [this.entry()]
    while (this.kind() !== '}') {
      this.expect(',')
      entries.push(this.entry())
    }
    return this.closed({ kind: 'dict', entries }, '}')
  }

  private entry(): { key: string; value: Node } {
    const key = this.next()
    if (key.kind !== 'identifier' && key.kind !== 'quoted') {
      this.at -= 1
      throw this.unexpected()
    }
    this.expect(':')
    return { key: key.text, value: this.parse(0) }
  }

  /** What is done to each element of a projection. */
  private projected(power: number): Node {
    const kind = this.kind()
    if ((powers[kind] ?? 0) < projectionStop) return identity
    if (kind === '[' || kind === 'filter') return this.parse(power)
    this.expect('.')
    return this.afterDot(power)
  }

  private afterDot(power: number): Node {
    const kind = this.kind()
    if (kind === 'identifier' || kind === 'quoted' || kind === '*') return this.parse(power)
    const token = this.next()
    if (token.kind === '[') return this.list()
    if (token.kind === '{') return this.dict()
    this.at -= 1
    throw this.unexpected()
  }

  private closed(node: Node, kind: TokenKind): Node {
    this.expect(kind)
    return node
  }

  private expect(kind: TokenKind): void {
    if (this.kind() !== kind) throw this.unexpected(kind)
    this.at += 1
  }

  private next(): Token {
    const token = this.token()
    this.at += 1
    return token
  }

  private kind(ahead = 0): TokenKind {
    return this.token(ahead).kind
  }

  private token(ahead = 0): Token {
    const token = this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]
    if (token === undefined) throw new Error('an expression without tokens')
    return token
  }

  private unexpected(wanted?: TokenKind) {
    const token = this.token()
    const what = token.kind === 'end' ? 'it ends too early' : `${token.text || token.kind} is not expected`
    return syntaxFault(this.expression, token.at, wanted === undefined ? what : `${what}, ${wanted} is`)
  }
}
