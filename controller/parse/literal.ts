/**
 * JSON read into values. JSON.parse will not do: it loses the difference between 1 and 1.0, digits beyond 2^53, and the
 * order of keys that look like numbers. NaN and the infinities are taken, as Python does.
 */

import { narrow } from '../values/narrow.ts'
import { Dict, Float, type Value } from '../values/value.ts'

const words = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Float(Number.NaN)],
  ['Infinity', new Float(Number.POSITIVE_INFINITY)],
  ['-Infinity', new Float(Number.NEGATIVE_INFINITY)],
])
const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y

/** Deeper nesting than this is no literal that a person wrote. */
const maxDepth = 200

/** A JSON text as a value, or undefined when it is none. */
export function parseJson(text: string): Value | undefined {
  return new Reader(text).whole()
}

class Reader {
  private readonly text: string
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  whole(): Value | undefined {
    const value = this.value()
    this.blanks()
    return this.at === this.text.length ? value : undefined
  }

  private value(): Value | undefined {
    this.blanks()
    const char = this.text.charAt(this.at)
    if (char === '[') return this.nested(() => this.list())
    if (char === '{') return this.nested(() => this.dict())
    if (char === '"') return this.string()
    const word = this.word()
    // null is a word too, so ?? will not do.
    return word === undefined ? this.number() : word
  }

  private nested(read: () => Value | undefined): Value | undefined {
    if (this.depth >= maxDepth) return undefined
    this.depth += 1
    const value = read()
    this.depth -= 1
    return value
  }

  private list(): Value | undefined {
    const items: Value[] = []
    this.at += 1
    while (!this.take(']')) {
      if (items.length > 0 && !this.take(',')) return undefined
      const item = this.value()
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }

  private dict(): Value | undefined {
    const dict = new Dict()
    this.at += 1
    let first = true
    while (!this.take('}')) {
      if (!first && !this.take(',')) return undefined
      first = false
      const key = this.value()
      if (typeof key !== 'string' || !this.take(':')) return undefined
      const value = this.value()
      if (value === undefined) return undefined
      dict.set(key, value)
    }
    return dict
  }

  private word(): Value | undefined {
    for (const [word, value] of words) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return value
    }
    return undefined
  }

  private number(): Value | undefined {
    numberPattern.lastIndex = this.at
    const found = numberPattern.exec(this.text)
    if (found === null) return undefined
    this.at += found[0].length
    const isFloat = found[1] !== undefined || found[2] !== undefined
    return isFloat ? new Float(Number(found[0])) : narrow(BigInt(found[0]))
  }

  private string(): string | undefined {
    let out = ''
    for (let i = this.at + 1; i < this.text.length; i += 1) {
      const char = this.text.charAt(i)
      if (char === '"') {
        this.at = i + 1
        return out
      }
      if (char < ' ') return undefined
      if (char !== '\\') {
        out += char
        continue
      }
      const escaped = readEscape(this.text, i + 1)
      if (escaped === undefined) return undefined
      out += escaped.text
      i = escaped.end - 1
    }
    return undefined
  }

  private take(char: string): boolean {
    this.blanks()
    if (this.text.charAt(this.at) !== char) return false
    this.at += 1
    return true
  }

  private blanks(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text.charAt(this.at))) this.at += 1
  }
}

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

interface Escaped {
  readonly text: string
  /** Offset after it. */
  readonly end: number
}

function readEscape(text: string, at: number): Escaped | undefined {
  const char = text.charAt(at)
  if (char !== 'u') {
    const simple = escapes.get(char)
    return simple === undefined ? undefined : { text: simple, end: at + 1 }
  }
  const hex = text.slice(at + 1, at + 5)
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) return undefined
  return { text: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 5 }
}
