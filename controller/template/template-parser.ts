/** Reads a template: text, outputs, `{% if %}`, `{% set %}`. */
import { ExpressionParser } from './expression-parser.ts'
import type { Expression, Piece, Template } from './expression-tree.ts'
import { unsupported } from './template-error.ts'
import { lexTemplate } from './template-lexer.ts'

/** @throws TemplateError for what is not understood */
export function parseTemplate(text: string): Template {
  if (text.startsWith('#jinja2:')) throw unsupported('a #jinja2: header')
  return new TemplateParser(new ExpressionParser(lexTemplate(text))).whole()
}

interface Branch {
  readonly test: Expression | undefined
  readonly body: readonly Piece[]
}

class TemplateParser {
  private readonly inner: ExpressionParser
  private readonly assigned = new Set<string>()

  constructor(inner: ExpressionParser) {
    this.inner = inner
  }

  whole(): Template {
    const pieces = this.pieces([])
    const names = [...this.inner.names].filter((name) => !this.assigned.has(name))
    return { pieces, names, usesString: this.inner.usesString }
  }

  /** Pieces up to one of the given statements, which is left standing after its begin. */
  private pieces(until: readonly string[]): Piece[] {
    const pieces: Piece[] = []
    for (;;) {
      const token = this.inner.next()
      if (token.kind === 'text') pieces.push({ kind: 'text', text: token.text })
      else if (token.kind === 'eof') {
        if (until.length > 0) throw unsupported('{% if %} without {% endif %}')
        return pieces
      } else if (token.text === '{{')
        pieces.push({ kind: 'output', tree: this.closed('{{', this.inner.tuple()) })
      else if (until.includes(this.inner.peek().text)) return pieces
      else pieces.push(this.statement(until.length > 0))
    }
  }

  private closed(open: string, tree: Expression): Expression {
    this.inner.expect('end', open)
    return tree
  }

  private statement(isNested: boolean): Piece {
    const name = this.inner.expectName()
    if (name === 'if') return this.choice()
    if (name !== 'set') throw unsupported(`the statement {% ${name} %}`)
    if (isNested) throw unsupported('{% set %} inside {% if %}')
    return this.assignment()
  }

  private assignment(): Piece {
    const name = this.inner.expectName()
    if (this.inner.names.has(name)) throw unsupported(`{% set ${name} %} after ${name} was used`)
    this.inner.expect('sign', '=')
    const tree = this.closed('{%', this.inner.tuple())
    if (this.inner.names.has(name)) throw unsupported(`{% set ${name} %} of itself`)
    this.assigned.add(name)
    return { kind: 'set', name, tree }
  }

  private choice(): Piece {
    const branches = [this.branch(this.closed('{%', this.inner.condition()))]
    for (;;) {
      const word = this.inner.expectName()
      if (word === 'elif') {
        branches.push(this.branch(this.closed('{%', this.inner.condition())))
        continue
      }
      this.inner.expect('end', '{%')
      if (word === 'endif') return { kind: 'if', branches }
      branches.push(this.last())
      this.inner.expect('name', 'endif')
      this.inner.expect('end', '{%')
      return { kind: 'if', branches }
    }
  }

  private branch(test: Expression): Branch {
    return { test, body: this.pieces(['elif', 'else', 'endif']) }
  }

  private last(): Branch {
    return { test: undefined, body: this.pieces(['endif']) }
  }
}
