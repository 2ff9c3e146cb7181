/**
 * Cuts a template into text, tags and what is inside the tags.
 *
 * Source: Jinja's lexer with Ansible's settings: a line break after `%}` or `#}` is dropped, `-` eats blanks, one
 * line break at the end is dropped; backslashes of strings inside `{{ }}` mean themselves.
 */
import { unsupported } from './template-error.ts'

export interface Token {
  readonly kind: 'text' | 'begin' | 'end' | 'number' | 'name' | 'string' | 'sign' | 'eof'
  /** Content; for `begin` and `end`: `{{` or `{%`. */
  readonly text: string
}

const blanks = '[\\s\\x1c-\\x1f\\x85]'
const opening = /\{\{|\{%|\{#/g
const rawBegin = new RegExp(`\\{%[-+]?${blanks}*raw${blanks}*(?:-%\\}${blanks}*|%\\})`, 'y')
const rawEnd = new RegExp(`\\{%([-+]?)${blanks}*endraw${blanks}*(?:\\+%\\}|-%\\}${blanks}*|%\\}\\n?)`, 'g')
const commentEnd = new RegExp(`\\+#\\}|-#\\}${blanks}*|#\\}\\n?`, 'g')
const outputEnd = new RegExp(`-\\}\\}${blanks}*|\\}\\}`, 'y')
const blockEnd = new RegExp(`\\+%\\}|-%\\}${blanks}*|%\\}\\n?`, 'y')
const trailing = new RegExp(`${blanks}+$`)
const inner =
  /[ \t\r\n\f\v]+|((?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][-+]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*)|([A-Za-z_]\w*)|('[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*")|(\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;])/y

/** @throws TemplateError for what is no template, or not done here */
export function lexTemplate(written: string): Token[] {
  const source = withoutLastBreak(written.replaceAll(/\r\n?/g, '\n'))
  // Ansible lexes a template with backslashes once more than others, which drops another line break.
  return new Lexer(
    source.includes('\\') && source.includes('{{') ? withoutLastBreak(source) : source,
  ).tokens()
}

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

class Lexer {
  private readonly source: string
  private readonly found: Token[] = []
  private at = 0

  constructor(source: string) {
    this.source = source
  }

  tokens(): Token[] {
    while (this.at < this.source.length) {
      opening.lastIndex = this.at
      const next = opening.exec(this.source)
      if (next === null) break
      this.upTo(next.index)
      this.tag(next[0])
    }
    this.text(this.source.slice(this.at))
    return this.found
  }

  /** Text before a tag; `-` in the tag eats the blanks before it. */
  private upTo(tagAt: number): void {
    const before = this.source.slice(this.at, tagAt)
    this.text(this.source.charAt(tagAt + 2) === '-' ? before.replace(trailing, '') : before)
    this.at = tagAt
  }

  private text(text: string): void {
    if (text !== '') this.found.push({ kind: 'text', text })
  }

  private tag(open: string): void {
    if (open === '{%' && this.raw()) return
    this.at += ['-', '+'].includes(this.source.charAt(this.at + 2)) ? 3 : 2
    if (open === '{#') {
      const end = this.search(commentEnd, 'a comment that does not end')
      this.at = end.index + end[0].length
      return
    }
    this.found.push({ kind: 'begin', text: open })
    this.inside(open)
  }

  private raw(): boolean {
    rawBegin.lastIndex = this.at
    const begin = rawBegin.exec(this.source)
    if (begin === null) return false
    this.at += begin[0].length
    const end = this.search(rawEnd, 'raw text that does not end')
    const text = this.source.slice(this.at, end.index)
    this.text(end[1] === '-' ? text.replace(trailing, '') : text)
    this.at = end.index + end[0].length
    return true
  }

  private search(pattern: RegExp, failure: string): RegExpExecArray {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source)
    if (found === null) throw unsupported(failure)
    return found
  }

  private inside(open: string): void {
    const end = open === '{{' ? outputEnd : blockEnd
    const brackets: string[] = []
    for (;;) {
      end.lastIndex = this.at
      const closing = brackets.length === 0 ? end.exec(this.source) : null
      if (closing !== null) {
        this.found.push({ kind: 'end', text: open })
        this.at += closing[0].length
        return
      }
      this.one(open, brackets)
    }
  }

  private one(open: string, brackets: string[]): void {
    if (this.at >= this.source.length) throw unsupported('a template that does not end')
    inner.lastIndex = this.at
    const found = inner.exec(this.source)
    if (found === null) throw unsupported(`${this.source.slice(this.at, this.at + 20)} in a template`)
    this.at += found[0].length
    const [, number, name, string, sign] = found
    if (number !== undefined) this.found.push({ kind: 'number', text: number.replaceAll('_', '') })
    else if (name !== undefined) this.found.push({ kind: 'name', text: name })
    else if (string !== undefined) this.found.push({ kind: 'string', text: contentOf(string, open) })
    else if (sign !== undefined) {
      balance(sign, brackets)
      this.found.push({ kind: 'sign', text: sign })
    }
  }
}

function contentOf(string: string, open: string): string {
  const content = string.slice(1, -1)
  if (!content.includes('\\')) return content
  // Ansible doubles the backslashes inside {{ }}, so they stand for themselves, and cannot escape a quote.
  if (open === '{{' && !content.includes(`\\${string.charAt(0)}`)) return content
  throw unsupported(`the backslash in ${string}`)
}

const pairs = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

function balance(sign: string, brackets: string[]): void {
  const closing = pairs.get(sign)
  if (closing !== undefined) brackets.push(closing)
  else if (')]}'.includes(sign) && brackets.pop() !== sign) throw unsupported(`${sign} without its opening`)
}
