/**
 * How gently one file's new text can be brought into a worker that has loaded another one. Pure.
 *
 * `same`: a running HAProxy does the same with both. `weights`: only servers' weights differ, and HAProxy's run-time API can
 * set them. `other`: it has to load the file anew. Source: HAProxy 2.6 management guide, 9.3 (`set server
 * <b>/<s> weight`), and manual, 5.2 (`weight`).
 */
import { canonicalText } from '../../shared/haproxy/canonical.ts'
import { canWaitForReload } from '../../shared/haproxy/server-state.ts'
import { splitWords } from '../../shared/haproxy/words.ts'

/** Why HAProxy has to load its files anew. */
export type ReloadCause =
  | 'added'
  | 'changed'
  | 'removed'
  | 'restored'
  | 'not-known-loaded'
  | 'cut-off'
  | 'runtime-failed'

export interface WeightChange {
  readonly section: string
  readonly server: string
  readonly from: number
  readonly to: number
}

export type TextChange =
  | { readonly kind: 'same' }
  | { readonly kind: 'weights'; readonly changes: readonly WeightChange[] }
  | { readonly kind: 'other' }

/** A server's weight when nobody says one. */
const usualWeight = 1

/** @param loaded - what the running worker has loaded */
export function classifyChange(loaded: string, text: string): TextChange {
  const [before, after] = [runningText(loaded), runningText(text)]
  if (before === after) return { kind: 'same' }
  const [old, next] = [readWeights(before), readWeights(after)]
  if (old === undefined || next === undefined || old.rest !== next.rest) return { kind: 'other' }
  const changes = next.servers.flatMap(({ section, server, weight }, index): WeightChange[] => {
    const from = old.servers[index]?.weight ?? weight
    return from === weight ? [] : [{ section, server, from, to: weight }]
  })
  return changes.length === 0 ? { kind: 'same' } : { kind: 'weights', changes }
}

/** Directives that HAProxy follows while it starts; a running worker has no use for them. */
const startOnly = /^(load-server-state-from-file|server-state-file-name|description)( |$)/

function runningText(text: string): string {
  return canonicalText(text)
    .split('\n')
    .filter((line) => !startOnly.test(line) && !canWaitForReload(line))
    .join('\n')
}

interface Weights {
  /** The text without weights; two texts with the same rest have the same servers in the same order. */
  readonly rest: string
  readonly servers: readonly { readonly section: string; readonly server: string; readonly weight: number }[]
}

/** @returns undefined for a text whose weights cannot be set at run time, or not be told for certain */
function readWeights(canonical: string): Weights | undefined {
  const rest: string[] = []
  const servers: { section: string; server: string; weight: number }[] = []
  let section = ''
  let usual = usualWeight
  for (const line of canonical.split('\n')) {
    const words = splitWords(line)
    if (words === undefined) return undefined
    const [keyword = '', name = ''] = words
    if (keyword === 'listen') {
      section = name
      usual = usualWeight
    }
    if (keyword !== 'server' && keyword !== 'default-server') {
      rest.push(line)
      continue
    }
    const found = takeWeight(words)
    if (found === undefined) return undefined
    rest.push(JSON.stringify(found.rest))
    if (keyword === 'default-server') usual = found.weight ?? usual
    else servers.push({ section, server: name, weight: found.weight ?? usual })
  }
  return { rest: rest.join('\n'), servers }
}

/** Words whose agent sets a weight relative to the one that was loaded: the two would get in each other's way. */
const weighsItself = 'agent-check'

function takeWeight(
  words: readonly string[],
): { readonly rest: readonly string[]; readonly weight: number | undefined } | undefined {
  if (words.includes(weighsItself)) return undefined
  const at = words.indexOf('weight', 1)
  if (at < 0) return { rest: words, weight: undefined }
  const value = words[at + 1] ?? ''
  const isPlain = /^\d{1,3}$/.test(value) && Number(value) <= 256 && words.indexOf('weight', at + 1) < 0
  return isPlain ? { rest: words.toSpliced(at, 2), weight: Number(value) } : undefined
}
