/**
 * YAML documents → hosts and groups, the way Ansible's own YAML reader walks them.
 *
 * Order matters: a host takes its place where it is first seen, keys of a group are followed in the order in
 * which they stand, subgroups are walked in place. The order of servers in every file comes from here.
 */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { copyInto } from './copy-dict.ts'
import { GroupTree } from './group-tree.ts'
import { expandHosts } from './host-range.ts'
import type { Inventory, LoadWarning } from './inventory.ts'
import { type HostDraft, layersOf, type VarsBeside } from './layers.ts'
import { locate, type Spot } from './spot.ts'
import { Dict, type Value } from './value.ts'

export interface InventoryFiles {
  /** Name of the file or directory, for messages. */
  readonly file: string
  /** Parsed documents, in the order in which they are read. */
  readonly documents: readonly Value[]
  /** What stands in group_vars/ and host_vars/. */
  readonly beside: VarsBeside
}

/**
 * @throws AppError `INVENTORY_INVALID` with the place of what Ansible would not take either
 */
export function buildInventory(files: InventoryFiles): { inventory: Inventory; warnings: LoadWarning[] } {
  const walk = new Walk(files.file)
  for (const document of files.documents) walk.document(document)
  walk.tree.reconcile(walk.hosts)
  const groups = walk.tree.finish()
  return {
    inventory: { file: files.file, groups, hosts: layersOf(walk.hosts, walk.tree, files.beside) },
    warnings: walk.warnings,
  }
}

interface HostEntry {
  readonly vars: Dict
  readonly port: number | undefined
  readonly spot: Spot | undefined
}

class Walk {
  readonly tree = new GroupTree()
  readonly hosts = new Map<string, HostDraft>()
  readonly warnings: LoadWarning[] = []
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  document(document: Value): void {
    if (!(document instanceof Dict)) {
      throw refused('an inventory is a mapping of groups', { file: this.file, line: 1, column: 1 })
    }
    if (document.get('plugin'))
      throw refused('this configures an inventory plugin, it is no inventory', at(document))
    for (const [name, body] of document) this.group(groupName(name, document), body, at(document, name))
  }

  /** False when the definition is skipped. */
  private group(name: string, body: Value, place: Location | undefined): boolean {
    if (body !== null && !(body instanceof Dict)) {
      this.skip(`group ${name} is not a mapping and is skipped`, place)
      return false
    }
    this.tree.add(name)
    if (body === null) return true
    for (const [section, value] of body) this.section(name, String(section), value, at(body, section))
    return true
  }

  private section(group: string, section: string, written: Value, place: Location | undefined): void {
    const known = ['vars', 'children', 'hosts'].includes(section)
    const value = known && typeof written === 'string' ? new Dict([[written, null]]) : written
    if (value === null) return
    if (!known) {
      this.skip(`${section} in group ${group} is neither vars, children nor hosts and is skipped`, place)
      return
    }
    if (!(value instanceof Dict)) throw refused(`${section} of group ${group} must be a mapping`, place)
    if (section === 'vars') this.tree.addVars(group, value)
    else if (section === 'children') this.children(group, value)
    else this.groupHosts(group, value)
  }

  private children(group: string, children: Dict): void {
    for (const [key, body] of children) {
      const place = at(children, key)
      const child = groupName(key, children)
      if (!this.group(child, body, place) && !this.tree.has(child)) {
        throw refused(`group ${child} is not a mapping`, place)
      }
      this.tree.link(group, child, place)
    }
  }

  private groupHosts(group: string, hosts: Dict): void {
    for (const [pattern, vars] of hosts) {
      const place = at(hosts, pattern)
      if (typeof pattern !== 'string')
        throw refused(`a host name must be text, not ${String(pattern)}`, place)
      const own = vars || new Dict()
      if (!(own instanceof Dict)) throw refused(`the variables of host ${pattern} must be a mapping`, place)
      const { names, port } = splitPort(pattern)
      for (const name of expandHosts(names, place))
        this.host(group, name, { vars: own, port, spot: hosts.spots.get(pattern) ?? hosts.spot })
    }
  }

  private host(group: string, name: string, { vars, port, spot }: HostEntry): void {
    const draft = this.hosts.get(name) ?? { groups: new Set<string>(), vars: new Dict() }
    this.hosts.set(name, draft)
    if (!draft.groups.has(group)) this.tree.addHost(group, name)
    draft.groups.add(group)
    draft.vars.spot = spot
    if (port !== undefined) draft.vars.set('ansible_port', port)
    copyInto(draft.vars, vars)
  }

  private skip(message: string, place: Location | undefined): void {
    this.warnings.push({ code: 'INVENTORY_SKIPPED', message, at: place })
  }
}

/** `db1:2222` names host db1 with ansible_port 2222; an address of IPv6 keeps its colons. */
function splitPort(pattern: string): { names: string; port?: number } {
  const bare = pattern.replaceAll(/\[[^\]]*\]/g, '[]')
  const found = /^[^:]+:(\d+)$/.exec(bare)
  const port = found?.[1]
  if (port === undefined) return { names: pattern }
  return { names: pattern.slice(0, pattern.length - port.length - 1), port: Number(port) }
}

function groupName(key: unknown, parent: Dict): string {
  if (typeof key === 'string') return key
  throw refused(`a group name must be text, not ${String(key)}`, at(parent))
}

function at(dict: Dict, key?: Parameters<Dict['get']>[0]): Location | undefined {
  return locate((key === undefined ? undefined : dict.spots.get(key)) ?? dict.spot)
}

function refused(message: string, place: Location | undefined): AppError {
  return new AppError('INVENTORY_INVALID', message, { at: place })
}
