import type { Dict } from './value.ts'

/** Copies entries with their places; those that are there already are replaced. */
export function copyInto(into: Dict, from: Dict): void {
  for (const [key, value] of from) {
    into.set(key, value)
    const spot = from.spots.get(key)
    if (spot !== undefined) into.spots.set(key, spot)
  }
}
