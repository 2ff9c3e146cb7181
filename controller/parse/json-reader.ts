/** Reads JSON by Python's rules, which take more than the standard does: NaN, Infinity, integers of any size. */

import { asUnsafe } from '../values/as-unsafe.ts'
import { narrow } from '../values/narrow.ts'
import type { SourceFile } from '../values/spot.ts'
import { Dict, Float, Opaque, type Value } from '../values/value.ts'

/** Python gives up at its recursion limit; real inventories are a dozen deep. */
const maxDepth = 500

export class JsonSyntaxError extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const words: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new Float(Number.NaN)],
  ['Infinity', new Float(Number.POSITIVE_INFINITY)],
  ['-Infinity', new Float(Number.NEGATIVE_INFINITY)],
])
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

export class JsonReader {
  private readonly source: SourceFile
  private readonly text: string
  private offset = 0
  private depth = 0

  constructor(source: SourceFile, text: string) {
    this.source = source
    this.text = text
  }

  /** @throws JsonSyntaxError with the offset of the fault */
  document(): Value {
    const value = this.value()
    this.blanks()
    if (this.offset < this.text.length) throw this.fault('something stands behind the value')
    return value
  }

  private value(): Value {
    this.blanks()
    const start = this.text[this.offset]
    if (start === '"') return this.string()
    if (start === '{' || start === '[') {
      if (++this.depth > maxDepth) throw this.fault(`nested more than ${maxDepth} deep`)
      const value = start === '{' ? this.object() : this.array()
      this.depth--
      return value
    }
    const word = this.match(/null|true|false|NaN|-?Infinity/y)?.[0]
    return word === undefined ? this.number() : (words.get(word) ?? null)
  }

  private number(): Value {
    const found = this.match(/(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?/y)
    if (found === undefined) throw this.fault('a value is missing')
    const [text, whole = '', fraction, exponent] = found
    if (fraction !== undefined || exponent !== undefined) return new Float(Number(text))
    return narrow(BigInt(whole))
  }

  private array(): Value {
    const items: Value[] = []
    this.offset++
    if (this.take(']')) return items
    do items.push(this.value())
    while (this.take(','))
    if (!this.take(']')) throw this.fault('a comma or ] is missing')
    return items
  }

  private object(): Value {
    const dict = new Dict()
    dict.spot = { source: this.source, offset: this.offset }
    this.offset++
    if (this.take('}')) return dict
    do this.member(dict)
    while (this.take(','))
    if (!this.take('}')) throw this.fault('a comma or } is missing')
    return marked(dict)
  }

  private member(dict: Dict): void {
    this.blanks()
    if (this.text[this.offset] !== '"') throw this.fault('a name in double quotes is missing')
    const key = this.string()
    if (!this.take(':')) throw this.fault('a colon is missing')
    this.blanks()
    dict.spots.set(key, { source: this.source, offset: this.offset })
    dict.set(key, this.value())
  }

  private string(): string {
    this.offset++
    let out = ''
    for (;;) {
      out += this.match(/[^"\\\p{Cc}]+|[\x7f-\x9f]+/uy)?.[0] ?? ''
      const char = this.text[this.offset]
      if (char === '"') break
      if (char === '\\') out += this.escape()
      else if (char === undefined) throw this.fault('text without its closing quote')
      else if (char < ' ') throw this.fault('a control character inside text')
    }
    this.offset++
    return out
  }

  private escape(): string {
    const code = this.match(/\\u([0-9a-fA-F]{4})/y)?.[1]
    // Two halves of one character join by themselves: strings hold UTF-16 here.
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    const char = escapes[this.text[this.offset + 1] ?? '']
    if (char === undefined) throw this.fault('an escape that JSON does not have')
    this.offset += 2
    return char
  }

  private take(char: string): boolean {
    this.blanks()
    if (this.text[this.offset] !== char) return false
    this.offset++
    return true
  }

  private blanks(): void {
    this.match(/[ \t\r\n]+/y)
  }

  /** Takes what a sticky pattern finds here. */
  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.offset
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.offset = pattern.lastIndex
    return found
  }

  private fault(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, this.offset)
  }
}

/** What Ansible's own marks stand for: cipher text, or a value that is not to be templated. */
function marked(dict: Dict): Value {
  for (const [key, value] of dict) {
    if (key === '__ansible_vault') return new Opaque('vault', typeof value === 'string' ? value : '')
    if (key === '__ansible_unsafe') return asUnsafe(value)
  }
  return dict
}
