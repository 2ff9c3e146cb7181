/**
 * Two services on one port, or in one file, of one node.
 *
 * HAProxy accepts the same port twice and splits the connections between both services, so nobody else would
 * notice. Both owners are refused: which of them is the newcomer cannot be known from the inventory.
 */
import type { Location } from '../../shared/errors/app-error.ts'
import { addressesOverlap } from '../../shared/haproxy/address.ts'
import { nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { pyText } from '../inventory/py-text.ts'
import type { Cluster } from '../model/clusters.ts'
import { clusterDefinitions, type Definition } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { indexOf } from './index-of.ts'
import { Lineup } from './lineup.ts'
import { ownDefinitions } from './node-plan.ts'
import type { OwnerPlan, Problem } from './owner-plan.ts'
import { placeCluster } from './placement.ts'
import { ProblemList } from './problem-list.ts'
import { servingOf } from './serving.ts'

interface Listener {
  readonly owner: Owner
  readonly service: string
  readonly ip: string
  readonly port: string
  readonly at: Location | undefined
}

/** Clashes of the planned owners among each other and with the others that share their nodes. */
export function findClashes(loaded: LoadedInventory, planned: readonly OwnerPlan[]): Problem[] {
  const nodes = new Set(planned.flatMap((plan) => plan.nodes.map(({ node }) => node)))
  const byNode = listenersOn(loaded, nodes)
  const lists = new Map(planned.map((plan) => [plan.owner, new ProblemList(plan.owner)]))
  for (const [node, listeners] of byNode) {
    for (const [a, b] of clashingPairs(listeners)) {
      report(lists.get(a.owner), node, a, b)
      if (b.owner !== a.owner) report(lists.get(b.owner), node, b, a)
    }
  }
  return [...lists.values()].flatMap((list) => list.all)
}

function report(list: ProblemList | undefined, node: string, own: Listener, other: Listener): void {
  if (list === undefined) return
  const sameFile = own.service === other.service
  list.refuse({
    code: sameFile ? 'NAME_CLASH' : 'PORT_CLASH',
    message: sameFile
      ? `${own.service} is also the name of a service of ${other.owner} on ${node}`
      : `port ${own.port} of ${own.service} is taken by ${other.service} on ${node}`,
    at: own.at,
    hint: sameFile ? 'give one of them another name' : 'give one of them another port, or a different ip',
  })
}

function* clashingPairs(listeners: readonly Listener[]): Generator<[Listener, Listener]> {
  const byKey = new Map<string, Listener[]>()
  for (const listener of listeners) {
    for (const key of [`name ${listener.service}`, `port ${listener.port}`]) {
      const others = byKey.get(key) ?? []
      for (const other of others) {
        if (key.startsWith('name') || addressesOverlap(listener.ip, other.ip)) yield [listener, other]
      }
      byKey.set(key, [...others, listener])
    }
  }
}

function listenersOn(loaded: LoadedInventory, nodes: ReadonlySet<string>): Map<string, Listener[]> {
  const byNode = new Map<string, Listener[]>([...nodes].map((node) => [node, []]))
  for (const cluster of indexOf(loaded).clusters.values()) {
    for (const [node, renderer] of renderersOn(loaded, cluster, nodes)) {
      byNode.get(node)?.push(...clusterListeners(cluster.name, renderer))
    }
  }
  for (const node of nodes) {
    const host = loaded.inventory.hosts.get(node)
    const definitions = host === undefined ? [] : orNone(() => ownDefinitions(loaded, host))
    byNode.get(node)?.push(...definitions.map((definition) => listenerOf(nodeOwner(node), '', definition)))
  }
  return byNode
}

function renderersOn(
  loaded: LoadedInventory,
  cluster: Cluster,
  nodes: ReadonlySet<string>,
): [string, HostView][] {
  const serving = servingOf(loaded).get(cluster.name)
  if (serving === undefined || !serving.nodes.some((node) => nodes.has(node))) return []
  return orNone(() => {
    const lineup = new Lineup(loaded, cluster, { checked: 'checked' })
    const members = lineup.members.map((member) => member.renderer)
    return [...placeCluster(loaded.inventory, members).renderers].filter(([node]) => nodes.has(node))
  })
}

function clusterListeners(cluster: string, renderer: HostView): Listener[] {
  return orNone(() => clusterDefinitions(renderer, 'checked')).map((definition) =>
    listenerOf(cluster, `${cluster}-`, definition),
  )
}

function listenerOf(owner: Owner, prefix: string, { dict, at }: Definition): Listener {
  const text = (key: string, fallback: string) => pyText(dict.get(key) ?? fallback)
  return { owner, service: prefix + text('name', ''), ip: text('ip', '*'), port: text('port', ''), at }
}

/** An owner that cannot be evaluated cannot be published: it clashes with nobody. */
function orNone<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    asAppError(error)
    return []
  }
}
