/**
 * What has to happen to make the live directory equal a candidate, and whether HAProxy has to notice. Pure.
 */
import { sameMeaning } from '../../shared/haproxy/canonical.ts'
import type { OwnedFile } from '../state/state-file.ts'
import type { CandidateFile } from './candidate.ts'

export interface Comparison {
  /** Files whose bytes have to be written. */
  readonly write: readonly string[]
  /** Files of ours that have to go. */
  readonly remove: readonly string[]
  /** Why HAProxy has to reload; empty when it may run on as it does. */
  readonly reasons: readonly string[]
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
}

export function compare({ candidate, live, owned, loaded, isRunning }: Compared): Comparison {
  const write: string[] = []
  const reasons: string[] = []
  for (const [name, { text }] of candidate) {
    const present = live.get(name)
    if (present !== text) write.push(name)
    const reason = whyReload(text, present, loaded.get(name) ?? (isRunning ? undefined : present))
    if (reason !== undefined) reasons.push(`${name} ${reason}`)
  }
  const gone = Object.keys(owned).filter((name) => !candidate.has(name))
  const remove = gone.filter((name) => live.has(name))
  for (const name of gone) {
    const was = live.get(name) ?? loaded.get(name)
    const isUnknown = was === undefined && isRunning
    if (isUnknown || (was !== undefined && !sameMeaning(was, ''))) reasons.push(`${name} removed`)
  }
  return { write, remove, reasons }
}

function whyReload(
  text: string,
  present: string | undefined,
  loaded: string | undefined,
): string | undefined {
  if (present === undefined && loaded === undefined) return 'added'
  if (loaded !== undefined && !sameMeaning(text, loaded)) return 'changed'
  if (present === undefined) return 'restored'
  if (!sameMeaning(text, present)) return 'changed'
  return loaded === undefined && !sameMeaning(text, '') ? 'not known to be loaded' : undefined
}
