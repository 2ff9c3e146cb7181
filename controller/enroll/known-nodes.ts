/** Nodes of the inventory and the ways in to them. */
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { type AccessFlags, type NodeAccess, nodeAccess } from '../ssh/node-access.ts'

/** A host's variables as Ansible has them for its own connection. */
function viewOf({ inventory, defaults }: LoadedInventory, host: Host): HostView {
  return new HostView(inventory, host, { defaults, keepUndefined: false })
}

/** @throws AppError when the node is not in the inventory, and those of `nodeAccess` */
export function accessTo(loaded: LoadedInventory, host: Host, flags: AccessFlags): NodeAccess {
  return nodeAccess(viewOf(loaded, host), flags)
}
