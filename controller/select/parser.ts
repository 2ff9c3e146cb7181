/**
 * JMESPath text → tree, by binding power. Source: the grammar of the JMESPath specification and
 * python-jmespath's way with it.
 */
import type { Token, TokenKind } from './lexer.ts'
import type { Node } from './node.ts'
import { TokenReader } from './token-reader.ts'

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

/** A tree with the text of each of its parts, for explanations. */
export interface Annotated {
  readonly tree: Node
  /** The part of the expression that a node was made from; the whole expression for one that is not known. */
  textOf(node: Node): string
}

/** As `parse`, and throws what it throws. */
export function parseAnnotated(expression: string): Annotated {
  const texts = new Map<Node, string>()
  const tree = new Parser(expression, texts).whole()
  return { tree, textOf: (node) => texts.get(node) ?? expression.trim() }
}

class Parser {
  private readonly tokens: TokenReader
  private readonly texts: Map<Node, string> | undefined
  private depth = 0

  constructor(expression: string, texts?: Map<Node, string>) {
    this.tokens = new TokenReader(expression)
    this.texts = texts
  }

  whole(): Node {
    const tree = this.parse(0)
    if (this.kind() !== 'end') throw this.tokens.unexpected()
    return tree
  }

  private parse(power: number): Node {
    if (this.depth >= maxDepth) throw this.tokens.fault('it is nested too deeply')
    this.depth += 1
    const from = this.tokens.position
    let left = this.noted(from, this.start(this.tokens.next()))
    while (power < (powers[this.kind()] ?? 0)) left = this.noted(from, this.extend(left, this.tokens.next()))
    this.depth -= 1
    return left
  }

  private noted(from: number, node: Node): Node {
    if (node !== identity) this.texts?.set(node, this.tokens.textSince(from))
    return node
  }

  private start(token: Token): Node {
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.value }
      case 'identifier':
        return { kind: 'field', name: token.text }
      case 'quoted':
        if (this.kind() === '(') throw this.tokens.unexpected()
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
        throw this.tokens.unexpectedLast()
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
        throw this.tokens.unexpectedLast()
    }
  }

  private dot(left: Node): Node {
    if (this.kind() !== '*') return { kind: 'chain', steps: [left, this.afterDot(powers['.'] ?? 0)] }
    this.tokens.next()
    return { kind: 'values', of: left, each: this.projected(powers['.'] ?? 0) }
  }

  private call(left: Node): Node {
    if (left.kind !== 'field') throw this.tokens.unexpected()
    const args: Node[] = []
    while (this.kind() !== ')') {
      args.push(this.parse(0))
      if (this.kind() === ',') this.tokens.next()
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
    this.tokens.expect('*')
    this.tokens.expect(']')
    return { kind: 'projection', of, each: this.projected(powers['*'] ?? 0) }
  }

  private indexed(of: Node): Node {
    if (this.kind() === ':' || this.kind(1) === ':') {
      const sliced: Node = { kind: 'chain', steps: [of, this.slice()] }
      return { kind: 'projection', of: sliced, each: this.projected(powers['*'] ?? 0) }
    }
    const index: Node = { kind: 'index', index: Number(this.tokens.next().value) }
    return this.closed({ kind: 'chain', steps: [of, index] }, ']')
  }

  private slice(): Node {
    const bounds: (number | null)[] = [null, null, null]
    let part = 0
    while (this.kind() !== ']') {
      const token = this.tokens.next()
      if (token.kind === 'number') bounds[part] = Number(token.value)
      else if (token.kind === ':' && part < 2) part += 1
      else throw this.tokens.unexpectedLast()
    }
    return this.closed({ kind: 'slice', bounds }, ']')
  }

  private list(): Node {
    const items = [this.parse(0)]
    while (this.kind() !== ']') {
      this.tokens.expect(',')
      items.push(this.parse(0))
    }
    return this.closed({ kind: 'list', items }, ']')
  }

  private dict(): Node {
    const entries = [this.entry()]
    while (this.kind() !== '}') {
      this.tokens.expect(',')
      entries.push(this.entry())
    }
    return this.closed({ kind: 'dict', entries }, '}')
  }

  private entry(): { key: string; value: Node } {
    const key = this.tokens.next()
    if (key.kind !== 'identifier' && key.kind !== 'quoted') {
      throw this.tokens.unexpectedLast()
    }
    this.tokens.expect(':')
    return { key: key.text, value: this.parse(0) }
  }

  /** What is done to each element of a projection. */
  private projected(power: number): Node {
    const kind = this.kind()
    if ((powers[kind] ?? 0) < projectionStop) return identity
    if (kind === '[' || kind === 'filter') return this.parse(power)
    this.tokens.expect('.')
    return this.afterDot(power)
  }

  private afterDot(power: number): Node {
    const kind = this.kind()
    if (kind === 'identifier' || kind === 'quoted' || kind === '*') return this.parse(power)
    const token = this.tokens.next()
    if (token.kind === '[') return this.list()
    if (token.kind === '{') return this.dict()
    throw this.tokens.unexpectedLast()
  }

  private closed(node: Node, kind: TokenKind): Node {
    this.tokens.expect(kind)
    return node
  }

  private kind(ahead = 0): TokenKind {
    return this.tokens.kind(ahead)
  }
}
