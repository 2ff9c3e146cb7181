/** Whole numbers as operators write them: as numbers, or as text of digits. */
import { pyText } from '../values/py-text.ts'
import { Float, Opaque, type Value } from '../values/value.ts'

export interface NumberRule {
  readonly lowest: number
  readonly highest: number
  /** Code of the error for a number outside the range. */
  readonly code: string
}

export const portRule: NumberRule = { lowest: 1, highest: 65_535, code: 'PORT_RANGE' }
export const weightRule: NumberRule = { lowest: 0, highest: 255, code: 'WEIGHT_RANGE' }
export const maxconnRule: NumberRule = { lowest: 1, highest: 100_000_000, code: 'NUMBER_RANGE' }

/** Why a value does not keep the rule: the code of the error; undefined when it does. */
export function numberFault(value: Value, rule: NumberRule): string | undefined {
  const text = plain(value)
  if (typeof value === 'boolean' || value instanceof Float || !/^-?\d+$/.test(text)) return 'FIELD_TYPE'
  const number = Number(text)
  return number < rule.lowest || number > rule.highest ? rule.code : undefined
}

export function rangeText(rule: NumberRule): string {
  return `a whole number from ${rule.lowest} to ${rule.highest}`
}

export function numberHint(key: string, rule: NumberRule): string {
  const example = rule.code === 'PORT_RANGE' ? (portExamples[key] ?? '5432') : '100'
  return `write for example ${key}: ${example}`
}

/** Where 5432, which a member has for itself, would be wrong again. */
const portExamples: Readonly<Record<string, string>> = {
  port: '5440',
  src_port: '5440',
  check_port: '8008',
  patroni_port: '8008',
  pgbouncer_port: '6432',
}

/** Text of a value; text that is not to be templated is as good as any. */
export function plain(value: Value): string {
  return value instanceof Opaque && value.kind !== 'unsafe' ? '' : pyText(value)
}
