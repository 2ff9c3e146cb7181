import { expect, test } from 'vitest'
import { planWithWarnings } from '../../../controller/lint/lint.ts'
import { resolveTargets } from '../../../controller/plan/targets.ts'
import { createCatalogue } from '../../../controller/publish/catalogue.ts'
import { clusterText, inventoryOf, planOf } from '../../support/inventory.ts'

const text = `${clusterText('pg_services: [ { name: s, port: 6000, selector: "[]", check: /nosuch } ]')}    pg-two: { hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-two } }\n`

function look(cluster: string) {
  const loaded = inventoryOf(text)
  const catalogue = createCatalogue({
    load: async () => loaded,
    fingerprint: async () => 'same',
    resolve: resolveTargets,
    compute: planWithWarnings,
  })
  return catalogue.look(cluster, [], 'cluster', new Set())
}

test('a publish is told what lint warns of, for the clusters that it publishes', async () => {
  const one = await look('pg-test')
  const two = await look('pg-two')

  expect(one.plan.problems.map(({ owner, code }) => `${owner} ${code}`)).toEqual(['pg-test CHECK_UNKNOWN'])
  expect(two.plan.problems.map(({ owner, code }) => `${owner} ${code}`)).toEqual(['pg-two SELECTOR_EMPTY'])
})

test('warnings change nothing of what is published', async () => {
  const { plan } = await look('pg-test')
  const plain = planOf(inventoryOf(text), { owners: new Set(['pg-test']), node: false })

  expect(plan.owners).toEqual(plain.owners)
  expect(plan.owners.map(({ owner }) => owner)).toEqual(['pg-test'])
})
