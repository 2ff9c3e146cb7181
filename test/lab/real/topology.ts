/** Clusters and hosts of the real lab, in parts that can be left out, and the inventory that describes them. */
import type { HostSpec } from '../host.ts'
import type { Expectation } from '../proof.ts'

/** `test`: three members, 10.10.10.11-13. `duo`: a primary and a replica, 14-15. `proxy`: two proxies, 18-19, that carry the cluster on 16-17. */
export type Part = 'test' | 'duo' | 'proxy'

export const PARTS: readonly Part[] = ['test', 'duo', 'proxy']

/** A host with a PostgreSQL. */
export interface MemberSpec extends HostSpec {
  /** The cluster, Patroni's scope. The first member of a cluster is its first leader. */
  readonly cluster: string
}

export const ADMIN: HostSpec = { name: 'admin', address: '10.10.10.10' }

const CLUSTER_OF: Readonly<Record<Part, string>> = { test: 'pg-test', duo: 'pg-duo', proxy: 'pg-meta' }
const ADDRESSES: Readonly<Record<Part, readonly string[]>> = {
  test: ['10.10.10.11', '10.10.10.12', '10.10.10.13'],
  duo: ['10.10.10.14', '10.10.10.15'],
  proxy: ['10.10.10.16', '10.10.10.17'],
}
const PROXIES: readonly HostSpec[] = [
  { name: 'proxy-1', address: '10.10.10.18' },
  { name: 'proxy-2', address: '10.10.10.19' },
]

/** Hosts with a PostgreSQL, in the order of the inventory. */
export function membersOf(part: Part): readonly MemberSpec[] {
  const cluster = CLUSTER_OF[part]
  return ADDRESSES[part].map((address, index) => ({ name: `${cluster}-${index + 1}`, address, cluster }))
}

/** Hosts with HAProxy and an agent. Members of a cluster that proxies carry have none. */
export function nodesOf(part: Part): readonly HostSpec[] {
  return part === 'proxy' ? PROXIES : membersOf(part)
}

// Roles as in the sample inventory of Pigsty: the third member takes offline queries.
const TEST_GROUP = `
    # Three members that carry their own services: 5433, 5434, 5436, 5438 by default, and one more.
    pg-test:
      hosts:
        10.10.10.11: { pg_seq: 1, pg_role: primary }
        10.10.10.12: { pg_seq: 2, pg_role: replica }
        10.10.10.13: { pg_seq: 3, pg_role: replica, pg_offline_query: true }
      vars:
        pg_cluster: pg-test
        pg_services:
          - { name: standby ,port: 5435 ,dest: postgres ,check: /health ,selector: "[]" ,maxconn: 5000 }
`

const DUO_GROUP = `
    # One primary, one replica: who serves 5438 depends on who leads.
    pg-duo:
      hosts:
        10.10.10.14: { pg_seq: 1, pg_role: primary }
        10.10.10.15: { pg_seq: 2, pg_role: replica }
      vars:
        pg_cluster: pg-duo
`

const PROXY_GROUPS = `
    # Two load balancers that carry the services of others, and one of their own.
    proxy:
      hosts:
        10.10.10.18: { nodename: proxy-1 }
        10.10.10.19: { nodename: proxy-2 }
      vars:
        node_cluster: proxy
        haproxy_services:
          - name: source
            port: 9000
            balance: leastconn
            servers:
              - { name: pg-meta-1 ,ip: 10.10.10.16 ,port: 6432 ,options: check }
              - { name: pg-meta-2 ,ip: 10.10.10.17 ,port: 6432 ,options: check ,backup: true }

    # A cluster whose services are carried by the group proxy.
    pg-meta:
      hosts:
        10.10.10.16: { pg_seq: 1, pg_role: primary }
        10.10.10.17: { pg_seq: 2, pg_role: replica }
      vars:
        pg_cluster: pg-meta
        pg_service_provider: proxy
        pg_default_services:
          - { name: primary ,port: 10016 ,dest: pgbouncer ,check: /primary ,selector: "[]" }
          - { name: replica ,port: 10017 ,dest: pgbouncer ,check: /read-only ,selector: "[? pg_role == 'replica']" ,backup: "[? pg_role == 'primary']" }
          - { name: default ,port: 10018 ,dest: postgres ,check: /primary ,selector: "[]" }
`

const GROUPS: Readonly<Record<Part, string>> = { test: TEST_GROUP, duo: DUO_GROUP, proxy: PROXY_GROUPS }

/** Inventory of these parts. Tests edit its text as an operator would. */
export function inventoryOf(parts: readonly Part[]): string {
  const groups = PARTS.filter((part) => parts.includes(part)).map((part) => GROUPS[part])
  return `# The lab's inventory, in the shape of Pigsty's own.
all:
  children:
    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }
${groups.join('')}
  vars:
    version: v4.5.0
    admin_ip: 10.10.10.10
    region: default
`
}

/** What clients of a cluster's ports must reach while its first member leads, on every node that carries them. */
export function expectationsOf(part: Part): readonly Expectation[] {
  return nodesOf(part).flatMap((node) => PORTS[part].map((port) => ({ node: node.address, ...port })))
}

const PORTS: Readonly<Record<Part, readonly Omit<Expectation, 'node'>[]>> = {
  test: [
    { port: 5433, service: 'pg-test-primary', answers: ['pg-test-1 primary 6432'] },
    { port: 5434, service: 'pg-test-replica', answers: ['pg-test-2 replica 6432', 'pg-test-3 replica 6432'] },
    { port: 5436, service: 'pg-test-default', answers: ['pg-test-1 primary 5432'] },
    { port: 5438, service: 'pg-test-offline', answers: ['pg-test-3 replica 5432'] },
  ],
  duo: [
    { port: 5433, service: 'pg-duo-primary', answers: ['pg-duo-1 primary 6432'] },
    { port: 5434, service: 'pg-duo-replica', answers: ['pg-duo-2 replica 6432'] },
    { port: 5436, service: 'pg-duo-default', answers: ['pg-duo-1 primary 5432'] },
    { port: 5438, service: 'pg-duo-offline', answers: ['pg-duo-2 replica 5432'] },
  ],
  proxy: [
    { port: 10016, service: 'pg-meta-primary', answers: ['pg-meta-1 primary 6432'] },
    { port: 10017, service: 'pg-meta-replica', answers: ['pg-meta-2 replica 6432'] },
    { port: 10018, service: 'pg-meta-default', answers: ['pg-meta-1 primary 5432'] },
  ],
}

/** After `pgsvc node proxy`. */
export const PROXY_OWN_EXPECTED: readonly Expectation[] = PROXIES.map((node) => ({
  node: node.address,
  port: 9000,
  service: 'source',
  answers: ['pg-meta-1 primary 6432'],
}))
