/**
 * Reads fields of a mapping that an operator wrote, with errors that say which file and line.
 *
 * Text that ends up in a HAProxy file must not leave its line or begin a comment, whoever wrote it.
 */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { pyText } from '../inventory/py-text.ts'
import { locate } from '../inventory/spot.ts'
import { type Dict, Opaque, type Value } from '../inventory/value.ts'

export class Fields {
  readonly dict: Dict
  /** What the mapping is, for messages: `service primary of pg-test`. */
  readonly what: string
  private readonly fallback: Location | undefined

  constructor(dict: Dict, what: string, fallback?: Location | undefined) {
    this.dict = dict
    this.what = what
    this.fallback = fallback
  }

  at(key?: string): Location | undefined {
    const spot = key === undefined ? undefined : this.dict.spots.get(key)
    return locate(spot ?? this.dict.spot) ?? this.fallback
  }

  has(key: string): boolean {
    return this.dict.has(key)
  }

  /** @throws AppError `FIELD_MISSING` */
  required(key: string): Value {
    const value = this.dict.get(key)
    if (value === undefined) throw this.error(key, 'FIELD_MISSING', `${key} is missing`)
    return value
  }

  /**
   * Text for the rest of a line, e.g. server options.
   *
   * @throws AppError `FIELD_INVALID` for null, booleans, collections, and text that would not stay in its line
   */
  line(key: string, fallback: string): string {
    const value = this.dict.get(key)
    if (value === undefined) return fallback
    const text = this.scalarText(key, value)
    const why = lineFault(text)
    if (why !== undefined) throw this.error(key, 'FIELD_INVALID', `${key} ${why}`)
    return text
  }

  /** Text without blanks, matching a pattern. */
  word(key: string, fallback: string, pattern: RegExp, expected: string): string {
    const text = this.line(key, fallback)
    if (!pattern.test(text))
      throw this.error(key, 'FIELD_INVALID', `${key} must be ${expected}, not ${show(text)}`)
    return text
  }

  /** A whole number, written as a number or as text. */
  integer(key: string, fallback: number | undefined, lowest: number, highest: number): number {
    const value = fallback === undefined || this.has(key) ? this.required(key) : fallback
    return this.integerOf(key, value, lowest, highest)
  }

  port(key: string, fallback?: number): number {
    return this.integer(key, fallback, 1, 65_535)
  }

  integerOf(key: string, value: Value, lowest: number, highest: number): number {
    const number = typeof value === 'number' ? value : decimal(value)
    if (number === undefined || number < lowest || number > highest) {
      const range = `a whole number from ${lowest} to ${highest}`
      throw this.error(key, 'FIELD_INVALID', `${key} must be ${range}, not ${show(value)}`)
    }
    return number
  }

  error(key: string, code: string, message: string, hint?: string): AppError {
    return new AppError(code, `${this.what}: ${message}`, { at: this.at(key), hint })
  }

  private scalarText(key: string, value: Value): string {
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'bigint') return pyText(value)
    if (value instanceof Opaque && value.kind === 'unsafe') return value.text
    const hint = typeof value === 'boolean' ? 'put the word into quotes if it is meant as text' : undefined
    throw this.error(key, 'FIELD_INVALID', `${key} must be text, not ${show(value)}`, hint)
  }
}

function decimal(value: Value): number | undefined {
  const text = value instanceof Opaque && value.kind === 'unsafe' ? value.text : value
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** A value for a message, cut short. */
export function show(value: Value): string {
  if (value === null) return 'null'
  const text = pyText(value)
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text
  return short === '' ? 'nothing' : JSON.stringify(short).slice(1, -1)
}

/** Why text cannot stand at the end of a HAProxy line; undefined when it can. */
export function lineFault(text: string): string | undefined {
  if (text.trim() === '') return 'must not be empty'
  if ([...text].some((char) => char < ' ' || char === '\x7f'))
    return 'must be one line without control characters'
  // What is left after quoted and escaped text is where HAProxy looks for comments.
  const bare = text.replaceAll(/\\.|"(?:[^"\\]|\\.)*"|'[^']*'/g, '')
  if (bare.includes('#')) return 'must not contain #, which begins a comment'
  if (bare.endsWith('\\')) return 'must not end in a backslash'
  return /["']/.test(bare) ? 'has a quote that is not closed' : undefined
}
