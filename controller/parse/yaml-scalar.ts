/**
 * Plain YAML scalars as PyYAML resolves them, which is not quite what YAML 1.1 says.
 *
 * `y` and `n` are text, `08` and `1e3` are text, `0644` is octal and `1:30` counts in sixties.
 * Source: the resolvers of PyYAML's SafeLoader, checked against what PyYAML 6 answers.
 */
import { narrow } from '../values/narrow.ts'
import { Float, Opaque, type Scalar } from '../values/value.ts'

const booleans = new Map<string, boolean>([
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
])
const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const integer =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const timestamp =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/

/**
 * The value of a scalar written without quotes or tag.
 *
 * @throws SyntaxError for `=`, a lone `<<` and digits that are none, which PyYAML refuses
 */
export function plainScalar(text: string): Scalar {
  if (nulls.has(text)) return null
  const truth = booleans.get(text)
  if (truth !== undefined) return truth
  if (integer.test(text)) return integerOf(text)
  if (float.test(text)) return floatOf(text)
  if (timestamp.test(text)) return dateOf(text)
  if (text === '=' || text === '<<') throw new SyntaxError(`a bare ${text} has no value here`)
  return text
}

/** The value of a scalar with a standard tag such as `!!int`. */
export function taggedScalar(tag: string, text: string): Scalar {
  switch (tag) {
    case 'str':
      return text
    case 'null':
      return null
    case 'bool': {
      const truth = booleans.get(booleanSpelling(text))
      if (truth === undefined) throw new SyntaxError(`not a boolean: ${text}`)
      return truth
    }
    case 'int':
      return integerOf(text)
    case 'float':
      return floatOf(text)
    case 'timestamp':
      return dateOf(text)
    case 'binary':
      return new Opaque('binary', text)
    default:
      throw new SyntaxError(`unknown tag !!${tag}`)
  }
}

/** A date or time, which must exist: PyYAML refuses the 30th of February. */
function dateOf(text: string): Opaque {
  if (!timestamp.test(text)) throw new SyntaxError(`not a date: ${text}`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
    .split(/\D+/, 6)
    .map((part) => Number(part))
  const date = new Date(Date.UTC(year, month - 1, day))
  const isDay = year > 0 && date.getUTCMonth() === month - 1 && (year < 100 || date.getUTCDate() === day)
  if (!isDay || hour > 23 || minute > 59 || second > 59) throw new SyntaxError(`no such date: ${text}`)
  return new Opaque('date', text)
}

function booleanSpelling(text: string): string {
  return text.toLowerCase()
}

function integerOf(written: string): number | bigint {
  const text = written.replaceAll('_', '')
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  const size = narrow(magnitude(digits))
  return negative ? (typeof size === 'number' ? 0 - size : -size) : size
}

function magnitude(digits: string): bigint {
  if (digits.includes(':')) return sixties(digits.split(':').map((part) => BigInt(part)))
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
  if (!/^(?:0b[01]+|0x[0-9a-fA-F]+|\d+)$/.test(digits)) throw new SyntaxError(`not a number: ${digits}`)
  return BigInt(digits)
}

function sixties(parts: readonly bigint[]): bigint {
  return parts.reduce((sum, part) => sum * 60n + part, 0n)
}

function floatOf(written: string): Float {
  const text = written.replaceAll('_', '').toLowerCase()
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[-+]/, '')
  if (body === '.inf') return new Float(sign * Number.POSITIVE_INFINITY)
  if (body === '.nan') return new Float(Number.NaN)
  const value = body.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  if (Number.isNaN(value)) throw new SyntaxError(`not a number: ${written}`)
  return new Float(sign * value)
}
