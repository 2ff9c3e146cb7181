/**
 * Ports that a node listens on beside its services: what Pigsty puts there, by the inventory's own variables.
 *
 * What a database node or HAProxy itself cannot do without is certain. What hangs on the release, or on how a
 * node was set up, is likely: worth a warning, and no reason to refuse a publish.
 * Source: Pigsty's manual, the tables of ports and parameters of each module.
 */
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { asAppError } from '../model/fault.ts'
import { releaseOf } from '../model/release.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import { Dict, type Value } from '../values/value.ts'
import { indexOf } from './index-of.ts'

export interface NodePort {
  readonly port: string
  /** Addresses it is bound to; `*` for all. */
  readonly addresses: readonly string[]
  /** What listens: `PostgreSQL (pg_port)`. */
  readonly what: string
  /** False when the release or the way the node was set up may say otherwise. */
  readonly sure: boolean
}

/** All ports of a node; a variable that cannot be evaluated tells nothing. */
export function nodePorts(loaded: LoadedInventory, host: Host): NodePort[] {
  const options = { defaults: loaded.defaults, keepUndefined: false }
  const view = new HostView(loaded.inventory, host, options)
  const node = new NodeVariables(view)
  const groups = new Set(host.groupNames)
  const isNew = isFour(loaded, view)
  return [
    ...everyNode(node, isNew),
    ...(indexOf(loaded).clusterOf.has(host.name) ? databaseNode(node) : []),
    ...(groups.has('etcd') && node.has('etcd_seq') ? etcdNode(node) : []),
    ...(node.has('minio_cluster') && node.has('minio_seq') ? minioNode(node) : []),
    ...(node.has('redis_cluster') && node.has('redis_node') ? redisNode(node) : []),
    ...(groups.has('infra') ? infraNode(node, isNew) : []),
  ]
}

function isFour(loaded: LoadedInventory, view: HostView): boolean {
  try {
    return releaseOf(view, loaded.defaults).major >= 4
  } catch (error) {
    asAppError(error)
    return true
  }
}

function everyNode(node: NodeVariables, isNew: boolean): NodePort[] {
  return [
    ...node.when('haproxy_enabled', true, node.certain('haproxy_exporter_port', 9101, "HAProxy's own page")),
    ...node.when('node_exporter_enabled', true, node.certain('node_exporter_port', 9100, 'node_exporter')),
    ...(isNew
      ? node.when('vector_enabled', true, node.likely('vector_port', 9598, 'vector'))
      : node.when('promtail_enabled', true, node.likely('promtail_port', 9080, 'promtail'))),
    ...node.when('vip_enabled', false, node.likely('vip_exporter_port', 9650, 'keepalived_exporter')),
    ...node.when('docker_enabled', false, node.likely('docker_exporter_port', 9323, 'docker')),
    ...node.likely('ansible_port', 22, 'sshd'),
    ...node.keysOf('pg_exporters', 'pg_exporter of a remote PostgreSQL', false),
  ]
}

function databaseNode(node: NodeVariables): NodePort[] {
  const addresses = node.listenAddresses()
  const own = [node.name]
  return [
    ...node.when('patroni_enabled', true, node.certain('pg_port', 5432, 'PostgreSQL', addresses)),
    ...node.when('pgbouncer_enabled', true, node.certain('pgbouncer_port', 6432, 'pgbouncer', addresses)),
    ...node.when('patroni_enabled', true, node.certain('patroni_port', 8008, 'Patroni', own)),
    ...node.when('pg_exporter_enabled', true, node.certain('pg_exporter_port', 9630, 'pg_exporter')),
    ...node.when(
      'pgbouncer_exporter_enabled',
      true,
      node.certain('pgbouncer_exporter_port', 9631, 'pgbouncer_exporter'),
    ),
    ...node.when(
      'pgbackrest_exporter_enabled',
      true,
      node.likely('pgbackrest_exporter_port', 9854, 'pgbackrest_exporter'),
    ),
  ]
}

