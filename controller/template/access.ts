/**
 * `a.b`, `a['b']`, `a[0]`, `a[1:]`.
 *
 * Source: Jinja's environment: a dot asks for an attribute of Python first and for the item then, brackets the other
 * way round. What finds neither is undefined, not an error.
 */

import { Dict, Float, Opaque } from '../values/value.ts'
import {
  isArray,
  isInteger,
  Lookup,
  Missing,
  Nothing,
  nameOfType,
  type Operand,
  present,
  Tuple,
  textOf,
  View,
} from './operand.ts'
import { entryOf, textKey } from './operators.ts'
import { unsupported } from './template-error.ts'

/** Attributes that Python's types have of their own: `a.items` is a method, not the key. */
const dictMethods = words('clear copy fromkeys get items keys pop popitem setdefault update values')
const otherMethods = words(
  `append as_integer_ratio bit_count bit_length capitalize casefold center clear conjugate copy count denominator encode
  endswith expandtabs extend find format format_map from_bytes fromhex hex imag index insert is_integer isalnum isalpha
  isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip
  maketrans numerator partition pop real remove removeprefix removesuffix replace reverse rfind rindex rjust rpartition
  rsplit rstrip sort split splitlines startswith strip swapcase title to_bytes translate upper zfill`,
)

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}

function refuseAttribute(of: Operand, name: string): void {
  const own = of instanceof Dict || of instanceof Lookup ? dictMethods : otherMethods
  if (own.has(name) || name.startsWith('_') || name === 'ansible_pos')
    throw unsupported(`.${name} of ${nameOfType(of)}`)
}

/** Undefined stays undefined whatever is asked of it, so that default() can end the chain. */
function chained(of: Missing): Missing {
  if (of instanceof Nothing) throw unsupported(`a part of ${of.what}`)
  return of
}

/** `a.name` */
export function attributeOf(of: Operand, name: string): Operand {
  if (of instanceof Missing) return chained(of)
  if (of instanceof Dict) {
    refuseAttribute(of, name)
    return of.get(name) ?? orNull(of, name)
  }
  if (of instanceof Lookup) {
    refuseAttribute(of, name)
    return of.get(name)
  }
  refuseOpaque(of)
  refuseAttribute(of, name)
  return new Missing(`${name} of ${nameOfType(of)}`)
}

/** `a[key]` */
export function itemOf(of: Operand, key: Operand): Operand {
  if (of instanceof Missing) return chained(of)
  if (of instanceof Lookup) return of.get(textKey(key))
  if (of instanceof Dict) return dictItem(of, key)
  refuseOpaque(of)
  if (key instanceof Missing) throw unsupported(`an index that is not defined (${key.what})`)
  const items =
    typeof of === 'string' ? [...of] : isArray(of) ? of : of instanceof Tuple ? of.items : undefined
  const index = typeof key === 'boolean' ? Number(key) : key
  if (items !== undefined && isInteger(index)) {
    const place = Number(index)
    const found = items.at(place)
    return found === undefined ? new Missing(`item ${place}`) : found
  }
  if (typeof key === 'string') refuseAttribute(of, key)
  return new Missing(`${describe(key)} of ${nameOfType(of)}`)
}

function dictItem(dict: Dict, given: Operand): Operand {
  const key = present(given)
  if (isArray(key) || key instanceof Dict) return new Missing('a key that is no scalar')
  if (key instanceof Tuple || key instanceof View || key instanceof Lookup || key instanceof Opaque) {
    throw unsupported(`${nameOfType(key)} as a key`)
  }
  const found = entryOf(dict, key)
  if (found !== undefined) return found
  if (typeof key === 'string') refuseAttribute(dict, key)
  return new Missing(`key ${describe(key)}`)
}

function orNull(dict: Dict, name: string): Operand {
  return dict.has(name) ? null : new Missing(`key ${name}`)
}

function describe(key: Operand): string {
  return key === null || typeof key !== 'object' || key instanceof Float ? textOf(key) : nameOfType(key)
}

function refuseOpaque(of: Operand): void {
  if (of instanceof Opaque || of instanceof View) throw unsupported(`a part of ${nameOfType(of)}`)
}

/** `a[from:to:step]` */
export function sliceOf(of: Operand, bounds: readonly (Operand | undefined)[]): Operand {
  if (of instanceof Missing) return chained(of)
  const [from, to, step = 1, ...more] = bounds.map(boundOf)
  if (more.length > 0 || step === 0) throw unsupported('such a slice')
  const pick = (items: readonly Operand[]) => sliced(items, from, to, step)
  if (typeof of === 'string') return pick([...of]).join('')
  if (isArray(of)) return pick(of)
  if (of instanceof Tuple) return new Tuple(pick(of.items))
  throw unsupported(`a slice of ${nameOfType(of)}`)
}

function boundOf(bound: Operand | undefined): number | undefined {
  if (bound === undefined || bound === null) return undefined
  if (typeof bound === 'number') return bound
  throw unsupported('a slice with such bounds')
}

function sliced(
  items: readonly Operand[],
  from: number | undefined,
  to: number | undefined,
  step: number,
): Operand[] {
  const last = items.length
  const clamp = (bound: number, low: number, high: number) =>
    Math.min(Math.max(bound < 0 ? bound + last : bound, low), high)
  const out: Operand[] = []
  if (step > 0) {
    const end = to === undefined ? last : clamp(to, 0, last)
    for (let i = from === undefined ? 0 : clamp(from, 0, last); i < end; i += step) out.push(items[i] ?? null)
  } else {
    const end = to === undefined ? -1 : clamp(to, -1, last - 1)
    for (let i = from === undefined ? last - 1 : clamp(from, -1, last - 1); i > end; i += step)
      out.push(items[i] ?? null)
  }
  return out
}
