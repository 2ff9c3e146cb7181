/**
 * Reads fields of a mapping that an operator wrote, with errors that say which file and line.
 *
 * Text that ends up in a HAProxy file must not leave its line or begin a comment, whoever wrote it.
 */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList, type Key, Opaque, type Value } from '../values/value.ts'
import { type DurationFault, optionDurationFault } from './durations.ts'
import {
  type NumberRule,
  numberFault,
  numberHint,
  plain,
  portRule,
  rangeText,
  weightRule,
} from './numbers.ts'

/** What a word must look like. */
export interface WordRule {
  readonly pattern: RegExp
  /** For `... must be`. */
  readonly expected: string
  readonly code: string
  readonly example: string
}

export class Fields {
  readonly dict: Dict
  /** What the mapping is, for messages: `service primary of pg-test`. */
  readonly what: string
  private readonly fallback: Location | undefined
  private readonly written: ReadonlyMap<Key, string>

  /**
   * @param fallback - the place for what has none of its own
   * @param written - what the author wrote for a key, where that is something else
   */
  constructor(
    dict: Dict,
    what: string,
    fallback?: Location | undefined,
    written: ReadonlyMap<Key, string> = new Map(),
  ) {
    this.dict = dict
    this.what = what
    this.fallback = fallback
    this.written = written
  }

  /** A key as its author wrote it. */
  name(key: string): string {
    return this.written.get(key) ?? key
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
    if (value === undefined)
      throw this.error(
        key,
        'FIELD_MISSING',
        `${this.name(key)} is missing`,
        `add ${this.name(key)} to the definition`,
      )
    return value
  }

  /**
   * Text for the rest of a line, e.g. server options.
   *
   * @throws AppError `FIELD_NULL`, `FIELD_TYPE` for booleans and collections, `TEXT_BREAKS_LINE`
   */
  line(key: string, fallback: string): string {
    const value = this.dict.get(key)
    if (value === undefined) return fallback
    const text = this.scalarText(key, value)
    this.mustStayInLine(key, this.name(key), text)
    return text
  }

  /** @param what - what the text is, for the message */
  mustStayInLine(key: string, what: string, text: string): void {
    const why = lineFault(text)
    if (why === undefined) return
    const hint = 'write one line of plain text, quotes closed, without #; leave the key out for the default'
    throw this.error(key, 'TEXT_BREAKS_LINE', `${what} ${why}`, hint)
  }

  /**
   * Options of servers for the rest of a line.
   *
   * @throws AppError as `line`, `DURATION_INVALID` and `WEIGHT_RANGE`
   */
  serverOptions(key: string, fallback: string): string {
    const text = this.line(key, fallback)
    this.mustBeDuration(key, optionDurationFault(text))
    const weight = /(?:^|\s)weight\s+(-?\d+)(?!\S)/.exec(text)?.[1]
    if (weight !== undefined && numberFault(weight, weightRule) !== undefined) {
      const message = `${this.name(key)}: weight must be ${rangeText(weightRule)}, not ${weight}`
      throw this.error(key, 'WEIGHT_RANGE', message, 'write for example weight 100')
    }
    return text
  }

  mustBeDuration(key: string, fault: DurationFault | undefined): void {
    if (fault === undefined) return
    const { option, text, right } = fault
    throw this.error(
      key,
      'DURATION_INVALID',
      `${this.name(key)}: HAProxy does not take ${text === '' ? 'nothing' : show(text)} for ${option}`,
      right === undefined || right === text
        ? 'a duration is a whole number with us, ms, s, m, h or d, not 0 and at most 24d, e.g. 500ms'
        : `write it in whole units: ${option} ${right}`,
    )
  }

  /** Text without blanks, matching a pattern. */
  word(key: string, fallback: string, rule: WordRule): string {
    const text = this.line(key, fallback)
    if (!rule.pattern.test(text)) {
      const message = `${this.name(key)} must be ${rule.expected}, not ${show(text)}`
      throw this.error(key, rule.code, message, `write for example ${this.name(key)}: ${rule.example}`)
    }
    return text
  }

  /**
   * A whole number, written as a number or as text.
   *
   * @throws AppError `FIELD_NULL`, `FIELD_TYPE`, or the rule's code
   */
  integer(key: string, fallback: number, rule: NumberRule): number {
    const value = this.dict.get(key)
    return this.integerOf(key, value === undefined ? fallback : value, rule)
  }

  /** @throws AppError `FIELD_MISSING`, `FIELD_NULL`, `FIELD_TYPE` or `PORT_RANGE` */
  port(key: string): number {
    return this.integerOf(key, this.required(key), portRule)
  }

  integerOf(key: string, value: Value, rule: NumberRule): number {
    this.mustNotBeNull(key, value)
    const fault = numberFault(value, rule)
    if (fault === undefined) return Number(plain(value))
    throw this.error(
      key,
      fault,
      `${this.name(key)} must be ${rangeText(rule)}, not ${show(value)}`,
      numberHint(this.name(key), rule),
    )
  }

  mustNotBeNull(key: string, value: Value): void {
    if (value !== null) return
    const hint = `give it a value, or take ${this.name(key)} out of the definition`
    throw this.error(key, 'FIELD_NULL', `${this.name(key)} is there without a value`, hint)
  }

  error(key: string, code: string, message: string, hint?: string): AppError {
    return new AppError(code, `${this.what}: ${message}`, { at: this.at(key), hint })
  }

  private scalarText(key: string, value: Value): string {
    this.mustNotBeNull(key, value)
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'bigint') return pyText(value)
    if (value instanceof Opaque && value.kind === 'unsafe') return value.text
    const hint = isCollection(value) ? 'write one text' : 'put the word into quotes if it is meant as text'
    throw this.error(key, 'FIELD_TYPE', `${this.name(key)} must be text, not ${show(value)}`, hint)
  }
}

function isCollection(value: Value): boolean {
  return isList(value) || value instanceof Dict
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
