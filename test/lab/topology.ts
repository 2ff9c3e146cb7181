/** The hosts of the usual lab, its inventory, and what a client must find at each port. */
import type { HostSpec } from './host.ts'
import type { Expectation } from './proof.ts'

export const ADMIN: HostSpec = { name: 'admin', address: '10.10.10.10' }

/** Cluster pg-test, whose members carry its services themselves. */
export const MEMBERS: readonly HostSpec[] = [
  { name: 'pg-test-1', address: '10.10.10.11' },
  { name: 'pg-test-2', address: '10.10.10.12' },
  { name: 'pg-test-3', address: '10.10.10.13' },
]

/** Cluster pg-src, whose services the proxies carry. */
export const DELEGATED: readonly HostSpec[] = [
  { name: 'pg-src-1', address: '10.10.10.14' },
  { name: 'pg-src-2', address: '10.10.10.15' },
]

/** Provider group "proxy". */
export const PROXIES: readonly HostSpec[] = [
  { name: 'proxy-1', address: '10.10.10.18' },
  { name: 'proxy-2', address: '10.10.10.19' },
]

/** Inventory of the lab. Tests edit its text as an operator would. */
export const INVENTORY = `# The lab's inventory, in the shape of Pigsty's own.
all:
  children:
    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }

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
              - { name: pg-src-1 ,ip: 10.10.10.14 ,port: 6432 ,options: check }
              - { name: pg-src-2 ,ip: 10.10.10.15 ,port: 6432 ,options: check ,backup: true }

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

    # A cluster whose services are carried by the group proxy.
    pg-src:
      hosts:
        10.10.10.14: { pg_seq: 1, pg_role: primary }
        10.10.10.15: { pg_seq: 2, pg_role: replica }
      vars:
        pg_cluster: pg-src
        pg_service_provider: proxy
        pg_default_services:
          - { name: primary ,port: 10014 ,dest: postgres ,check: /primary ,selector: "[]" }
          - { name: replica ,port: 10015 ,dest: pgbouncer ,check: /read-only ,selector: "[? pg_role == 'replica']" ,backup: "[? pg_role == 'primary']" }

  vars:
    version: v4.5.0
    admin_ip: 10.10.10.10
    region: default
`

const ON_MEMBERS: readonly Omit<Expectation, 'node'>[] = [
  { port: 5433, service: 'pg-test-primary', answers: ['pg-test-1 primary 6432'] },
  { port: 5434, service: 'pg-test-replica', answers: ['pg-test-2 replica 6432', 'pg-test-3 replica 6432'] },
  { port: 5436, service: 'pg-test-default', answers: ['pg-test-1 primary 5432'] },
  { port: 5438, service: 'pg-test-offline', answers: ['pg-test-3 replica 5432'] },
]

const ON_PROXIES: readonly Omit<Expectation, 'node'>[] = [
  { port: 10014, service: 'pg-src-primary', answers: ['pg-src-1 primary 5432'] },
  { port: 10015, service: 'pg-src-replica', answers: ['pg-src-2 replica 6432'] },
]

const OWN_OF_PROXIES: readonly Omit<Expectation, 'node'>[] = [
  { port: 9000, service: 'source', answers: ['pg-src-1 primary 6432'] },
]

function onEach(nodes: readonly HostSpec[], ports: readonly Omit<Expectation, 'node'>[]): Expectation[] {
  return nodes.flatMap((node) => ports.map((port) => ({ node: node.address, ...port })))
}

/** After `pgsql-svc pg-test`. */
export const PG_TEST_EXPECTED = onEach(MEMBERS, ON_MEMBERS)

/** After `pgsql-svc pg-src`. */
export const PG_SRC_EXPECTED = onEach(PROXIES, ON_PROXIES)

/** After `pgsvc node proxy`. */
export const PROXY_OWN_EXPECTED = onEach(PROXIES, OWN_OF_PROXIES)
