/** JSON as Python's json.dumps writes it without blanks: what to_string() gives. */
import { floatText } from '../values/py-text.ts'
import { Float, Opaque } from '../values/value.ts'
import { type Datum, isArray, Row } from './datum.ts'
import { SelectorFault } from './fault.ts'

/** @throws SelectorFault for a member, which has no text of its own */
export function toJson(datum: Datum): string {
  if (
    datum === null ||
    typeof datum === 'boolean' ||
    typeof datum === 'number' ||
    typeof datum === 'bigint'
  ) {
    return String(datum)
  }
  if (typeof datum === 'string') return ascii(datum)
  if (datum instanceof Float) return jsonFloat(datum.value)
  if (datum instanceof Opaque) return ascii(datum.text)
  if (datum instanceof Row) throw new SelectorFault('to_string() of a member')
  if (isArray(datum)) return `[${datum.map(toJson).join(',')}]`
  return `{${[...datum].map(([key, value]) => `${ascii(String(key))}:${toJson(value)}`).join(',')}}`
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity'
}

function ascii(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
