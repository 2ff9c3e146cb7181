import { describe, expect, test } from 'vitest'
import { lint } from '../../../controller/lint/lint.ts'
import { clusterText, inventoryOf } from '../../support/inventory.ts'

const service = (port: number | string, ip = '*') =>
  `pg_services: [ { name: s, port: ${port}, ip: '${ip}', selector: "[]" } ]`

function found(text: string): string[] {
  return lint(inventoryOf(text)).map(
    ({ severity, code, message }) => `${severity} ${code} ${/by (\S+)/.exec(message)?.[1]}`,
  )
}

describe('ports that a member needs for itself', () => {
  test.each([
    [5432, 'PostgreSQL'],
    [6432, 'pgbouncer'],
    [8008, 'Patroni'],
    [9630, 'pg_exporter'],
    [9631, 'pgbouncer_exporter'],
    [9100, 'node_exporter'],
    [9101, "HAProxy's"],
  ])('%i is taken', (port, what) => {
    expect(found(clusterText(service(port)))).toEqual([`error PORT_TAKEN ${what}`])
  })

  test.each([
    [5433, 'pg_port: 5433\npg_default_services: []', ['error PORT_TAKEN PostgreSQL']],
    [5432, 'pg_port: 5431', []],
    [6432, 'pgbouncer_enabled: false', []],
    [9101, 'haproxy_exporter_port: 9102', []],
    [9854, '', ['warning PORT_LIKELY_TAKEN pgbackrest_exporter']],
    [22, '', ['warning PORT_LIKELY_TAKEN sshd']],
    [9598, 'version: v4.0.0', ['warning PORT_LIKELY_TAKEN vector']],
    [9598, 'version: v3.5.0', []],
    [9080, 'version: v3.5.0', ['warning PORT_LIKELY_TAKEN promtail']],
  ])('%i with %j gives %j', (port, vars, expected) => {
    expect(found(clusterText(`${service(port)}\n${vars}`))).toEqual(expected)
  })

  test('another address than what PostgreSQL listens on is free', () => {
    const listen = `pg_listen: '\${ip},\${lo}'\nvip_address: 10.10.10.3\nvip_enabled: true`
    expect(found(clusterText(`${service(5432, '10.10.10.3')}\n${listen}`))).toEqual([])
    expect(
      found(clusterText(`${service(5432, '10.10.10.3')}\nvip_address: 10.10.10.3\nvip_enabled: true`)),
    ).toEqual(['error PORT_TAKEN PostgreSQL'])
  })
})

test('proxies need no port of PostgreSQL', () => {
  const text = `${clusterText(`${service(5432)}\npg_service_provider: lb`)}    lb: { hosts: { 10.10.10.18: {} } }\n`
  expect(found(text)).toEqual([])
})

const own = (port: number) => `haproxy_services: [ { name: w, port: ${port}, servers: [] } ]`

test.each([
  [2379, 'etcd: { hosts: { 10.10.10.30: { etcd_seq: 1, OWN } } }', ['error PORT_TAKEN etcd']],
  [
    9000,
    'minio: { hosts: { 10.10.10.30: { minio_seq: 1, minio_cluster: minio, OWN } } }',
    ['error PORT_TAKEN minio'],
  ],
  [
    6379,
    'r: { hosts: { 10.10.10.30: { redis_node: 1, redis_cluster: r, redis_instances: { 6379: {} }, OWN } } }',
    ['error PORT_TAKEN redis'],
  ],
  [3000, 'infra: { hosts: { 10.10.10.30: { infra_seq: 1, OWN } } }', ['warning PORT_LIKELY_TAKEN grafana']],
  [80, 'infra: { hosts: { 10.10.10.30: { nginx_enabled: false, OWN } } }', []],
  [9059, 'infra: { hosts: { 10.10.10.30: { OWN } } }', ['warning PORT_LIKELY_TAKEN alertmanager']],
  [
    9093,
    'infra: { hosts: { 10.10.10.30: { version: v3.5.0, OWN } } }',
    ['warning PORT_LIKELY_TAKEN alertmanager'],
  ],
  [9000, 'web: { hosts: { 10.10.10.30: { OWN } } }', []],
])('haproxy_services on %i beside %s', (port, group, expected) => {
  expect(found(`all:\n  children:\n    ${group.replace('OWN', own(port))}\n`)).toEqual(expected)
})

test('one line to mend is one finding, on however many nodes', () => {
  const findings = lint(inventoryOf(clusterText(service(9100))))
  expect(findings.map(({ message }) => message)).toEqual([
    'port 9100 of pg-test-s is taken by node_exporter (node_exporter_port) on 10.10.10.11 and 2 more',
  ])
})
