import { describe, expect, test } from 'vitest'
import { resolveTargets } from '../../../controller/plan/targets.ts'
import { inventoryOf } from '../../support/inventory.ts'

const loaded = inventoryOf(`
all:
  children:
    infra: { hosts: { 10.10.10.10: } }
    proxy:
      hosts: { 10.10.10.18: , 10.10.10.19: }
      vars: { haproxy_services: [ { name: own, port: 9000, servers: [] } ] }
    empty: {}
    both: { children: { pg-test: {}, pg-src: {} } }
    pg-test:
      hosts:
        10.10.10.11: { pg_seq: 1, pg_role: primary }
        10.10.10.12: { pg_seq: 2, pg_role: replica }
      vars: { pg_cluster: pg-test }
    pg-src: { hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-src, pg_services: broken } }
    pg-del:
      hosts:
        10.10.10.31: { pg_seq: 1, pg_role: replica }
        10.10.10.32: { pg_seq: 2, pg_role: primary }
      vars: { pg_cluster: pg-del, pg_service_provider: proxy }
    on-proxy:
      hosts: { 10.10.10.18: { pg_seq: 1, pg_role: primary } }
      vars: { pg_cluster: pg-on-proxy }
    nowhere: { hosts: { 10.10.10.41: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-nowhere, pg_service_provider: empty } }
`)

const local = ['10.10.10.11', '10.10.10.12']
const proxies = ['10.10.10.18', '10.10.10.19']

function resolve(pattern: string, nodes: readonly string[] = [], kind: 'cluster' | 'node' = 'cluster') {
  const { owners } = resolveTargets(loaded, pattern, nodes, kind)
  return Object.fromEntries(owners.map((target) => [target.owner, target.nodes]))
}

describe('what a pattern means', () => {
  test.each([
    ['pg-test', { 'pg-test': local }],
    ['10.10.10.11', { 'pg-test': ['10.10.10.11'] }],
    ['both', { 'pg-test': local, 'pg-src': ['10.10.10.21'] }],
    ['pg-test:pg-src', { 'pg-test': local, 'pg-src': ['10.10.10.21'] }],
    ['pg-test,pg-src', { 'pg-test': local, 'pg-src': ['10.10.10.21'] }],
    ['both:&pg-src', { 'pg-src': ['10.10.10.21'] }],
    ['both:!10.10.10.12', { 'pg-test': ['10.10.10.11'], 'pg-src': ['10.10.10.21'] }],
    ['pg-[st]*', { 'pg-test': local, 'pg-src': ['10.10.10.21'] }],
    ['10.10.10.1[12]', { 'pg-test': local }],
    // Delegated: all nodes of the provider, whichever member is named.
    ['pg-del', { 'pg-del': proxies }],
    ['10.10.10.31', { 'pg-del': proxies }],
    // A provider group means the clusters that it carries, and those that live on it.
    ['proxy', { 'pg-on-proxy': ['10.10.10.18'], 'pg-del': proxies }],
    ['10.10.10.19', { 'pg-del': ['10.10.10.19'] }],
    // A cluster is not what others have delegated to its hosts.
    ['pg-on-proxy', { 'pg-on-proxy': ['10.10.10.18'] }],
    ['pg-nowhere', { 'pg-nowhere': [] }],
    ['infra', {}],
  ])('%s is %j', (pattern, expected) => {
    expect(resolve(pattern)).toEqual(expected)
  })

  test('the provider is told', () => {
    expect(resolveTargets(loaded, 'pg-del', [], 'cluster').owners[0]?.provider).toBe('proxy')
    expect(resolveTargets(loaded, 'pg-test', [], 'cluster').owners[0]?.provider).toBe('')
  })

  test.each([
    ['infra', 'TARGET_EMPTY'],
    ['pg-nowhere', 'TARGET_WITHOUT_NODES'],
  ])('%s is fine but warns with %s', (pattern, code) => {
    expect(resolveTargets(loaded, pattern, [], 'cluster').warnings.map((warning) => warning.code)).toEqual([
      code,
    ])
  })

  test('what was probably meant is told first', () => {
    expect(() => resolve('pg-tset')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^did you mean pg-test\? clusters: /) }),
    )
  })

  test.each(['nosuch', 'pg-tes', 'both:nosuch', 'x*', '10.10.10.99'])(
    '%s is unknown, and the right names are told',
    (pattern) => {
      expect(() => resolve(pattern)).toThrow(
        expect.objectContaining({
          code: 'TARGET_UNKNOWN',
          hint: expect.stringContaining('pg-on-proxy, pg-test'),
        }),
      )
    },
  )
})

describe('limits', () => {
  test.each([
    ['pg-test', ['10.10.10.12'], { 'pg-test': ['10.10.10.12'] }],
    ['pg-test', ['10.10.10.12', '10.10.10.11'], { 'pg-test': local }],
    ['pg-del', ['10.10.10.31'], { 'pg-del': proxies }],
    ['pg-del', ['10.10.10.19'], { 'pg-del': ['10.10.10.19'] }],
    ['proxy', ['10.10.10.19'], { 'pg-del': ['10.10.10.19'] }],
    ['both', ['10.10.10.21'], { 'pg-src': ['10.10.10.21'] }],
  ])('%s with %j is %j', (pattern, nodes, expected) => {
    expect(resolve(pattern, nodes)).toEqual(expected)
  })

  test.each([
    ['10.10.10.99', 'NODE_UNKNOWN'],
    ['10.10.10.21', 'NODE_NOT_SERVING'],
    ['10.10.10.18', 'NODE_NOT_SERVING'],
  ])('pg-test with %s is %s, even beside a good one', (node, code) => {
    expect(() => resolve('pg-test', ['10.10.10.11', node])).toThrow(
      expect.objectContaining({ code, hint: 'pg-test is served by 10.10.10.11, 10.10.10.12' }),
    )
  })
})

describe('nodes', () => {
  test.each([
    ['proxy', { 'node:10.10.10.18': ['10.10.10.18'], 'node:10.10.10.19': ['10.10.10.19'] }],
    ['10.10.10.18', { 'node:10.10.10.18': ['10.10.10.18'] }],
    // Named by itself a host is meant even without services: so its last one can be taken away.
    ['10.10.10.10', { 'node:10.10.10.10': ['10.10.10.10'] }],
    ['infra', {}],
    ['all', { 'node:10.10.10.18': ['10.10.10.18'], 'node:10.10.10.19': ['10.10.10.19'] }],
  ])('%s is %j', (pattern, expected) => {
    expect(resolve(pattern, [], 'node')).toEqual(expected)
  })

  test('a cluster that is no group is no node', () => {
    expect(() => resolve('pg-nowhere', [], 'node')).toThrow(
      expect.objectContaining({ code: 'TARGET_UNKNOWN' }),
    )
  })
})

test('a group means also the nodes whose haproxy_services are published and gone from the inventory', () => {
  const carriers = new Set(['10.10.10.11', '10.10.10.99'])

  expect(resolveTargets(loaded, 'pg-test', [], 'node').owners).toEqual([])
  expect(resolveTargets(loaded, 'pg-test', [], 'node').warnings[0]?.message).toBe(
    'pg-test has no haproxy_services to publish',
  )
  expect(resolveTargets(loaded, 'pg-test', [], 'node', carriers).owners).toMatchObject([
    { owner: 'node:10.10.10.11', nodes: ['10.10.10.11'] },
  ])
})
