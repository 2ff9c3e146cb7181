/** Where the definitions of services stand. */
import type { Location } from '../../shared/errors/app-error.ts'
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { clusterDefinitions, type Definition } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { indexOf } from '../plan/index-of.ts'
import { Lineup } from '../plan/lineup.ts'
import { ownDefinitions } from '../plan/node-plan.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'

export interface Defined {
  /** With the cluster's name in front. */
  readonly service: string
  readonly definition: Definition
  /** It comes from the role defaults: nobody wrote it for this cluster. */
  readonly inherited: boolean
}

export class Places {
  private readonly loaded: LoadedInventory
  private readonly known = new Map<Owner, ReadonlyMap<string, Defined>>()
  private readonly views = new Map<Owner, readonly HostView[]>()

  constructor(loaded: LoadedInventory) {
    this.loaded = loaded
  }

  /** The definitions of an owner by the full names of their services, whichever member has them. */
  definitions(owner: Owner): ReadonlyMap<string, Defined> {
    const known = this.known.get(owner)
    if (known !== undefined) return known
    const found = new Map(this.read(owner).map((item) => [item.service, item]))
    this.known.set(owner, found)
    return found
  }

  /**
   * Where a key of a service stands, else the service. A service of the role defaults is the cluster's affair,
   * so that its place is where the cluster is named.
   */
  of(owner: Owner, service: string, key?: string): Location | undefined {
    const found = this.definitions(owner).get(service)
    if (found === undefined || found.inherited) return this.ofCluster(owner) ?? found?.definition.at
    const { dict, at } = found.definition
    return (key === undefined ? undefined : locate(dict.spots.get(key))) ?? at
  }

  /** Where the cluster is named. */
  ofCluster(owner: Owner): Location | undefined {
    const [renderer] = this.renderers(owner)
    return renderer && locate(renderer.spot('pg_cluster') ?? renderer.place)
  }

  /** The members of a cluster, with role defaults; none for another owner. */
  renderers(owner: Owner): readonly HostView[] {
    const known = this.views.get(owner)
    if (known !== undefined) return known
    const cluster = indexOf(this.loaded).clusters.get(owner)
    const lineup = cluster && new Lineup(this.loaded, cluster, { checked: 'checked' })
    const views = (lineup?.members ?? []).map(({ renderer }) => renderer)
    this.views.set(owner, views)
    return views
  }

  private read(owner: Owner): Defined[] {
    const host = this.loaded.inventory.hosts.get(hostOfNodeOwner(owner) ?? '')
    if (host !== undefined) {
      return orNone(() => ownDefinitions(this.loaded, host)).map((definition) => ({
        service: nameOf(definition),
        definition,
        inherited: false,
      }))
    }
    const defaults = locate(this.loaded.defaults.spots.get('pg_default_services'))?.file
    const all = this.renderers(owner).flatMap((view) => orNone(() => clusterDefinitions(view, 'checked')))
    // Members share their definitions as a rule; the first that has one stands for all.
    return [...all].reverse().map((definition) => ({
      service: `${owner}-${nameOf(definition)}`,
      definition,
      inherited: definition.at !== undefined && definition.at.file === defaults,
    }))
  }
}

function nameOf({ dict }: Definition): string {
  return pyText(dict.get('name') ?? '')
}

function orNone<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    asAppError(error)
    return []
  }
}