function etcdNode(node: NodeVariables): NodePort[] {
  const addresses = [node.name, '127.0.0.1']
  return [
    ...node.certain('etcd_port', 2379, 'etcd', addresses),
    ...node.certain('etcd_peer_port', 2380, 'etcd among its peers', addresses),
  ]
}

function minioNode(node: NodeVariables): NodePort[] {
  return [
    ...node.certain('minio_port', 9000, 'minio'),
    ...node.certain('minio_admin_port', 9001, "minio's console"),
  ]
}

function redisNode(node: NodeVariables): NodePort[] {
  return [
    ...node.keysOf('redis_instances', 'redis', true),
    ...node.when('redis_exporter_enabled', true, node.likely('redis_exporter_port', 9121, 'redis_exporter')),
  ]
}

function infraNode(node: NodeVariables, isNew: boolean): NodePort[] {
  const of = (name: string, port: number, what: string) =>
    node.when(`${what}_enabled`, true, node.likely(name, port, what))
  const monitoring: readonly (readonly [string, number, string])[] = isNew
    ? [
        ['vmetrics_port', 8428, 'vmetrics'],
        ['vlogs_port', 9428, 'vlogs'],
        ['vtraces_port', 10_428, 'vtraces'],
        ['vmalert_port', 8880, 'vmalert'],
        ['alertmanager_port', 9059, 'alertmanager'],
      ]
    : [
        ['prometheus_port', 9090, 'prometheus'],
        ['pushgateway_port', 9091, 'pushgateway'],
        ['alertmanager_port', 9093, 'alertmanager'],
        ['loki_port', 3100, 'loki'],
      ]
  return [
    ...of('nginx_port', 80, 'nginx'),
    ...of('nginx_ssl_port', 443, 'nginx'),
    ...of('nginx_exporter_port', 9113, 'nginx_exporter'),
    ...of('grafana_port', 3000, 'grafana'),
    ...of('blackbox_port', 9115, 'blackbox'),
    ...of('dns_port', 53, 'dns'),
    ...monitoring.flatMap(([name, port, what]) => of(name, port, what)),
  ]
}

class NodeVariables {
  private readonly view: HostView

  constructor(view: HostView) {
    this.view = view
  }

  get name(): string {
    return this.view.name
  }

  get(name: string): Value | undefined {
    // Most ports are nobody's variable, and of some of those a view can only say that it does not know.
    if (!this.view.isWritten(name)) return undefined
    try {
      return this.view.get(name)
    } catch (error) {
      asAppError(error)
      return undefined
    }
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  when(name: string, fallback: boolean, ports: NodePort[]): NodePort[] {
    const value = this.get(name)
    return (value === undefined ? fallback : ansibleBool(value)) ? ports : []
  }

  certain(name: string, fallback: number, what: string, addresses: readonly string[] = ['*']): NodePort[] {
    return [this.port(name, fallback, what, addresses, true)]
  }

  likely(name: string, fallback: number, what: string): NodePort[] {
    return [this.port(name, fallback, what, ['*'], false)]
  }

  /** A mapping whose keys are ports. */
  keysOf(name: string, what: string, sure: boolean): NodePort[] {
    const value = this.get(name)
    if (!(value instanceof Dict)) return []
    return [...value.keys()].map((key) => ({
      port: pyText(key),
      addresses: ['*'],
      what: `${what} (${name})`,
      sure,
    }))
  }

  /** What PostgreSQL and pgbouncer listen on. */
  listenAddresses(): string[] {
    return pyText(this.get('pg_listen') ?? '*')
      .split(',')
      .map((address) => this.listenAddress(address.trim()))
      .filter((address) => address !== '')
  }

  private listenAddress(address: string): string {
    if (address === `\${ip}`) return this.name
    if (address === `\${lo}`) return '127.0.0.1'
    if (address === `\${vip}`) return pyText(this.get('pg_vip_address') ?? '').split('/')[0] ?? ''
    return address
  }

  private port(
    name: string,
    fallback: number,
    what: string,
    addresses: readonly string[],
    sure: boolean,
  ): NodePort {
    const value = this.get(name)
    return {
      port: pyText(value === undefined ? fallback : value),
      addresses,
      what: `${what} (${name})`,
      sure,
    }
  }
}
