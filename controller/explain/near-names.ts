/** "Did you mean": known names that look like the one that was given. */

/**
 * A hint that names what was probably meant, else what there is.
 *
 * @param what - what the names are, e.g. `clusters`
 */
export function nearHint(name: string, known: readonly string[], what: string): string {
  const near = nearNames(name, known)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  if (known.length === 0) return `there are no ${what}`
  const more = known.length > most ? ` and ${known.length - most} more` : ''
  return `${what}: ${known.slice(0, most).join(', ')}${more}`
}

const most = 20

/** At most three, the nearest first. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const allowed = Math.max(1, Math.floor(name.length / 3))
  return known
    .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase(), allowed) }))
    .filter(({ candidate, far }) => far <= allowed || (wanted.length > 2 && candidate.includes(wanted)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** How many letters must be changed, added, taken away or swapped; more than `limit` where it is more. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let above: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_none, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwapped ? (above[j - 2] ?? 0) + 1 : change
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    above = row
    row = next
  }
  return row.at(-1) ?? 0
}
