/**
 * The words of Pigsty 1.x in today's words.
 *
 * A definition is read as if it had been written with today's keys; what its author wrote is kept for messages.
 * Source: the service definitions of Pigsty 1.5.1 and 2.0.
 */
import { Dict, type Key, type Value } from '../values/value.ts'

/** A definition in today's words. */
export interface Wording {
  readonly dict: Dict
  /** What the author wrote for a word of today: `port` → `src_port`, `maxconn` → `haproxy.maxconn`. */
  readonly written: ReadonlyMap<Key, string>
  /** It says `src_port`, so what it leaves out means what it meant in 1.x. */
  readonly isOld: boolean
  /** Things that it says twice, in both words. */
  readonly twice: readonly Twice[]
}

export interface Twice {
  readonly now: string
  /** The other word, and the mapping and key to find it at. */
  readonly old: string
  readonly dict: Dict
  readonly key: string
}

type Words = readonly (readonly [now: string, old: string])[]

const clusterWords: Words = [
  ['ip', 'src_ip'],
  ['port', 'src_port'],
  ['dest', 'dst_port'],
  ['check', 'check_url'],
  ['backup', 'selector_backup'],
]
const nodeWords: Words = clusterWords.slice(0, 2)

/** In the mapping `haproxy` of a definition. */
const clusterInner: Words = [
  ['maxconn', 'maxconn'],
  ['balance', 'balance'],
  ['options', 'default_server_options'],
]
const nodeInner: Words = [...clusterInner.slice(0, 2), ['default', 'default_server_options']]

const translated = { cluster: new WeakMap<Dict, Wording>(), node: new WeakMap<Dict, Wording>() }

/**
 * Members share their definitions, so that one definition gives one wording.
 *
 * @param kind - `cluster` for a cluster's services, `node` for haproxy_services
 */
export function wordingOf(dict: Dict, kind: 'cluster' | 'node'): Wording {
  const known = translated[kind].get(dict)
  if (known !== undefined) return known
  const fresh = translate(dict, kind)
  translated[kind].set(dict, fresh)
  return fresh
}

function translate(dict: Dict, kind: 'cluster' | 'node'): Wording {
  const found = [
    ...wordsIn(dict, kind === 'cluster' ? clusterWords : nodeWords, ''),
    ...wordsIn(innerOf(dict), kind === 'cluster' ? clusterInner : nodeInner, 'haproxy.'),
  ]
  if (found.length === 0) return { dict, written: new Map(), isOld: false, twice: [] }
  const today = copyOf(dict)
  const written = new Map<Key, string>()
  for (const { now, old, source, key, value } of found) {
    if (dict.has(now)) continue
    today.set(now, value)
    const spot = source.spots.get(key)
    if (spot !== undefined) today.spots.set(now, spot)
    written.set(now, old)
  }
  const twice = found
    .filter(({ now }) => dict.has(now))
    .map(({ now, old, source, key }) => ({ now, old, dict: source, key }))
  return { dict: today, written, isOld: dict.has('src_port'), twice }
}

interface Found {
  readonly now: string
  readonly old: string
  readonly source: Dict
  readonly key: string
  readonly value: Value
}

function wordsIn(source: Dict | undefined, words: Words, prefix: string): Found[] {
  if (source === undefined) return []
  return words.flatMap(([now, key]) => {
    const value = source.get(key)
    return value === undefined ? [] : [{ now, old: prefix + key, source, key, value }]
  })
}

function innerOf(dict: Dict): Dict | undefined {
  const inner = dict.get('haproxy')
  return inner instanceof Dict ? inner : undefined
}

function copyOf(dict: Dict): Dict {
  const copy = new Dict(dict)
  copy.spot = dict.spot
  for (const [key, spot] of dict.spots) copy.spots.set(key, spot)
  return copy
}
