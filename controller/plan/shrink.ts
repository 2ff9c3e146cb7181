/**
 * What a publish would take away: the last server or half the servers of a service, or a node's last service.
 */
import { hostOfNodeOwner, type Owner, type ServiceInfo } from '../../shared/model/snapshot.ts'
import type { Problem } from './owner-plan.ts'

/** The services of one owner on one node. */
export interface NodeServices {
  readonly owner: Owner
  readonly node: string
  readonly services: readonly ServiceInfo[]
}

/**
 * Compares what is assigned with what would be. Each problem needs the operator's explicit consent.
 *
 * - A service loses its last server, or disappears with its servers.
 * - A service is left with half of its servers or fewer. One that is exchanged for another (a switchover, a new name) is
 *   not lost.
 * - A node that carries services, of whatever owner, would carry none.
 *
 * @param before - what is assigned now: every owner of every node that the publish touches
 * @param after - the same owners and nodes, as they would be
 */
export function findShrink(before: readonly NodeServices[], after: readonly NodeServices[]): Problem[] {
  const remaining = new Map(after.map((item) => [keyOf(item), item.services]))
  const losses = before.flatMap((item) => serviceLosses(item, remaining.get(keyOf(item)) ?? []))
  return [...merge(losses), ...emptiedNodes(before, after)]
}

function keyOf({ owner, node }: NodeServices): string {
  return JSON.stringify([owner, node])
}

interface Loss {
  readonly owner: Owner
  readonly code: string
  /** What happens, without the node. */
  readonly what: string
  readonly node: string
}

function serviceLosses({ owner, node, services }: NodeServices, after: readonly ServiceInfo[]): Loss[] {
  const remaining = new Map(after.map((service) => [service.name, service]))
  return services.flatMap((service) => {
    const what = loss(service, remaining.get(service.name))
    return what === undefined ? [] : [{ owner, node, ...what }]
  })
}

function loss(
  service: ServiceInfo,
  after: ServiceInfo | undefined,
): { code: string; what: string } | undefined {
  const count = service.servers.length
  if (count === 0) return undefined
  if (after === undefined) return { code: 'SHRINK_SERVICE', what: `${service.name} disappears` }
  if (after.servers.length === 0)
    return { code: 'SHRINK_LAST_SERVER', what: `${service.name} loses its last server` }
  const fewer = count - after.servers.length
  if (fewer <= 0 || fewer * 2 < count) return undefined
  return {
    code: 'SHRINK_HALF',
    what: `${service.name} loses ${fewer} of its ${count} servers (${exchange(service.servers, after.servers)})`,
  }
}

/** `2, 3`, or `1, 2, 3 go, 4 comes`. */
function exchange(before: readonly string[], after: readonly string[]): string {
  const gone = before.filter((server) => !after.includes(server))
  const come = after.filter((server) => !before.includes(server))
  if (come.length === 0) return gone.join(', ')
  return `${gone.join(', ')} ${verb(gone, 'goes', 'go')}, ${come.join(', ')} ${verb(come, 'comes', 'come')}`
}

function verb(names: readonly string[], one: string, several: string): string {
  return names.length === 1 ? one : several
}

const hint = 'publish with --allow-shrink if that is meant'

/** The same loss on several nodes is one problem. */
function merge(losses: readonly Loss[]): Problem[] {
  const byWhat = new Map<string, { loss: Loss; nodes: string[] }>()
  for (const item of losses) {
    const key = JSON.stringify([item.owner, item.code, item.what])
    const known = byWhat.get(key) ?? { loss: item, nodes: [] }
    known.nodes.push(item.node)
    byWhat.set(key, known)
  }
  return [...byWhat.values()].map(({ loss: { owner, code, what }, nodes }) => ({
    owner,
    severity: 'error',
    code,
    message: `${what} on ${nodes.join(', ')}`,
    hint,
  }))
}

function emptiedNodes(before: readonly NodeServices[], after: readonly NodeServices[]): Problem[] {
  const carries = (items: readonly NodeServices[]) =>
    new Set(items.filter(({ services }) => services.length > 0).map(({ node }) => node))
  const left = carries(after)
  return [...carries(before)]
    .filter((node) => !left.has(node))
    .map((node) => ({
      owner: lastOwner(before, node),
      severity: 'error',
      code: 'SHRINK_LAST_SERVICE',
      message: `${node} loses its last service`,
      hint,
    }))
}

/** The owner that the operator knows the node by: a cluster before the node's own services. */
function lastOwner(before: readonly NodeServices[], node: string): Owner {
  const owners = before
    .filter((item) => item.node === node && item.services.length > 0)
    .map(({ owner }) => owner)
  return owners.find((owner) => hostOfNodeOwner(owner) === undefined) ?? owners[0] ?? ''
}
