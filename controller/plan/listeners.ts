/** What listens on a node for services, by their definitions alone: nothing is rendered. */
import type { Location } from '../../shared/errors/app-error.ts'
import { nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { clusterDefinitions, type Definition } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { boundAddress, carrierVip } from '../model/vip.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { indexOf } from './index-of.ts'
import { baseLineup } from './lineup.ts'
import { ownDefinitions } from './node-plan.ts'
import { carrierOf, placeCluster } from './placement.ts'
import { servingOf } from './serving.ts'

export interface Listener {
  readonly owner: Owner
  /** Name of its section and, with `.cfg`, of its file. */
  readonly service: string
  readonly ip: string
  readonly port: string
  /** It comes from the role defaults. */
  readonly isDefault: boolean
  /** Where a key of it stands; for one of the role defaults, where its cluster is named. */
  readonly at: (key: string) => Location | undefined
}

/** The listeners of each node, of clusters and of haproxy_services. */
export function listenersOn(loaded: LoadedInventory, nodes: ReadonlySet<string>): Map<string, Listener[]> {
  const byNode = new Map<string, Listener[]>([...nodes].map((node) => [node, []]))
  for (const cluster of indexOf(loaded).clusters.values()) {
    for (const [node, renderer] of renderersOn(loaded, cluster, nodes)) {
      byNode
        .get(node)
        ?.push(...clusterListeners(loaded, cluster.name, renderer, carrierOf(loaded, node, renderer)))
    }
  }
  for (const node of nodes) {
    const host = loaded.inventory.hosts.get(node)
    const definitions = host === undefined ? [] : orNone(() => ownDefinitions(loaded, host))
    byNode.get(node)?.push(...definitions.map((item) => listenerOf(nodeOwner(node), '', item, wordOf(item))))
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
    const lineup = baseLineup(loaded, cluster, 'checked')
    const members = lineup.members.map((member) => member.renderer)
    return [...placeCluster(loaded.inventory, members).renderers].filter(([node]) => nodes.has(node))
  })
}

function clusterListeners(
  loaded: LoadedInventory,
  cluster: string,
  renderer: HostView,
  carrier: HostView,
): Listener[] {
  return orNone(() =>
    clusterDefinitions(renderer, 'checked').map((definition) => {
      const ip = boundAddress(definition.dict.get('ip'), () => carrierVip(carrier, cluster))
      const listener = listenerOf(cluster, `${cluster}-`, definition, ip)
      const isDefault = isOfDefaults(loaded, listener.at('name'))
      return { ...listener, isDefault, at: (key) => ownPlace(loaded, renderer, listener.at(key)) }
    }),
  )
}

function isOfDefaults(loaded: LoadedInventory, at: Location | undefined): boolean {
  return at !== undefined && at.file === locate(loaded.defaults.spots.get('pg_default_services'))?.file
}

/** Nobody can mend the role defaults for one cluster. */
function ownPlace(loaded: LoadedInventory, renderer: HostView, at: Location | undefined) {
  if (!isOfDefaults(loaded, at)) return at
  return locate(renderer.spot('pg_cluster') ?? renderer.place) ?? at
}

function wordOf({ dict }: Definition): string {
  return pyText(dict.get('ip') ?? '*')
}

function listenerOf(owner: Owner, prefix: string, { dict, at }: Definition, ip: string): Listener {
  return {
    owner,
    service: prefix + pyText(dict.get('name') ?? ''),
    ip,
    port: pyText(dict.get('port') ?? ''),
    isDefault: false,
    at: (key) => locate(dict.spots.get(key)) ?? at,
  }
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
