/** What a template makes with texts that are marked `!unsafe` is marked too. */
import { withItems } from '../values/as-unsafe.ts'
import { Dict, isList, Opaque, type Value } from '../values/value.ts'
import type { Operand } from './operand.ts'

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
