/**
 * A YAML document → hosts and groups, the way Ansible's own YAML reader walks it.
 *
 * Order matters: a host takes its place where it is first seen, keys of a group are followed in the order in
 * which they stand, subgroups are walked in place. The order of servers in every file comes from here.
 */
import type { Location } from '../../shared/errors/app-error.ts'
import { Dict, Float, isList, Opaque, type Value } from '../values/value.ts'
import { splitPort } from './host-pattern.ts'
import { expandHosts } from './host-range.ts'
import { at, groupName, type InventoryDraft, refused } from './inventory-draft.ts'

/**
 * @param file - name of the document, for messages
 * @throws AppError `INVENTORY_INVALID` with the place of what Ansible would not take either
 */
export function addYamlDocument(draft: InventoryDraft, file: string, document: Value): void {
  if (!(document instanceof Dict)) {
    throw refused('an inventory is a mapping of groups', { file, line: 1, column: 1 })
  }
  if (document.size === 0) throw refused('the inventory is empty', { file, line: 1, column: 1 })
  if (isTrue(document.get('plugin') ?? null))
    throw refused('this configures an inventory plugin, it is no inventory', at(document))
  const walk = new YamlWalk(draft)
  for (const [name, body] of document) walk.group(name, body, at(document, name))
}

class YamlWalk {
  private readonly draft: InventoryDraft

  constructor(draft: InventoryDraft) {
    this.draft = draft
  }

  /** False when the definition is skipped. */
  group(key: unknown, body: Value, place: Location | undefined): boolean {
    if (body !== null && !(body instanceof Dict)) {
      this.draft.warn(`group ${String(key)} is not a mapping and is skipped`, place)
      return false
    }
    const name = groupName(key, place)
    this.draft.tree.add(name)
    if (body === null) return true
    const sections = new Map([...body].map(([section, value]) => [section, sectionBody(section, value)]))
    for (const section of ['vars', 'children', 'hosts']) {
      const value = sections.get(section) ?? null
      if (value !== null && !(value instanceof Dict))
        throw refused(`${section} of group ${name} must be a mapping`, at(body, section))
    }
    for (const [section, value] of sections) this.section(name, section, value, at(body, section))
    return true
  }

  private section(group: string, section: unknown, value: Value, place: Location | undefined): void {
    if (value === null) return
    if (!(value instanceof Dict) || !isSection(section)) {
      const what = `${String(section)} in group ${group}`
      this.draft.warn(`${what} is neither vars, children nor hosts and is skipped`, place)
    } else if (section === 'vars') this.draft.tree.addVars(group, value)
    else if (section === 'children') this.children(group, value)
    else this.hosts(group, value)
  }

  private children(group: string, children: Dict): void {
    for (const [key, body] of children) {
      const place = at(children, key)
      const isGroup = this.group(key, body, place)
      const child = groupName(key, place)
      if (isGroup || this.draft.tree.has(child)) this.draft.tree.link(group, child, place)
      // Ansible takes the name of a known host in place of a group.
      else if (this.draft.hosts.has(child))
        this.draft.addHost(group, child, { spot: children.spots.get(key) ?? children.spot })
      else throw refused(`group ${child} is not a mapping`, place)
    }
  }

  private hosts(group: string, hosts: Dict): void {
    for (const [pattern, vars] of hosts) {
      const place = at(hosts, pattern)
      if (typeof pattern !== 'string')
        throw refused(`a host name must be text, not ${String(pattern)}`, place)
      const own = isTrue(vars) ? vars : new Dict()
      if (!(own instanceof Dict)) throw refused(`the variables of host ${pattern} must be a mapping`, place)
      const { names, port } = splitPort(pattern)
      const spot = hosts.spots.get(pattern) ?? hosts.spot
      for (const name of expandHosts(names, place)) {
        this.draft.addHost(group, name, { port, spot })
        this.draft.addHostVars(name, own)
      }
    }
  }
}

function isSection(section: unknown): section is 'vars' | 'children' | 'hosts' {
  return section === 'vars' || section === 'children' || section === 'hosts'
}

/** A lone name stands for a mapping with that name. */
function sectionBody(section: unknown, value: Value): Value {
  if (!isSection(section)) return value
  if (typeof value === 'string') return new Dict([[value, null]])
  return value instanceof Opaque && value.kind === 'unsafe' ? new Dict([[value.text, null]]) : value
}

/** Python's truth. */
function isTrue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return false
  if (value instanceof Float) return value.value !== 0
  if (value instanceof Opaque) return value.text !== '' || value.kind === 'date'
  return isList(value) ? value.length > 0 : !(value instanceof Dict) || value.size > 0
}
