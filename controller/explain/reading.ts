/** What a variable of a member is, as servers and selectors see it, and who says so. */

import type { LineupMember } from '../plan/lineup.ts'
import type { Value } from '../values/value.ts'
import type { Leading } from './leading.ts'
import type { Redact } from './secret.ts'
import type { Place, Subject } from './subject.ts'

export interface Reading {
  readonly name: string
  /** Undefined when the member has none. */
  readonly value: Value | undefined
  /** The place that counts, then the ones that it overrides. */
  readonly places: readonly Place[]
  /** A role default that exists, and that neither selectors nor servers see. */
  readonly unseenDefault: boolean
  /** The value is not the inventory's: another member leads. */
  readonly assumed: boolean
}

export type Read = (name: string) => Reading

export function readerOf(member: LineupMember, subject: Subject, leading: Leading, redact: Redact): Read {
  return (name) => {
    const places = subject.places(name).map((place) => ({ ...place, value: redact(name, place.value) }))
    const value = member.view.get(name)
    return {
      name,
      value: value === undefined ? undefined : redact(name, value),
      places: places.filter(({ kind }) => kind !== 'default'),
      unseenDefault: value === undefined && places.some(({ kind }) => kind === 'default'),
      assumed: name === 'pg_role' && leading.changedRoles.has(member.host),
    }
  }
}
