/** Which set takes the place of a service directory that is gone. Pure. */

export interface KnownSets {
  /** Number of the last generation that went through, by the agent's memory; 0 when there was none, or it is lost. */
  readonly remembered: number
  /** The same by the mark beside the generations; 0 without one. */
  readonly marked: number
  /** Numbers of the generations that are there. */
  readonly generations: readonly number[]
  /** Numbers of the directories that were put aside for a generation, and are there. */
  readonly asides: readonly number[]
}

export interface SetOnDisk {
  readonly kind: 'generation' | 'aside'
  readonly number: number
}

/**
 * The newest that is known to be good. A generation is not, just for being there: an apply may have been cut off before
 * HAProxy was seen to run it. What it was to replace is.
 *
 * @returns undefined where nothing on disk is as new as what the agent has in its memory, or nothing is there at all
 */
export function newestGood({ remembered, marked, generations, asides }: KnownSets): SetOnDisk | undefined {
  const newest = Math.max(0, ...generations)
  // The next one is made only when the one before went through.
  const succeeded = generations.filter((number) => number < newest)
  const known = Math.max(remembered, marked, ...succeeded)
  const aside = Math.max(0, ...asides)
  if (aside > known && aside >= newest) return { kind: 'aside', number: aside }
  if (generations.includes(known)) return { kind: 'generation', number: known }
  if (remembered > 0 && remembered === known) return undefined
  // What is known to be the newest is gone; whatever is left is older, or was not seen to run.
  const left = generations.filter((number) => number > remembered)
  const older = left.filter((number) => number < known)
  if (left.length > 0) return { kind: 'generation', number: Math.max(...(older.length > 0 ? older : left)) }
  return remembered === 0 && aside > 0 ? { kind: 'aside', number: aside } : undefined
}
