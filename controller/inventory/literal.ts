/**
 * Literals of JSON and of Python, read into values. JSON.parse will not do: it loses the difference between
 * 1 and 1.0, digits beyond 2^53, and the order of keys that look like numbers.
 */
import { Dict, Float, type Key, type Value } from './value.ts'
import { narrow } from './yaml-scalar.ts'

interface Dialect {
  readonly words: ReadonlyMap<string, Value>
  readonly quotes: string
  readonly number: RegExp
  /** Keys of mappings may be numbers and other scalars; tuples and a comma before the end are fine. */
  readonly python: boolean
}

const json: Dialect = {
  words: new Map<string, Value>([
    ['true', true],
    ['false', false],
    ['null', null],
    ['NaN', new Float(Number.NaN)],
    ['Infinity', new Float(Number.POSITIVE_INFINITY)],
    ['-Infinity', new Float(Number.NEGATIVE_INFINITY)],
  ]),
  quotes: '"',
  number: /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y,
  python: false,
}

const python: Dialect = {
  words: new Map<string, Value>([
    ['True', true],
    ['False', false],
    ['None', null],
  ]),
  quotes: `'"`,
  number: /[-+]?(?:0|[1-9]\d*)(\.\d*)?([eE][-+]?\d+)?/y,
  python: true,
}

/** Deeper nesting than this is no literal that a person wrote. */
const maxDepth = 200

/** A JSON text as a value, or undefined when it is none. */
export function parseJson(text: string): Value | undefined {
  return new Reader(text, json).whole()
}

/** A Python literal (list, dict, scalar) as a value, or undefined when it is none. */
export function parsePython(text: string): Value | undefined {
  return new Reader(text, python).whole()
}

class Reader {
  private readonly text: string
  private readonly dialect: Dialect
  private at = 0
  private depth = 0

  constructor(text: string, dialect: Dialect) {
    this.text = text
    this.dialect = dialect
  }

  whole(): Value | undefined {
    const value = this.value()
    this.blanks()
    return this.at === this.text.length ? value : undefined
  }

  private value(): Value | undefined {
    this.blanks()
    const char = this.text.charAt(this.at)
    if (char === '[' || (char === '(' && this.dialect.python)) return this.nested(() => this.list(char))
    if (char === '{') return this.nested(() => this.dict())
    if (char !== '' && this.dialect.quotes.includes(char)) return this.string(char)
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

  private list(open: string): Value | undefined {
    const close = open === '[' ? ']' : ')'
    const items: Value[] = []
    this.at += 1
    while (!this.take(close)) {
      if (items.length > 0 && !this.take(',')) return undefined
      if (items.length > 0 && this.dialect.python && this.take(close)) break
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
      if (!first && this.dialect.python && this.take('}')) break
      first = false
      const key = this.key()
      if (key === undefined || !this.take(':')) return undefined
      const value = this.value()
      if (value === undefined) return undefined
      dict.set(key, value)
    }
    return dict
  }

  private key(): Key | undefined {
    const key = this.value()
    if (typeof key === 'string') return key
    if (!this.dialect.python) return undefined
    if (key === null || typeof key === 'boolean' || typeof key === 'number' || typeof key === 'bigint')
      return key
    return key instanceof Float ? key.value : undefined
  }

  private word(): Value | undefined {
    for (const [word, value] of this.dialect.words) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return value
    }
    return undefined
  }

  private number(): Value | undefined {
    const pattern = this.dialect.number
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at += found[0].length
    const isFloat = found[1] !== undefined || found[2] !== undefined
    return isFloat ? new Float(Number(found[0])) : narrow(BigInt(found[0].replace('+', '')))
  }

  private string(quote: string): string | undefined {
    let out = ''
    for (let i = this.at + 1; i < this.text.length; i += 1) {
      const char = this.text.charAt(i)
      if (char === quote) {
        this.at = i + 1
        return out
      }
      if (char < ' ') return undefined
      if (char !== '\\') {
        out += char
        continue
      }
      const escaped = readEscape(this.text, i + 1, this.dialect.python)
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

const simpleEscapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const pythonEscapes = new Map(simpleEscapes).set("'", "'")
pythonEscapes.delete('/')
const pythonHex = new Map([
  ['x', 2],
  ['U', 8],
])

interface Escaped {
  readonly text: string
  /** Offset after it. */
  readonly end: number
}

function readEscape(text: string, at: number, isPython: boolean): Escaped | undefined {
  const char = text.charAt(at)
  const digits = char === 'u' ? 4 : isPython ? (pythonHex.get(char) ?? 0) : 0
  if (digits > 0) return readHex(text, at + 1, digits)
  const simple = isPython ? pythonEscapes.get(char) : simpleEscapes.get(char)
  if (simple !== undefined) return { text: simple, end: at + 1 }
  // Python keeps a backslash that means nothing.
  return isPython && char !== '' ? { text: `\\${char}`, end: at + 1 } : undefined
}

function readHex(text: string, at: number, digits: number): Escaped | undefined {
  const hex = text.slice(at, at + digits)
  if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return undefined
  const code = Number.parseInt(hex, 16)
  return code <= 0x10ffff ? { text: String.fromCodePoint(code), end: at + digits } : undefined
}
