/**
 * Literals of Python, read into values as `ast.literal_eval` reads them, with JSON's true, false and null allowed.
 *
 * Three answers: a value; no literal, so that the text stays text; or a literal of a kind that is no variable's value
 * here (a tuple, a set, bytes), or that is not read exactly.
 */

import { narrow } from '../values/narrow.ts'
import { Dict, Float, type Key, type Value } from '../values/value.ts'

export type Literal =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'none' }
  | { readonly kind: 'unsure'; readonly why: string }

class NoLiteral extends Error {}
/** One for all: most text is no literal, and a stack for each would cost more than the reading. */
const noLiteral = new NoLiteral()
class Unsure extends Error {}

/** Python's own parser stops near 200 brackets. */
const maxDepth = 90

export function parsePython(text: string): Literal {
  // Selectors are the texts that look most like literals: they are told from them without the cost of an error.
  if (/^[[{]\s*[?*@&:$%]/.test(text)) return { kind: 'none' }
  try {
    return { kind: 'value', value: new Reader(text).whole() }
  } catch (error) {
    if (error instanceof NoLiteral) return { kind: 'none' }
    if (error instanceof Unsure) return { kind: 'unsure', why: error.message }
    throw error
  }
}

const words = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['true', true],
  ['false', false],
  ['null', null],
])
const wordPattern = /[A-Za-z_]\w*/y
const numberPattern =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][-+]?\d(?:_?\d)*|[1-9](?:_?\d)*|0(?:_?0)*)/y

class Reader {
  private readonly text: string
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  whole(): Value {
    const value = this.value()
    this.blanks()
    if (this.at === this.text.length) return value
    if (this.text.charAt(this.at) === ',') throw new Unsure('a tuple')
    throw noLiteral
  }

  private value(): Value {
    this.blanks()
    const char = this.text.charAt(this.at)
    if (char === '[') return this.nested(() => this.list())
    if (char === '{') return this.nested(() => this.dict())
    if (char === '(') return this.nested(() => this.group())
    if (char === "'" || char === '"') return this.strings()
    if (char === '-' || char === '+') return this.signed(char)
    if (/[A-Za-z_]/.test(char)) return this.word()
    return this.number()
  }

  private nested(read: () => Value): Value {
    if (this.depth >= maxDepth) throw new Unsure('such depth')
    this.depth += 1
    this.at += 1
    const value = read()
    this.depth -= 1
    return value
  }

  private list(): Value {
    const items: Value[] = []
    while (!this.take(']')) {
      if (items.length > 0) {
        this.expect(',')
        if (this.take(']')) break
      }
      items.push(this.value())
    }
    return items
  }

  private group(): Value {
    if (this.take(')')) throw new Unsure('a tuple')
    const value = this.value()
    if (this.take(',')) throw new Unsure('a tuple')
    this.expect(')')
    return value
  }

  private dict(): Value {
    const dict = new Dict()
    for (let isFirst = true; !this.take('}'); isFirst = false) {
      if (!isFirst) {
        this.expect(',')
        if (this.take('}')) break
      }
      const key = this.value()
      if (isFirst && (this.sees(',') || this.sees('}'))) throw new Unsure('a set')
      this.expect(':')
      dict.set(keyOf(key), this.value())
    }
    return dict
  }

  private word(): Value {
    wordPattern.lastIndex = this.at
    const word = wordPattern.exec(this.text)?.[0] ?? ''
    const value = words.get(word)
    this.at += word.length
    if (value !== undefined) return value
    const next = this.text.charAt(this.at)
    if (next === "'" || next === '"') throw new Unsure('a string with a prefix')
    if (word === 'set') throw new Unsure('a set')
    throw noLiteral
  }

  private signed(sign: string): Value {
    this.at += 1
    this.blanks()
    if (this.sees('(')) throw new Unsure('a sign before a bracket')
    const value = this.number()
    if (sign === '+') return value
    if (value instanceof Float) return new Float(-value.value)
    return typeof value === 'bigint' ? narrow(-value) : 0 - Number(value)
  }

  private number(): Value {
    if (this.text.startsWith('...', this.at)) throw new Unsure('an ellipsis')
    numberPattern.lastIndex = this.at
    const found = numberPattern.exec(this.text)?.[0]
    if (found === undefined) throw noLiteral
    this.at += found.length
    const next = this.text.charAt(this.at)
    if (/[jJ]/.test(next)) throw new Unsure('a complex number')
    if (/[\w.]/.test(next)) throw noLiteral
    this.blanks()
    if (/[-+]/.test(this.text.charAt(this.at)) && /[jJ]/.test(this.text)) throw new Unsure('a complex number')
    const digits = found.replaceAll('_', '')
    if (!/^0[xX]/.test(digits) && /[.eE]/.test(digits)) return new Float(Number(digits))
    if (digits.length > 4000) throw new Unsure('such a number')
    return narrow(BigInt(digits))
  }

  /** Strings side by side are one. */
  private strings(): string {
    let out = ''
    for (;;) {
      const quote = this.text.charAt(this.at)
      if (quote !== "'" && quote !== '"') return out
      if (this.text.startsWith(quote.repeat(3), this.at)) throw new Unsure('a string in three quotes')
      out += this.string(quote)
      this.blanks()
    }
  }

  private string(quote: string): string {
    let out = ''
    for (let i = this.at + 1; i < this.text.length; i += 1) {
      const char = this.text.charAt(i)
      if (char === quote) {
        this.at = i + 1
        return out
      }
      if (char === '\n' || char === '\r' || char === '\0') throw noLiteral
      if (char !== '\\') {
        out += char
        continue
      }
      const escaped = this.escape(i + 1)
      out += escaped.text
      i = escaped.end - 1
    }
    throw noLiteral
  }

  private escape(at: number) {
    const char = this.text.charAt(at)
    const digits = hexEscapes.get(char)
    if (digits !== undefined) return readHex(this.text, at + 1, digits)
    if (char === '\n' || char === '\r' || char === 'N' || /[0-7]/.test(char))
      throw new Unsure('such an escape')
    const simple = simpleEscapes.get(char)
    if (char === '') throw noLiteral
    // Python keeps a backslash that means nothing.
    return { text: simple ?? `\\${char}`, end: at + 1 }
  }

  private sees(char: string): boolean {
    this.blanks()
    return this.text.charAt(this.at) === char
  }

  private take(char: string): boolean {
    if (!this.sees(char)) return false
    this.at += 1
    return true
  }

  private expect(char: string): void {
    if (!this.take(char)) throw noLiteral
  }

  private blanks(): void {
    while (this.at < this.text.length && ' \t\r\n\f'.includes(this.text.charAt(this.at))) this.at += 1
    const next = this.text.charAt(this.at)
    if (next === '#') throw new Unsure('a comment')
    if (next === '\\') throw new Unsure('a backslash outside a string')
  }
}

function keyOf(key: Value): Key {
  if (key === null || typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint')
    return key
  throw new Unsure('such a key in a mapping')
}

const simpleEscapes = new Map([
  ["'", "'"],
  ['"', '"'],
  ['\\', '\\'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])
const hexEscapes = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

function readHex(text: string, at: number, digits: number) {
  const hex = text.slice(at, at + digits)
  if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) throw noLiteral
  const code = Number.parseInt(hex, 16)
  if (code > 0x10ffff) throw noLiteral
  if (code >= 0xd800 && code <= 0xdfff) throw new Unsure('half a character')
  return { text: String.fromCodePoint(code), end: at + digits }
}
