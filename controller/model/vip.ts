/** The virtual address that `ip: vip` (in 1.x: `src_ip: vip`) stands for. */
import type { HostView } from '../inventory/host-view.ts'
import { variableOf } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'
import type { Value } from '../values/value.ts'

/** The virtual address of the node that is to listen. */
export interface Vip {
  /** That node. */
  readonly node: string
  /** Variables that can give the address, the stronger first. */
  readonly variables: readonly string[]
  /** Undefined when the inventory gives the node none. */
  readonly address: () => string | undefined
}

/** Of a node that carries its own services. */
export function ownVip(node: HostView): Vip {
  return vipFrom(node, ['vip_address', 'pg_vip_address'])
}

/**
 * Of a node that carries the services of a cluster. pg_vip_address moves among the members with their leader: a
 * proxy never has it, whoever's it is.
 */
export function carrierVip(node: HostView, cluster: string): Vip {
  return pyText(node.get('pg_cluster') ?? null) === cluster ? ownVip(node) : vipFrom(node, ['vip_address'])
}

/** The prefix's length is left out. Role defaults do not count: they are 127.0.0.1, where nobody could reach a service. */
function vipFrom(node: HostView, variables: readonly string[]): Vip {
  const address = () => {
    for (const name of variables) {
      const value = variableOf(node.host, name) === undefined ? undefined : node.get(name)
      const text = value === undefined || value === null ? '' : pyText(value).replace(/\/\d+$/, '')
      if (text !== '') return text
    }
    return undefined
  }
  return { node: node.name, variables, address }
}

/** The address that a definition's `ip` stands for. */
export function boundAddress(ip: Value | undefined, vip: () => Vip): string {
  if (ip === undefined || ip === null) return '*'
  return ip === 'vip' ? (vip().address() ?? 'vip') : pyText(ip)
}
