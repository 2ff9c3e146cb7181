/**
 * How Python prints values: what a template puts into a file.
 */
import { Float, isList, type Key, Opaque, type Value } from './value.ts'

/** Text of a value inside a template: null prints as nothing, booleans as True and False. */
export function pyText(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (value instanceof Opaque) return value.text
  return pyRepr(value)
}

/** Python's str(): as `pyText`, but null is None. */
export function pyStr(value: Value): string {
  return value === null ? 'None' : pyText(value)
}

/** Python's repr(). */
export function pyRepr(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Float) return floatText(value.value)
  if (value instanceof Opaque) return quoted(value.text)
  if (isList(value)) return `[${value.map(pyRepr).join(', ')}]`
  return `{${[...value].map(([key, item]) => `${keyRepr(key)}: ${pyRepr(item)}`).join(', ')}}`
}

function keyRepr(key: Key): string {
  return pyRepr(key)
}

/** Shortest text that reads back as the same float, as Python writes it: `1.0`, `1e+16`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${digits}e${exponent.replace(/^([-+])(\d)$/, '$10$2')}`
  }
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let out = ''
  for (const char of text) {
    if (char === '\\' || char === quote) out += `\\${char}`
    else if (char === '\n') out += '\\n'
    else if (char === '\r') out += '\\r'
    else if (char === '\t') out += '\\t'
    else if (char < ' ' || char === '\x7f') out += `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
    else out += char
  }
  return quote + out + quote
}

/** Ansible's `bool` filter: yes, on, 1, true in any case are true; all else is false. */
export function ansibleBool(value: Value | undefined): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (value instanceof Float) return value.value === 1
  if (value instanceof Opaque) return ansibleBool(value.text)
  if (typeof value === 'string') return ['yes', 'on', '1', 'true'].includes(value.toLowerCase())
  return value === 1
}
