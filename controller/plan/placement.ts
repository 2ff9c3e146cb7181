/**
 * Where a cluster's services are carried, and which member renders them there.
 *
 * Local: every member renders for itself. Delegated, when pg_service_provider names a group: the primary
 * renders for every node of that group, and a group without hosts carries nothing. A name that is no group
 * means local.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Inventory, LoadedInventory } from '../inventory/inventory.ts'
import { roleOf } from '../model/identity.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'

export interface Placement {
  /** Group whose nodes carry the services; '' when the members do. */
  readonly provider: string
  /** The rendering member of each node. */
  readonly renderers: ReadonlyMap<string, HostView>
}

/** @param members - the members, with role defaults, in inventory order */
export function placeCluster(inventory: Inventory, members: readonly HostView[]): Placement {
  const renderers = new Map<string, HostView>()
  let provider = ''
  for (const member of members) {
    const group = providerGroup(inventory, member)
    if (group === undefined) {
      renderers.set(member.name, member)
      continue
    }
    provider = group.name
    if (roleOf(member) !== 'primary') continue
    for (const node of group.hosts) renderers.set(node, member)
  }
  return { provider, renderers }
}

/**
 * A warning when a name was given that is no group: then the services are on the members, as with Pigsty, and a
 * typing error looks the same.
 */
export function unknownProvider(inventory: Inventory, members: readonly HostView[]): AppError | undefined {
  for (const member of members) {
    const name = pyText(member.get('pg_service_provider') ?? null)
    if (name === '' || inventory.groups.has(name)) continue
    return new AppError(
      'PROVIDER_UNKNOWN',
      `pg_service_provider ${name} is no group; the members carry the services`,
      {
        at: locate(member.spot('pg_service_provider')),
        hint: 'name a group of the inventory, or leave it empty for the members',
      },
    )
  }
  return undefined
}

/** The node that carries what a member renders, with role defaults. */
export function carrierOf(loaded: LoadedInventory, node: string, renderer: HostView): HostView {
  const host = loaded.inventory.hosts.get(node)
  if (host === undefined || host === renderer.host) return renderer
  return new HostView(loaded.inventory, host, { defaults: loaded.defaults, keepUndefined: false })
}

function providerGroup(inventory: Inventory, member: HostView) {
  const name = pyText(member.get('pg_service_provider') ?? null)
  return name === '' ? undefined : inventory.groups.get(name)
}
