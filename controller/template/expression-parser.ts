/**
 * Reads the expressions inside tags.
 *
 * Source: Jinja's grammar. From loose to tight: inline if, or, and, not, comparisons, + and -, ~, * / // %, **, signs,
 * filters and tests, access.
 */

import { narrow } from '../values/narrow.ts'
import { Float, type Value } from '../values/value.ts'
import { evaluate } from './evaluate-expression.ts'
import type { Call, Expression } from './expression-tree.ts'
import { isFilter } from './filters.ts'
import { isTest } from './jinja-tests.ts'
import { isMethod } from './methods.ts'
import { Missing } from './operand.ts'
import type { Arithmetic, Comparison } from './operators.ts'
import { TemplateError, unsupported } from './template-error.ts'
import type { Token } from './template-lexer.ts'

/** Names that Jinja reads as values, not as variables. */
const constants = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
const keywords = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'for', 'recursive'])
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>='])
const maxDepth = 100

const eof: Token = { kind: 'eof', text: 'its end' }

export class ExpressionParser {
  /** Variables that were named so far. */
  readonly names = new Set<string>()
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0
  private variablesRead = 0
  /** Whether the filter `string` was seen. */
  usesString = false

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? eof
  }

  next(): Token {
    const token = this.peek()
    this.at += 1
    return token
  }

  take(kind: Token['kind'], text: string): boolean {
    if (!this.sees(kind, text)) return false
    this.at += 1
    return true
  }

  expect(kind: Token['kind'], text: string): void {
    if (!this.take(kind, text)) throw unsupported(`${this.peek().text} where ${text} should be`)
  }

  expectName(): string {
    const token = this.next()
    if (token.kind !== 'name') throw unsupported(`${token.text} where a name should be`)
    return token.text
  }

  /** What an output tag holds: an expression, or several with commas between them. */
  tuple(close?: string): Expression {
    const items: Expression[] = []
    let isTuple = false
    while (!this.endsTuple(close)) {
      if (items.length > 0) {
        this.expect('sign', ',')
        isTuple = true
        if (this.endsTuple(close)) break
      }
      items.push(this.expression())
      if (!this.sees('sign', ',')) break
    }
    const [only] = items
    if (only !== undefined && !isTuple) return only
    if (only === undefined && close === undefined) throw unsupported('a tag with nothing in it')
    return { kind: 'tuple', items }
  }

  /** What stands behind `if` in a statement: no inline if there. */
  condition(): Expression {
    return this.or()
  }

  expression(): Expression {
    if (this.depth >= maxDepth) throw unsupported('an expression of such depth')
    this.depth += 1
    const tree = this.choice()
    this.depth -= 1
    return tree
  }

  private endsTuple(close: string | undefined): boolean {
    return close === undefined ? this.peek().kind === 'end' : this.sees('sign', close)
  }

  private sees(kind: Token['kind'], text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === kind && token.text === text
  }

  private choice(): Expression {
    let tree = this.or()
    while (this.take('name', 'if')) {
      const test = this.checked(() => this.or())
      const no = this.take('name', 'else') ? this.expression() : undefined
      tree = { kind: 'choice', test, yes: tree, no }
    }
    return tree
  }

  private or(): Expression {
    return this.chain('or', () => this.chain('and', () => this.not()))
  }

  private chain(kind: 'and' | 'or', read: () => Expression): Expression {
    const before = this.variablesRead
    const first = read()
    if (!this.sees('name', kind)) return first
    this.checkConstant(first, before)
    let left = first
    while (this.take('name', kind)) left = { kind, left, right: this.checked(read) }
    return left
  }

  /** Ansible leaves a template alone in which a condition without variables is undefined, whether needed or not. */
  private checkConstant(tree: Expression, variablesBefore: number): void {
    if (this.variablesRead > variablesBefore || !mayBeUndefined(tree)) return
    throw unsupported('a condition that is never defined')
  }

  private checked(read: () => Expression): Expression {
    const before = this.variablesRead
    const tree = read()
    this.checkConstant(tree, before)
    return tree
  }

  private not(): Expression {
    let times = 0
    while (this.take('name', 'not')) times += 1
    let tree = this.comparison()
    for (; times > 0; times -= 1) tree = { kind: 'not', of: tree }
    return tree
  }

  private comparison(): Expression {
    const first = this.sum()
    const rest: { operator: Comparison; right: Expression }[] = []
    for (let operator = this.comparisonSign(); operator !== undefined; operator = this.comparisonSign()) {
      rest.push({ operator, right: this.sum() })
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest }
  }

  private comparisonSign(): Comparison | undefined {
    const { kind, text } = this.peek()
    if (kind === 'sign' && comparisons.has(text)) {
      this.at += 1
      // The set holds nothing else.
      return text as Comparison
    }
    if (this.take('name', 'in')) return 'in'
    if (!this.sees('name', 'not') || !this.sees('name', 'in', 1)) return undefined
    this.at += 2
    return 'not in'
  }

  private sum(): Expression {
    return this.binary(['+', '-'], () => this.concat())
  }

  private concat(): Expression {
    const items = [this.product()]
    while (this.take('sign', '~')) items.push(this.product())
    const [only] = items
    return items.length === 1 && only !== undefined ? only : { kind: 'concat', items }
  }

  private product(): Expression {
    return this.binary(['*', '/', '//', '%'], () => this.binary(['**'], () => this.signed(true)))
  }

  private binary(operators: readonly Arithmetic[], part: () => Expression): Expression {
    let left = part()
    for (;;) {
      const operator = operators.find((sign) => this.take('sign', sign))
      if (operator === undefined) return left
      left = { kind: 'arithmetic', operator, left, right: part() }
    }
  }

  private signed(withFilters: boolean): Expression {
    let tree: Expression
    if (this.take('sign', '-')) tree = { kind: 'negative', of: this.nested(() => this.signed(false)) }
    else if (this.take('sign', '+')) tree = { kind: 'positive', of: this.nested(() => this.signed(false)) }
    else tree = this.primary()
    tree = this.postfix(tree)
    return withFilters ? this.filtered(tree) : tree
  }

  private nested(read: () => Expression): Expression {
    if (this.depth >= maxDepth) throw unsupported('an expression of such depth')
    this.depth += 1
    const tree = read()
    this.depth -= 1
    return tree
  }

  private primary(): Expression {
    const { kind, text } = this.next()
    if (kind === 'name') return this.named(text)
    if (kind === 'number') return { kind: 'literal', value: numberOf(text) }
    if (kind === 'string') return { kind: 'literal', value: text + this.moreText() }
    if (kind === 'sign' && text === '(') {
      const inner = this.tuple(')')
      this.expect('sign', ')')
      return inner
    }
    if (kind === 'sign' && text === '[')
      return { kind: 'list', items: this.items(']', () => this.expression()) }
    if (kind === 'sign' && text === '{') return { kind: 'dict', entries: this.items('}', () => this.entry()) }
    throw unsupported(
      kind === 'end' || kind === 'eof' ? 'an expression that ends too early' : `${text} there`,
    )
  }

  /** Strings side by side are one. */
  private moreText(): string {
    let text = ''
    while (this.peek().kind === 'string') text += this.next().text
    return text
  }

  private named(name: string): Expression {
    const value = constants.get(name)
    if (value !== undefined) return { kind: 'literal', value }
    if (keywords.has(name)) throw unsupported(`${name} there`)
    if (this.sees('sign', '(')) throw unsupported(`the function ${name}()`)
    this.names.add(name)
    this.variablesRead += 1
    return { kind: 'name', name }
  }

  private items<T>(close: string, read: () => T): T[] {
    const items: T[] = []
    while (!this.take('sign', close)) {
      if (items.length > 0) {
        this.expect('sign', ',')
        if (this.take('sign', close)) break
      }
      items.push(read())
    }
    return items
  }

  private entry(): readonly [Expression, Expression] {
    const key = this.expression()
    this.expect('sign', ':')
    return [key, this.expression()]
  }

  private postfix(start: Expression): Expression {
    let of = start
    for (;;) {
      if (this.take('sign', '.')) of = this.dotted(of)
      else if (this.take('sign', '[')) of = this.subscript(of)
      else if (this.sees('sign', '(')) throw unsupported('calling what an expression gives')
      else return of
    }
  }

  private dotted(of: Expression): Expression {
    const { kind, text } = this.next()
    if (kind === 'number' && /^\d+$/.test(text))
      return { kind: 'item', of, key: { kind: 'literal', value: numberOf(text) } }
    if (kind !== 'name') throw unsupported(`.${text}`)
    if (!this.sees('sign', '(')) return { kind: 'attribute', of, name: text }
    if (!isMethod(text)) throw unsupported(`the method .${text}()`)
    return { kind: 'method', of, name: text, call: this.call() }
  }

  private subscript(of: Expression): Expression {
    const bounds: (Expression | undefined)[] = []
    let isSlice = false
    for (;;) {
      bounds.push(this.sees('sign', ':') || this.sees('sign', ']') ? undefined : this.expression())
      if (!this.take('sign', ':')) break
      isSlice = true
    }
    this.expect('sign', ']')
    if (isSlice) return { kind: 'slice', of, bounds }
    const [key] = bounds
    if (key === undefined) throw unsupported('[]')
    return { kind: 'item', of, key }
  }

  private filtered(start: Expression): Expression {
    let of = start
    for (;;) {
      if (this.take('sign', '|')) {
        const name = this.pluginName()
        if (name === 'string') this.usesString = true
        if (!isFilter(name)) throw unsupported(`the filter ${name}`)
        of = { kind: 'filter', of, name, call: this.sees('sign', '(') ? this.call() : noArguments }
      } else if (this.take('name', 'is')) of = this.test(of)
      else if (this.sees('sign', '(')) throw unsupported('calling what an expression gives')
      else return of
    }
  }

  private pluginName(): string {
    let name = this.expectName()
    while (this.take('sign', '.')) name += `.${this.expectName()}`
    return name.replace(/^ansible\.builtin\./, '')
  }

  private test(of: Expression): Expression {
    const isNegated = this.take('name', 'not')
    const name = this.pluginName()
    if (!isTest(name)) throw unsupported(`the test ${name}`)
    const tree: Expression = { kind: 'test', of, name, call: this.testArguments() }
    return isNegated ? { kind: 'not', of: tree } : tree
  }

  private testArguments(): Call {
    if (this.sees('sign', '(')) return this.call()
    const { kind, text } = this.peek()
    if (kind === 'name' && text === 'is') throw unsupported('is after is')
    const isOperator = kind === 'name' && ['else', 'or', 'and'].includes(text)
    const startsArgument =
      ['name', 'string', 'number'].includes(kind) || (kind === 'sign' && '[{'.includes(text))
    if (!startsArgument || isOperator) return noArguments
    return { args: [this.postfix(this.primary())], named: new Map() }
  }

  private call(): Call {
    this.expect('sign', '(')
    const args: Expression[] = []
    const named = new Map<string, Expression>()
    this.items(')', () => {
      if (this.peek().kind === 'name' && this.sees('sign', '=', 1)) {
        const name = this.expectName()
        this.expect('sign', '=')
        named.set(name, this.expression())
      } else if (named.size > 0) throw unsupported('an argument after a named one')
      else args.push(this.expression())
    })
    return { args, named }
  }
}

function mayBeUndefined(tree: Expression): boolean {
  if (tree.kind === 'literal') return false
  try {
    return evaluate(tree, new Map()) instanceof Missing
  } catch (error) {
    return error instanceof TemplateError
  }
}

const noArguments: Call = { args: [], named: new Map() }

function numberOf(text: string): Value {
  const isFloat = !/^0[xX]/.test(text) && /[.eE]/.test(text)
  return isFloat ? new Float(Number(text)) : narrow(BigInt(text))
}
