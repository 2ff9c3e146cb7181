/**
 * What expressions compute with: values, and what can stand between them but never is a variable's value.
 */
import { pyRepr, pyStr } from '../values/py-text.ts'
import { Dict, Float, Opaque, type Scalar, type Value } from '../values/value.ts'
import { undefinedError, unsupported } from './template-error.ts'

/** The result of a reference to something that is not there. An error only when it is used. */
export class Missing {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

/** What an inline if without else gives when its condition fails: prints as nothing, is no value otherwise. */
export class Nothing extends Missing {
  constructor() {
    super('the value of an if without else')
  }
}

export class Tuple {
  readonly items: readonly Operand[]
  constructor(items: readonly Operand[]) {
    this.items = items
  }
}

/** What `keys()`, `values()` and `items()` give: good for going through, and little else. */
export class View {
  readonly items: readonly Operand[]
  constructor(items: readonly Operand[]) {
    this.items = items
  }
}

/** `hostvars`, or one host of it. */
export class Lookup {
  readonly what: string
  readonly get: (name: string) => Operand
  constructor(what: string, get: (name: string) => Operand) {
    this.what = what
    this.get = get
  }
}

export type Present = Scalar | Dict | Tuple | View | Lookup | readonly Operand[]
export type Operand = Present | Missing

export function isArray(operand: Operand | undefined): operand is readonly Operand[] {
  return Array.isArray(operand)
}

export function isInteger(operand: Operand): operand is number | bigint {
  return typeof operand === 'number' || typeof operand === 'bigint'
}

/** Numbers as Python sees them: booleans are some. */
export function numberOf(operand: Operand): number | bigint | Float | undefined {
  if (typeof operand === 'boolean') return operand ? 1 : 0
  return isInteger(operand) || operand instanceof Float ? operand : undefined
}

/** For comparisons: JavaScript compares numbers and bigints by value. */
export function plain(number: number | bigint | Float): number | bigint {
  return number instanceof Float ? number.value : number
}

export function nameOfType(operand: Operand): string {
  if (operand === null) return 'nothing'
  if (typeof operand === 'string') return 'text'
  if (typeof operand === 'boolean') return 'a boolean'
  if (isInteger(operand) || operand instanceof Float) return 'a number'
  if (operand instanceof Dict) return 'a mapping'
  if (operand instanceof Lookup) return operand.what
  if (operand instanceof Opaque) return `a ${operand.kind} value`
  if (operand instanceof Missing) return 'something undefined'
  return 'a list'
}

/** The operand, when it is there. */
export function present(operand: Operand): Present {
  if (operand instanceof Nothing) throw unsupported(`a use of ${operand.what}`)
  if (operand instanceof Missing) throw undefinedError(operand.what)
  return operand
}

/** Whether Python takes it for true. */
export function isTrue(given: Operand): boolean {
  const operand = present(given)
  if (operand instanceof Float) return operand.value !== 0
  if (operand instanceof Dict) return operand.size > 0
  if (operand instanceof Tuple || operand instanceof View) return operand.items.length > 0
  if (operand instanceof Opaque || operand instanceof Lookup)
    throw unsupported(`${nameOfType(operand)} as a condition`)
  return isArray(operand) ? operand.length > 0 : Boolean(operand)
}

/** Python's str(). */
export function textOf(given: Operand): string {
  const operand = present(given)
  if (typeof operand === 'string') return operand
  if (operand instanceof Opaque) return opaqueText(operand)
  if (operand === null || isScalar(operand)) return pyStr(operand)
  return reprOf(operand)
}

function isScalar(operand: Operand): operand is boolean | number | bigint | Float {
  return typeof operand === 'boolean' || isInteger(operand) || operand instanceof Float
}

/** Python's repr(). */
export function reprOf(operand: Operand): string {
  // Python prints what is undefined inside a list as an object.
  if (operand instanceof Missing)
    throw unsupported(`${operand.what}, which is not defined, in the text of a list,`)
  if (isArray(operand)) return `[${operand.map(reprOf).join(', ')}]`
  if (operand instanceof Tuple) return tupleRepr(operand.items)
  if (operand instanceof Lookup || operand instanceof View)
    throw unsupported(`the text of ${nameOfType(operand)}`)
  refuseOpaque(operand)
  return pyRepr(operand)
}

function tupleRepr(items: readonly Operand[]): string {
  const [only] = items
  return items.length === 1 && only !== undefined ? `(${reprOf(only)},)` : `(${items.map(reprOf).join(', ')})`
}

function refuseOpaque(value: Value): void {
  if (value instanceof Opaque) throw unsupported(`a ${value.kind} value in a template`)
  if (value instanceof Dict) for (const item of value.values()) refuseOpaque(item)
  else if (Array.isArray(value)) for (const item of value) refuseOpaque(item)
}

function opaqueText(opaque: Opaque): string {
  const isPlainDay = opaque.kind === 'date' && /^\d{4}-\d\d-\d\d$/.test(opaque.text)
  if (!isPlainDay) throw unsupported(`a ${opaque.kind} value in a template`)
  return opaque.text
}

/** The operand as a variable's value, if it can be one. */
export function asValue(given: Operand): Value {
  const operand = present(given)
  if (isArray(operand)) return operand.map(asValue)
  if (operand instanceof Tuple) throw unsupported('a tuple inside a list or mapping')
  if (operand instanceof View) throw unsupported('a view inside a list or mapping')
  if (operand instanceof Lookup) throw unsupported(`${operand.what} as a whole`)
  return operand
}

/** Refuses what is undefined at any depth, as Ansible does with all that a template puts out. */
export function requireDefined(operand: Operand): void {
  if (operand instanceof Missing) present(operand)
  else if (isArray(operand)) for (const item of operand) requireDefined(item)
  else if (operand instanceof Tuple) for (const item of operand.items) requireDefined(item)
}

/** What a loop over the operand would see. */
export function itemsOf(given: Operand): readonly Operand[] {
  const operand = present(given)
  if (isArray(operand)) return operand
  if (operand instanceof Tuple || operand instanceof View) return operand.items
  if (typeof operand === 'string') return [...operand]
  if (operand instanceof Dict) return [...operand.keys()]
  throw unsupported(`going through ${nameOfType(operand)}`)
}
