/** When what the local Patroni says is a reason to look. Pure. */
import { claimsToLead, type PatroniStatus } from './patroni-status.ts'
import type { Hint } from './track.ts'

export interface LocalView {
  /** The local member. */
  readonly instance: string
  /** Leader that the agent goes by. */
  readonly leader: string
}

/**
 * @param status - undefined when Patroni does not answer
 * @param before - at the last poll; undefined also at the first
 * @returns undefined when there is no reason
 */
export function patroniHint(
  status: PatroniStatus | undefined,
  before: PatroniStatus | undefined,
  { instance, leader }: LocalView,
): Hint | undefined {
  const something: Hint = { leader: '', source: 'patroni' }
  const isOwnLead = leader === instance
  if (status === undefined) return before !== undefined && isOwnLead ? something : undefined
  const leads = claimsToLead(status)
  if (leads && !isOwnLead) return { leader: instance, source: 'patroni' }
  if (!leads && isOwnLead) return something
  if (before === undefined) return undefined
  const isNewHistory = status.timeline.timeline !== before.timeline.timeline && before.timeline.timeline !== 0
  return (status.unlocked && !before.unlocked) || isNewHistory ? something : undefined
}
