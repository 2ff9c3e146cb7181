/**
 * What is worth a hint in what etcd says about leaders. Pure: what was told before goes in, what to tell now comes out.
 *
 * Only a difference is a hint: Patroni writes the same name again when its lease is a new one. Its `failover` key is
 * not among what is read: it is an intention, and says nothing that the removal of the leader key does not say
 * before a new leader can exist (docs/decisions.md).
 */
import { unknownTimeline } from '../../shared/model/leader.ts'
import type { OutsideHint } from '../leaders/leader-desk.ts'
import { type LeaderKey, leaderKeyOf, memberOf } from './leader-key.ts'

/** Leader keys and their values, as last told. */
export type Leaders = ReadonlyMap<string, string>

/** A change of any key; no value when it was removed. */
export interface KeyChange {
  readonly key: string
  readonly value: string | undefined
}

export interface Told {
  readonly leaders: Leaders
  /** In the order in which things happened. */
  readonly hints: readonly OutsideHint[]
}

/**
 * After a whole reading: whatever happened meanwhile, only how it came out counts.
 *
 * @param read - every key below the prefix, or only the leader keys among them
 */
export function afterReading(told: Leaders, read: readonly KeyChange[], prefix: string): Told {
  const there = new Set(read.map(({ key }) => key))
  const gone = [...told.keys()].filter((key) => !there.has(key)).map((key) => ({ key, value: undefined }))
  return afterChanges(told, [...gone, ...read], prefix)
}

/** After changes that were watched, oldest first: each counts, also one that the next takes back. */
export function afterChanges(told: Leaders, changes: readonly KeyChange[], prefix: string): Told {
  const hints: OutsideHint[] = []
  // Most changes are of other keys; there is one copy at most.
  let copy: Map<string, string> | undefined
  for (const { key, value } of changes) {
    const at = leaderKeyOf(key, prefix)
    const before = (copy ?? told).get(key)
    if (at === undefined || value === before) continue
    copy ??= new Map(told)
    if (value === undefined) copy.delete(key)
    else copy.set(key, value)
    hints.push(hintOf(at, memberOf(value ?? ''), memberOf(before ?? '')))
  }
  return { leaders: copy ?? told, hints }
}

function hintOf({ scope, group }: LeaderKey, instance: string, before: string): OutsideHint {
  return { scope, group, instance, before, timeline: unknownTimeline, source: 'etcd' }
}
