/** Waits until a node is at rest, and says what is there then that was not there before. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Footprint, leastOf } from './footprint.ts'

const lookEveryMs = 100
/** A look may fall on a moment in which something is open; not all of so many do. */
const fewestLooks = 10
/** Sessions stay for 2 s, then their workers end; a busy machine takes its time over it. */
const patienceMs = 60_000
const mostNames = 20

/**
 * Looks until nothing is left of what comes and goes with applies and traffic.
 *
 * @param before - looks also until there is no more of anything than there was; what leaked outlasts the patience
 * @returns what no look missed, by number
 */
export async function atRest(look: () => Promise<Footprint>, before?: Footprint): Promise<Footprint> {
  const endMs = performance.now() + patienceMs
  let least = await look()
  for (let looks = 1; performance.now() < endMs; looks += 1) {
    if (looks >= fewestLooks && isQuiet(least) && (!before || leaksOf(before, least).length === 0)) break
    await sleep(lookEveryMs)
    least = leastOf(least, await look())
  }
  return least
}

function isQuiet({ children, oldWorkers, temporaryFiles }: Footprint): boolean {
  return children.length + oldWorkers.length + temporaryFiles.length === 0
}

/** @returns one line for each kind of which there is more, with what was not there before */
export function leaksOf(before: Footprint, after: Footprint): readonly string[] {
  return [
    ...leak('descriptors of the agent', before.descriptors, after.descriptors),
    ...leak("descriptors of HAProxy's master", before.masterDescriptors, after.masterDescriptors),
    ...leak('processes of the agent', [], after.children),
    ...leak('old workers', [], after.oldWorkers),
    ...leak('temporary files', [], after.temporaryFiles),
    ...leak('files', before.files, after.files),
  ]
}

function leak(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const more = after.length - before.length
  if (more <= 0) return []
  const known = [...before]
  const fresh = after.filter((name) => {
    const at = known.indexOf(name)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
  return [`${more} more ${what} than before, among ${fresh.slice(0, mostNames).join(', ')}`]
}
