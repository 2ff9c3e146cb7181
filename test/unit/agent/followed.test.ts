import { expect, test } from 'vitest'
import { withFollowed } from '../../../agent/apply/followed.ts'
import type { Assignment, FollowPolicy } from '../../../shared/model/snapshot.ts'

function assignment(follow: FollowPolicy): Assignment {
  const variants = ['pg-a-1', 'pg-a-2'].map((leader) => ({ leader, files: [] }))
  return { owner: 'pg-a', revision: 1, variants, leader: 'pg-a-1', members: [], services: [], follow }
}

test.each<[FollowPolicy, string, string]>([
  ['default', 'pg-a-2', 'pg-a-2'],
  ['on', 'pg-a-2', 'pg-a-2'],
  ['on', 'pg-a-9', 'pg-a-1'],
  ['report', 'pg-a-2', 'pg-a-1'],
  ['off', 'pg-a-2', 'pg-a-1'],
])('with policy %s, after %s was followed, %s leads', (follow, leader, expected) => {
  const snapshot = { version: 1, assignments: [assignment(follow)] }

  const known = withFollowed(snapshot, { 'pg-a': { leader, sinceMs: 5 } })

  expect(known.assignments.map((one) => one.leader)).toEqual([expected])
})
