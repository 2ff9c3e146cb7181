/** The mark `!unsafe`: text that is not templated. What a template makes with marked values is marked too. */
import type { Operand } from './operand.ts'
import { Dict, isList, Opaque, type Value } from './value.ts'

/** The value with a mark on every text in it; numbers and the like need none. */
export function asUnsafe(value: Value): Value {
  if (typeof value === 'string') return new Opaque('unsafe', value)
  if (value instanceof Dict) return withItems(value, asUnsafe)
  return isList(value) ? value.map(asUnsafe) : value
}

export function hasUnsafe(operand: Operand): boolean {
  if (operand instanceof Opaque) return operand.kind === 'unsafe'
  if (operand instanceof Dict) return [...operand.values()].some(hasUnsafe)
  return Array.isArray(operand) && operand.some(hasUnsafe)
}

/** Without marks, to compute with. */
export function unmarked(operand: Operand): Operand {
  if (operand instanceof Opaque && operand.kind === 'unsafe') return operand.text
  if (operand instanceof Dict) return withItems(operand, plainValue)
  return Array.isArray(operand) ? operand.map(unmarked) : operand
}

function plainValue(value: Value): Value {
  if (value instanceof Opaque && value.kind === 'unsafe') return value.text
  if (value instanceof Dict) return withItems(value, plainValue)
  return isList(value) ? value.map(plainValue) : value
}

function withItems(dict: Dict, change: (item: Value) => Value): Dict {
  const out = new Dict([...dict].map(([key, item]) => [key, change(item)] as const))
  out.spot = dict.spot
  for (const [key, spot] of dict.spots) out.spots.set(key, spot)
  return out
}
