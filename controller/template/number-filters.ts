import { ansibleBool } from '../values/py-text.ts'
import { Float, Opaque } from '../values/value.ts'
import { type Arguments, countArgument } from './arguments.ts'
import type { Filter } from './filter.ts'
import { asValue, isInteger, type Operand, present } from './operand.ts'
import { floatOf, intOf, rounded } from './python-number.ts'
import { unsupported } from './template-error.ts'

export const numberFilters: readonly (readonly [string, Filter])[] = [
  ['int', toWhole],
  ['float', toFloat],
  ['bool', toBool],
  ['abs', absolute],
  ['round', round],
]

function toWhole(value: Operand, args: Arguments): Operand {
  const [fallback = 0, base = 10] = args.readKnown('default', 'base')
  if (base !== 10) throw unsupported('int with another base')
  if (value instanceof Opaque) throw unsupported(`int of a ${value.kind} value`)
  return intOf(value) ?? fallback
}

function toFloat(value: Operand, args: Arguments): Operand {
  const [fallback = new Float(0)] = args.readKnown('default')
  if (value instanceof Opaque) throw unsupported(`float of a ${value.kind} value`)
  const float = floatOf(value)
  return float === undefined ? fallback : new Float(float)
}

function toBool(value: Operand, args: Arguments): Operand {
  args.read()
  if (value instanceof Opaque) throw unsupported(`bool of a ${value.kind} value`)
  return value === null ? null : ansibleBool(asValue(value))
}

function absolute(value: Operand, args: Arguments): Operand {
  args.read()
  if (value instanceof Float) return new Float(Math.abs(value.value))
  if (typeof value === 'boolean') return value ? 1 : 0
  if (!isInteger(value)) throw unsupported('abs of what is no number')
  return value < 0 ? -value : value
}

function round(value: Operand, args: Arguments): Operand {
  const [precision, method = 'common'] = args.readKnown('precision', 'method')
  if (method !== 'common') throw unsupported('round with a method')
  return rounded(typeof value === 'boolean' ? Number(value) : present(value), countArgument(precision, 0))
}
