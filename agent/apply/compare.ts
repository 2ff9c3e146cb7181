/**
 * What has to happen to make the live directory equal a candidate, and whether HAProxy has to notice. Pure.
 */
import { sameMeaning } from '../../shared/haproxy/canonical.ts'
import type { OwnedFile } from '../state/state-file.ts'
import type { CandidateFile } from './candidate.ts'
import { classifyChange, type ReloadCause, type WeightChange } from './classify.ts'

export interface Comparison {
  /** Files whose bytes have to be written. */
  readonly write: readonly string[]
  /** Files of ours that have to go. */
  readonly remove: readonly string[]
  /** Why HAProxy has to reload or, with `weights` alone, what it has to be told; empty when it may run on. */
  readonly reasons: readonly string[]
  /** The kinds of the reasons to reload, each once; empty when no reload is needed. */
  readonly causes: readonly ReloadCause[]
  /** What the running worker can be told instead of a reload; empty when it has to reload. */
  readonly weights: readonly WeightChange[]
}

export interface Compared {
  readonly candidate: ReadonlyMap<string, CandidateFile>
  /** Text of every `.cfg` file in the live directory. */
  readonly live: ReadonlyMap<string, string>
  /** Files that were ours until now. */
  readonly owned: Readonly<Record<string, OwnedFile>>
  /**
   * Text of the files as HAProxy is known to have loaded them; missing names are unknown. The live bytes
   * alone do not tell: somebody may have written them without a reload.
   */
  readonly loaded: ReadonlyMap<string, string>
  /** When it does not, what is on disk at its start is what it will load. */
  readonly isRunning: boolean
  /** HAProxy has loaded nothing since `loaded` was seen: what others did on disk is nothing to it. */
  readonly isStillLoaded: boolean
}

export function compare({ candidate, live, owned, loaded, isRunning, isStillLoaded }: Compared): Comparison {
  const write: string[] = []
  const needs: Need[] = []
  for (const [name, { text }] of candidate) {
    const present = live.get(name)
    if (present !== text) write.push(name)
    const had = loaded.get(name) ?? (isRunning ? undefined : present)
    needs.push(...needOf(name, text, isStillLoaded && had !== undefined ? had : present, had))
  }
  const gone = Object.keys(owned).filter((name) => !candidate.has(name))
  const remove = gone.filter((name) => live.has(name))
  for (const name of gone) {
    const was = loaded.get(name) ?? live.get(name)
    const isUnknown = was === undefined && isRunning
    if (isUnknown || (was !== undefined && !sameMeaning(was, ''))) needs.push(reload(name, 'removed'))
  }
  return { write, remove, ...summed(needs, isRunning) }
}

/** What one file needs of HAProxy. */
type Need =
  | { readonly kind: 'reload'; readonly cause: ReloadCause; readonly reason: string }
  | { readonly kind: 'weights'; readonly name: string; readonly changes: readonly WeightChange[] }

/** One reload does for all; and a HAProxy that does not run reads everything at its start. */
function summed(
  needs: readonly Need[],
  isRunning: boolean,
): Pick<Comparison, 'reasons' | 'causes' | 'weights'> {
  if (isRunning && needs.every(({ kind }) => kind === 'weights')) {
    const weights = needs.flatMap((need) => (need.kind === 'weights' ? need.changes : []))
    return { reasons: weights.map(weightReason), causes: [], weights }
  }
  const reloads = needs.map((need) => (need.kind === 'reload' ? need : reload(need.name, 'changed')))
  const causes = [...new Set(reloads.map(({ cause }) => cause))]
  return { reasons: reloads.map(({ reason }) => reason), causes, weights: [] }
}

function weightReason({ section, server, from, to }: WeightChange): string {
  return `weight of ${section}/${server} is ${to} instead of ${from}`
}

const phrases: Partial<Record<ReloadCause, string>> = { 'not-known-loaded': 'not known to be loaded' }

function reload(name: string, cause: ReloadCause): Extract<Need, { kind: 'reload' }> {
  return { kind: 'reload', cause, reason: `${name} ${phrases[cause] ?? cause}` }
}

function needOf(
  name: string,
  text: string,
  present: string | undefined,
  loaded: string | undefined,
): readonly Need[] {
  if (present === undefined && loaded === undefined) return [reload(name, 'added')]
  const change = loaded === undefined ? undefined : classifyChange(loaded, text)
  if (change?.kind === 'other') return [reload(name, 'changed')]
  if (present === undefined) return [reload(name, 'restored')]
  if (change?.kind === 'weights') {
    // What somebody else wrote meanwhile may have been loaded by somebody else too.
    const isOld = classifyChange(loaded ?? '', present).kind === 'same'
    return isOld ? [{ kind: 'weights', name, changes: change.changes }] : [reload(name, 'changed')]
  }
  if (classifyChange(present, text).kind !== 'same') return [reload(name, 'changed')]
  return loaded === undefined && !sameMeaning(text, '') ? [reload(name, 'not-known-loaded')] : []
}
