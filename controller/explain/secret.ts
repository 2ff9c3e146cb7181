/**
 * Keeps passwords off the screen: pigsty.yml is full of them.
 *
 * A value is hidden when its own name, or the name of a key around it, looks like a secret's. Other text of the
 * same host loses the hidden texts that occur in it, and passwords in connection strings.
 */
import type { Host } from '../inventory/inventory.ts'
import { Dict, isList, Opaque, type Value } from '../values/value.ts'

export const hidden = '***'

/** Shorter ones are words such as `pgsql` too, which would be hidden wherever they occur. */
const shortestSecret = 8

const secretName = /pass(?:word|wd|phrase)?(?:$|_|s$)|secret|token|credential|(?:^|_)(?:keys?|pwd)(?:$|_)/i

/** Whether the name of a variable or key says that its value is a secret. */
export function looksSecret(name: string): boolean {
  return secretName.test(name)
}

export type Redact = (name: string, value: Value) => Value

/** Hides the secrets of one host. */
export function redactorOf(host: Host, extra: readonly Dict[] = []): Redact {
  const texts = new Set<string>()
  for (const vars of [...host.layers.map((layer) => layer.vars), ...extra]) collect(vars, false, texts)
  const known = [...texts].sort((a, b) => b.length - a.length)
  return (name, value) => redact(name, value, known)
}

function collect(value: Value, isSecret: boolean, into: Set<string>): void {
  if (value instanceof Dict) {
    for (const [key, item] of value) collect(item, isSecret || looksSecret(String(key)), into)
  } else if (isList(value)) for (const item of value) collect(item, isSecret, into)
  else if (isSecret && typeof value === 'string' && value.length >= shortestSecret && !value.includes('{{')) {
    into.add(value)
  }
}

function redact(name: string, value: Value, known: readonly string[]): Value {
  if (looksSecret(name)) return hides(value) ? hidden : value
  if (typeof value === 'string') return redactText(value, known)
  if (value instanceof Opaque) return new Opaque(value.kind, redactText(value.text, known))
  if (isList(value)) return value.map((item) => redact('', item, known))
  if (!(value instanceof Dict)) return value
  return new Dict([...value].map(([key, item]) => [key, redact(String(key), item, known)] as const))
}

/** Nothing is lost by showing that a password is empty, a switch, or encrypted. */
function hides(value: Value): boolean {
  if (value === null || typeof value === 'boolean' || value === '') return false
  return !(value instanceof Opaque && value.kind === 'vault')
}

function redactText(text: string, known: readonly string[]): string {
  const plain = text
    .replaceAll(/(:\/\/[^:/@\s]*:)[^@/\s]+@/g, `$1${hidden}@`)
    .replaceAll(/(pass(?:word|wd)?\s*=\s*)[^\s"',;]+/gi, `$1${hidden}`)
  return known.reduce((left, secret) => left.replaceAll(secret, hidden), plain)
}
