/** What an inventory says about its release, and what depends on it. */
import { describe, expect, test } from 'vitest'
import { releaseOf } from '../../../controller/model/release.ts'
import { clusterText, filesOf, inventoryOf, planOf, viewOf } from '../../support/inventory.ts'

describe('the release', () => {
  test.each([
    ['version: v1.5.1', '{}', '1.5'],
    ['version: 2.0', '{}', '2.0'],
    ['version: "v3.5.0"\npg_services_extra: []', '{}', '3.5'],
    ['pg_services_extra: []', 'pg_rto_plan: {}', '1.5'],
    ['', 'pg_rto_plan: {}', '4.5'],
    ['', 'pg_weight: 100', '3.5'],
    ['version: latest', 'pg_rto_plan: {}', '4.5'],
  ])('of %j with the defaults %j is %s', (vars, defaults, release) => {
    const loaded = inventoryOf(clusterText(vars), { defaults })
    const { major, minor } = releaseOf(viewOf(loaded, '10.10.10.11'), loaded.defaults)
    expect(`${major}.${minor}`).toBe(release)
  })
})

test.each([
  ['v2.0.0', ' weight 100 9999\n'],
  ['v3.4.1', ' weight 100 9999\n'],
  ['v3.5.0', ' weight 100\n'],
  ['v4.5.0', ' weight 100\n'],
])('the mirror of %s puts a numeric check_port where that release did', (version, text) => {
  const services = 'pg_services: [ { name: s, port: 6000, selector: "[]", check_port: 9999 } ]'
  const loaded = inventoryOf(clusterText(`version: ${version}\n${services}`))
  const line = filesOf(planOf(loaded, { strict: true }))['10.10.10.11/pg-test-s.cfg']
  expect(line).toContain(text)
})
