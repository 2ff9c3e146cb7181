/** What the operator should know when the leader that was followed is not the one that the inventory names. */
import type { OwnerPlan } from '../plan/owner-plan.ts'
import { isFollowed } from '../store/assignment.ts'
import type { LeaderRecord } from '../store/store.ts'
import type { Notice } from './events.ts'

/** @param record - the leader followed last */
export function leaderNotice(plan: OwnerPlan, record: LeaderRecord | undefined): Notice | undefined {
  const { owner, leader, members } = plan
  if (record === undefined || leader === '' || record.leader === leader) return undefined
  if (!isFollowed(plan)) return undefined
  const since = new Date(record.sinceMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const said = `inventory says ${leader} leads, Patroni says ${record.leader} since ${since}`
  if (members.some(({ instance }) => instance === record.leader)) {
    const message = `${said}: its variant stays in place`
    return { code: 'LEADER_FOLLOWED', message, hint: `edit pg_role of ${owner} to match`, owner }
  }
  const message = `${said}, and is no member of it: the variant of ${leader} is put in place`
  return { code: 'LEADER_UNKNOWN', message, hint: `put ${record.leader} into the inventory`, owner }
}
