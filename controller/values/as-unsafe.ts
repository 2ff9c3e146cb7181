/** The mark `!unsafe`: text that is not templated. */
import { Dict, isList, Opaque, type Value } from './value.ts'

/** The value with a mark on every text in it; numbers and the like need none. */
export function asUnsafe(value: Value): Value {
  if (typeof value === 'string') return new Opaque('unsafe', value)
  if (value instanceof Dict) return withItems(value, asUnsafe)
  return isList(value) ? value.map(asUnsafe) : value
}

/** A mapping with other values, and the places of the old ones. */
export function withItems(dict: Dict, change: (item: Value) => Value): Dict {
  const out = new Dict([...dict].map(([key, item]) => [key, change(item)] as const))
  out.spot = dict.spot
  for (const [key, spot] of dict.spots) out.spots.set(key, spot)
  return out
}
