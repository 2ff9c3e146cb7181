/** What the operator should know when the leader that was followed is not the one that the inventory names. */
import type { OwnerPlan } from '../plan/owner-plan.ts'
import { isFollowed } from '../store/assignment.ts'
import type { LeaderRecord } from '../store/store.ts'
import type { Notice } from './events.ts'

/**
 * @param plan - what is to be assigned
 * @param record - the leader followed last
 * @param before - what is assigned now, in whatever revisions
 */
export function leaderNotice(
  plan: OwnerPlan,
  record: LeaderRecord | undefined,
  before: readonly OwnerPlan[],
): Notice | undefined {
  const { owner, leader, members } = plan
  if (record === undefined || leader === '' || record.leader === leader) return undefined
  const since = new Date(record.sinceMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const said = `inventory says ${leader} leads, Patroni says ${record.leader} since ${since}`
  const isMember = members.some(({ instance }) => instance === record.leader)
  if (!isFollowed(plan)) return before.some(isFollowed) ? fallsBack(plan, record.leader, said) : undefined
  if (isMember) {
    const stays = before.length > 0 && before.every(isFollowed)
    const message = `${said}: its variant ${stays ? 'stays' : 'is put'} in place where agents follow`
    return { code: 'LEADER_FOLLOWED', message, hint: rolesHint(leader, record.leader), owner }
  }
  const message = `${said}, and is no member of it: the variant of ${leader} is put in place`
  return { code: 'LEADER_UNKNOWN', message, hint: `put ${record.leader} into the inventory`, owner }
}

/** Without following it is for the inventory to say who leads, and the inventory is wrong about it. */
function fallsBack({ owner, leader, follow }: OwnerPlan, followed: string, said: string): Notice {
  return {
    code: 'LEADER_LEFT',
    message: `${said}: with pgsvc_follow: ${follow} the variant of ${leader} is put in place`,
    hint: `${rolesHint(leader, followed)} first`,
    owner,
  }
}

function rolesHint(inventory: string, followed: string): string {
  return `give ${followed} pg_role: primary and ${inventory} another`
}
