/**
 * What does not survive Ansible's way of handing a list on: as text, which it reads back.
 */
import { Dict, Float, isList, Opaque, type Value } from '../values/value.ts'

/** A value that is not what was written any more. */
export interface Lost {
  readonly kind: 'value' | 'reference'
  readonly text: string
}

/** The first date, number without digits, or reference to nothing in a value. */
export function lostIn(value: Value): Lost | undefined {
  // Text that still has one is text whose reference led nowhere.
  if (typeof value === 'string') return /\{[{%]/.test(value) ? { kind: 'reference', text: value } : undefined
  if (value instanceof Opaque) return value.kind === 'date' ? { kind: 'value', text: value.text } : undefined
  if (value instanceof Float)
    return Number.isFinite(value.value) ? undefined : { kind: 'value', text: String(value.value) }
  for (const item of itemsOf(value)) {
    const found = lostIn(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a value holds text that must not be templated: then Ansible templates nothing of the whole list. */
export function holdsUnsafe(value: Value): boolean {
  if (value instanceof Opaque) return value.kind === 'unsafe'
  return itemsOf(value).some(holdsUnsafe)
}

function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value
  return value instanceof Dict ? [...value.values()] : []
}
