/**
 * An inventory as Ansible sees it: hosts in the order of first appearance, groups, variables by precedence.
 */
import type { LoadWarning } from '../parse/load-warning.ts'
import type { Spot } from '../values/spot.ts'
import type { Dict, Value } from '../values/value.ts'

/** A variable as it was written, not yet templated. */
export interface Variable {
  readonly value: Value
  readonly spot: Spot | undefined
}

export interface Group {
  readonly name: string
  /** Longest way from `all`, which has 0. */
  readonly depth: number
  /** `ansible_group_priority`, 1 when not set. */
  readonly priority: number
  /** Names of the groups directly below, in document order. */
  readonly children: readonly string[]
  /** Hosts of the group itself and of all groups below it. */
  readonly hosts: readonly string[]
}

/** What gives a host some of its variables. */
export type Origin =
  /** A file of host_vars/, or the host's entry in the inventory. */
  | { readonly kind: 'host_vars' | 'host' }
  /** A file of group_vars/, or a group's `vars` in the inventory. */
  | {
      readonly kind: 'group_vars' | 'group'
      readonly group: string
      readonly depth: number
      readonly priority: number
    }

export interface Layer {
  readonly origin: Origin
  readonly vars: Dict
}

export interface Host {
  readonly name: string
  /** Where the inventory names it last. */
  readonly spot: Spot | undefined
  /** Place in the inventory's order, from 0. */
  readonly index: number
  /** Groups the host is in, directly or not, without `all`; sorted by name. */
  readonly groupNames: readonly string[]
  /** From the highest precedence to the lowest; the first that has a name decides. */
  readonly layers: readonly Layer[]
}

export interface Inventory {
  /** The file (or directory) that was read. */
  readonly file: string
  /** In order of first appearance. */
  readonly hosts: ReadonlyMap<string, Host>
  readonly groups: ReadonlyMap<string, Group>
}

/** Values of the lowest precedence, known to the rendering host only; selectors never see them. */
export type RoleDefaults = Dict

export interface LoadedInventory {
  readonly inventory: Inventory
  readonly defaults: RoleDefaults
  /** Lower-case hex SHA-256 over the names and bytes of everything that was read. */
  readonly digest: string
  readonly warnings: readonly LoadWarning[]
}

/** The variable that counts for a host, or undefined; role defaults are not looked at. */
export function variableOf(host: Host, name: string): Variable | undefined {
  for (const { vars } of host.layers) {
    const value = vars.get(name)
    if (value !== undefined) return { value, spot: vars.spots.get(name) }
  }
  return undefined
}
