/** The virtual address that `ip: vip` (in 1.x: `src_ip: vip`) stands for. */
import type { HostView } from '../inventory/host-view.ts'
import { variableOf } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'
import type { Value } from '../values/value.ts'

/**
 * vip_address of the host, else its pg_vip_address without the length of the prefix. Role defaults do not count:
 * they are 127.0.0.1, where nobody could reach a service.
 *
 * @returns undefined when the inventory gives the host neither
 */
export function virtualAddress(view: HostView): string | undefined {
  for (const name of ['vip_address', 'pg_vip_address']) {
    const value = variableOf(view.host, name) === undefined ? undefined : view.get(name)
    const address = value === undefined || value === null ? '' : pyText(value).replace(/\/\d+$/, '')
    if (address !== '') return address
  }
  return undefined
}

/** The address that a definition's `ip` stands for on a host. */
export function boundAddress(ip: Value | undefined, view: HostView): string {
  if (ip === undefined || ip === null) return '*'
  return ip === 'vip' ? (virtualAddress(view) ?? 'vip') : pyText(ip)
}
