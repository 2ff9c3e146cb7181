import { expect, test } from 'vitest'
import { hostsMeant, providersLeftOut } from '../../../controller/enroll/known-nodes.ts'
import { inventoryOf } from '../../support/inventory.ts'

const loaded = inventoryOf(`
all:
  children:
    proxy: { hosts: { 10.10.10.18: , 10.10.10.19: } }
    pg-test: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-test } }
    pg-del:
      hosts: { 10.10.10.31: { pg_seq: 1, pg_role: primary } }
      vars: { pg_cluster: pg-del, pg_service_provider: proxy }
`)

function leftOut(...patterns: string[]): readonly string[] {
  return providersLeftOut(loaded, patterns, hostsMeant(loaded, patterns))
}

test('a cluster means its members, and it is said who carries its services', () => {
  expect(hostsMeant(loaded, ['pg-del']).map(({ name }) => name)).toEqual(['10.10.10.31'])
  expect(leftOut('pg-del')).toEqual([
    'the services of pg-del are on 10.10.10.18 10.10.10.19, which are not meant: "pgsvc enroll proxy"',
  ])
})

test.each([[['pg-test']], [['pg-del', 'proxy']], [['proxy']], [['10.10.10.31']], [['all']]])(
  '%j leaves nobody out',
  (patterns) => {
    expect(leftOut(...patterns)).toEqual([])
  },
)
