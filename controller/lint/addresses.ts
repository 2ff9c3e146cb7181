/**
 * Services bound to an address that their node does not hold. HAProxy could not open the port, and a reload
 * would fail.
 */
import { isAnyAddress } from '../../shared/haproxy/address.ts'
import { HostView } from '../inventory/host-view.ts'
import { type Host, type LoadedInventory, variableOf } from '../inventory/inventory.ts'
import { asAppError } from '../model/fault.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import type { Places } from './places.ts'
import type { Texts } from './planned-service.ts'

export function addressWarnings(
  loaded: LoadedInventory,
  plan: OwnerPlan,
  texts: Texts,
  places: Places,
): Problem[] {
  const problems = [...memberProblems(loaded, plan), ...nameProblems(plan, texts, places)]
  for (const [service, nodesByIp] of boundAddresses(plan, texts)) {
    for (const [ip, nodes] of nodesByIp) {
      const lacking = nodes.filter((node) => !mayHold(loaded, node, ip))
      // One node may have a second address that no inventory names; several cannot have the same one.
      if (lacking.length === 0 || (nodes.length === 1 && !isOfInventory(loaded, ip))) continue
      problems.push({
        owner: plan.owner,
        severity: 'warning',
        code: 'VIP_NOT_HELD',
        message: `${service} binds ${ip}, which the inventory does not give to ${namesOf(lacking)}`,
        at: places.of(plan.owner, service, 'ip'),
        hint:
          plan.provider === ''
            ? 'set vip_enabled: true and vip_address (or pg_vip_enabled and pg_vip_address) for these nodes, or leave ip out'
            : `set vip_enabled: true and vip_address for the nodes of ${plan.provider}, or leave ip out`,
      })
    }
  }
  return problems
}

/** Members at what looks like an address and is none. */
function memberProblems(loaded: LoadedInventory, { owner, members }: OwnerPlan): Problem[] {
  const wrong = members.filter(
    ({ address }) => /^\d+(\.\d+){3}$/.test(address) && address.split('.').some((part) => Number(part) > 255),
  )
  return wrong.map(({ instance, address }) => {
    const spot = loaded.inventory.hosts.get(address)?.spot
    return {
      owner,
      severity: 'warning',
      code: 'MEMBER_ADDRESS',
      message: `${instance} is at ${address}, which is no address`,
      at: spot && locate(spot),
      hint: 'each of its four numbers is at most 255',
    }
  })
}

/** Services bound to a host name. */
function nameProblems(plan: OwnerPlan, texts: Texts, places: Places): Problem[] {
  const bound = new Map<string, string>()
  for (const { variants } of plan.nodes) {
    for (const { name, digest } of variants[0]?.files ?? []) {
      const { ip } = texts(digest)
      if (/[A-Za-z]/.test(ip) && !ip.includes(':') && !ip.includes('@'))
        bound.set(name.replace(/\.cfg$/, ''), ip)
    }
  }
  return [...bound].map(([service, ip]) => ({
    owner: plan.owner,
    severity: 'warning',
    code: 'BIND_NAME',
    message: `${service} binds the name ${ip}, which each node would have to look up`,
    at: places.of(plan.owner, service, 'ip'),
    hint: 'write the address itself',
  }))
}

/** For each service bound to one address: the nodes that would bind it. */
function boundAddresses(plan: OwnerPlan, texts: Texts): Map<string, Map<string, string[]>> {
  const services = new Map<string, Map<string, string[]>>()
  for (const { node, variants } of plan.nodes) {
    for (const { name, digest } of variants[0]?.files ?? []) {
      const { ip } = texts(digest)
      if (isAnyAddress(ip) || /^127\./.test(ip) || !/^\d+\.\d+\.\d+\.\d+$/.test(ip)) continue
      const service = name.replace(/\.cfg$/, '')
      const nodes = services.get(service) ?? new Map<string, string[]>()
      services.set(service, nodes)
      nodes.set(ip, [...(nodes.get(ip) ?? []), node])
    }
  }
  return services
}

function mayHold(loaded: LoadedInventory, node: string, ip: string): boolean {
  const host = loaded.inventory.hosts.get(node)
  return node === ip || (host !== undefined && addressesOf(loaded, host).has(ip))
}

/** The addresses that the inventory lets a node have beside its own. */
function addressesOf(loaded: LoadedInventory, host: Host): Set<string> {
  const view = new HostView(loaded.inventory, host, { defaults: loaded.defaults, keepUndefined: false })
  const text = (name: string) => {
    try {
      return pyText(view.get(name) ?? null)
    } catch (error) {
      asAppError(error)
      return ''
    }
  }
  const addresses = new Set<string>([text('ansible_host')])
  // Pigsty 1.x says l2 or l4 where later releases say vip_enabled.
  if (ansibleBool(text('vip_enabled')) || ['l2', 'l4'].includes(text('vip_mode'))) {
    addresses.add(bare(text('vip_address')))
  }
  if (ansibleBool(text('pg_vip_enabled'))) addresses.add(bare(text('pg_vip_address')))
  return addresses
}

function bare(address: string): string {
  return address.split('/')[0] ?? ''
}

/** The inventory knows the address: as a host, or as somebody's virtual address. */
function isOfInventory(loaded: LoadedInventory, ip: string): boolean {
  if (loaded.inventory.hosts.has(ip)) return true
  return [...loaded.inventory.hosts.values()].some((host) =>
    ['vip_address', 'pg_vip_address'].some(
      (name) => bare(pyText(variableOf(host, name)?.value ?? null)) === ip,
    ),
  )
}

function namesOf(nodes: readonly string[]): string {
  const shown = nodes.slice(0, 3).join(', ')
  return nodes.length > 3 ? `${shown} and ${nodes.length - 3} more` : shown
}
