/** Hosts and groups while inventory sources are being read, with Ansible's rules for adding to them. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { LoadWarning } from '../parse/load-warning.ts'
import { copyInto } from '../values/copy-dict.ts'
import { locate, type Spot } from '../values/spot.ts'
import { Dict, type Key } from '../values/value.ts'
import { GroupTree } from './group-tree.ts'
import type { HostDraft } from './layers.ts'

export class InventoryDraft {
  readonly tree = new GroupTree()
  readonly hosts = new Map<string, HostDraft>()
  readonly warnings: LoadWarning[] = []

  /**
   * @param group - a group that is there already
   * @param port - counts only where the host is first seen
   */
  addHost(group: string, name: string, entry: { spot: Spot | undefined; port?: number | undefined }): void {
    if (name === '') throw refused('a host without a name', locate(entry.spot))
    const draft = this.hosts.get(name) ?? this.newHost(name, entry.port)
    if (!draft.groups.has(group)) this.tree.addHost(group, name)
    draft.groups.add(group)
    draft.vars.spot = entry.spot
  }

  /** Ansible looks for a group first: variables of a host that is named like a group go to the group. */
  addHostVars(name: string, vars: Dict): void {
    if (this.tree.has(name)) {
      if (vars.size > 0) this.warnSameName(name, vars)
      this.tree.addVars(name, vars)
      return
    }
    const draft = this.hosts.get(name)
    if (draft === undefined) throw new Error(`host ${name} was never added`)
    copyInto(draft.vars, vars)
  }

  warn(message: string, place: Location | undefined): void {
    this.warnings.push({ code: 'INVENTORY_SKIPPED', message, at: place })
  }

  private newHost(name: string, port: number | undefined): HostDraft {
    const draft = { groups: new Set<string>(), vars: new Dict() }
    if (port) draft.vars.set('ansible_port', port)
    this.hosts.set(name, draft)
    return draft
  }

  private warnSameName(name: string, vars: Dict): void {
    this.warn(`${name} is a group and a host; Ansible gives the host's variables to the group`, at(vars))
  }
}

/** The name of a group, checked. */
export function groupName(key: unknown, place: Location | undefined): string {
  if (typeof key === 'string' && key !== '') return key
  throw refused(
    key === '' ? 'a group without a name' : `a group name must be text, not ${String(key)}`,
    place,
  )
}

/** The place of a value in a mapping, or of the mapping. */
export function at(dict: Dict, key?: Key): Location | undefined {
  return locate((key === undefined ? undefined : dict.spots.get(key)) ?? dict.spot)
}

export function refused(message: string, place: Location | undefined): AppError {
  return new AppError('INVENTORY_INVALID', message, { at: place })
}
