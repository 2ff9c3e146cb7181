import { expect, test } from 'vitest'
import { assignmentOf } from '../../../controller/store/assignment.ts'
import { samplePlan } from './sample.ts'

const { plan } = samplePlan('pg-a', ['n1', 'n2', 'n3', 'n4'], 'one')

test('a node is told both leaders, and how many nodes besides it are no member', () => {
  expect(assignmentOf(plan, 1, 'n3', 'pg-a-2')).toMatchObject({
    ...{ leader: 'pg-a-2', inventoryLeader: 'pg-a-1', outsideNodes: 2 },
  })
  expect(assignmentOf({ ...plan, follow: 'report' }, 1, 'n3', 'pg-a-2')).toMatchObject({
    ...{ leader: 'pg-a-1', inventoryLeader: 'pg-a-1' },
  })
})

test('nobody asks after the leader of what has no members', () => {
  expect(assignmentOf({ ...plan, members: [] }, 1, 'n3', undefined)).toMatchObject({ outsideNodes: 0 })
})
