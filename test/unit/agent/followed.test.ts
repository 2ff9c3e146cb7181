import { expect, test } from 'vitest'
import { asInventory, stillFollowed, withFollowed } from '../../../agent/apply/followed.ts'
import type { Assignment, FollowPolicy } from '../../../shared/model/snapshot.ts'

function assignment(follow: FollowPolicy, inventoryLeader = 'pg-a-1'): Assignment {
  const variants = ['pg-a-1', 'pg-a-2', 'pg-a-3'].map((leader) => ({ leader, files: [] }))
  const who = { leader: 'pg-a-3', inventoryLeader, outsideNodes: 0 }
  return { owner: 'pg-a', revision: 1, variants, members: [], services: [], follow, ...who }
}

test.each<[FollowPolicy, FollowPolicy, string, string]>([
  ['default', 'on', 'pg-a-2', 'pg-a-2'],
  ['default', 'report', 'pg-a-2', 'pg-a-1'],
  ['default', 'off', 'pg-a-2', 'pg-a-1'],
  ['on', 'off', 'pg-a-2', 'pg-a-2'],
  ['on', 'on', 'pg-a-9', 'pg-a-3'],
  ['report', 'on', 'pg-a-2', 'pg-a-1'],
  ['off', 'on', 'pg-a-2', 'pg-a-1'],
])(
  'with policy %s, the agent’s own %s, after %s was followed, a publish lets %s lead',
  (follow, usual, leader, expected) => {
    const sent = { version: 1, assignments: [assignment(follow)] }
    const followed = { 'pg-a': { leader, sinceMs: 5 } }

    const known = withFollowed(asInventory(sent, usual), followed, usual)

    expect(known.assignments.map((one) => one.leader)).toEqual([expected])
    expect(Object.keys(stillFollowed(followed, sent, usual))).toEqual(expected === 'pg-a-1' ? [] : ['pg-a'])
  },
)

test('an agent that does not follow goes by the controller where the inventory’s leader is not known', () => {
  const assignments = [assignment('default', ''), assignment('default', 'pg-a-9')]

  const known = asInventory({ version: 1, assignments }, 'off')

  expect(known.assignments.map((one) => one.leader)).toEqual(['pg-a-3', 'pg-a-3'])
})

test('what an agent that does not follow any more has in place, it puts back as it was', () => {
  const snapshot = { version: 1, assignments: [assignment('default')] }

  const known = withFollowed(snapshot, { 'pg-a': { leader: 'pg-a-2', sinceMs: 5 } }, 'report')

  expect(known.assignments.map((one) => one.leader)).toEqual(['pg-a-3'])
})
