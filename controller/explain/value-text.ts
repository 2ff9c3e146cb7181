/** Values of variables for people and for JSON. */
import { floatText } from '../values/py-text.ts'
import { Float, isList, Opaque, type Value } from '../values/value.ts'

/** What stands for a value that only the vault's owner can read. */
export const encrypted = '(encrypted)'

/** One line: text as it is, lists and mappings in YAML's flow style. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value)
  if (value === null) return 'null'
  if (value instanceof Opaque) return value.kind === 'vault' ? encrypted : valueText(value.text)
  if (value instanceof Float) return floatText(value.value)
  if (isList(value)) return `[${value.map(innerText).join(', ')}]`
  if (typeof value === 'object') {
    return `{${[...value].map(([key, item]) => `${String(key)}: ${innerText(item)}`).join(', ')}}`
  }
  return String(value)
}

function innerText(value: Value): string {
  const text = valueText(value)
  return typeof value === 'string' && /[,:[\]{}#]/.test(text) ? JSON.stringify(value) : text
}

/** Text that nobody takes for a number, a boolean or nothing. */
function isPlain(text: string): boolean {
  return (
    /^\S(?:[^\n\r\t]*\S)?$/.test(text) &&
    !/^(?:null|true|false|yes|no|on|off|~|[-+]?[\d_]*\.?\d*)$/i.test(text)
  )
}

/** The value as JSON has it; integers beyond 2^53 become text. */
export function plainValue(value: Value): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Opaque) return value.kind === 'vault' ? encrypted : value.text
  if (value instanceof Float) return value.value
  if (isList(value)) return value.map(plainValue)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plainValue(item)]))
  }
  return value
}
