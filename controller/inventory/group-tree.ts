/** Groups, how they contain each other, and how deep they lie. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { locate } from '../values/spot.ts'
import { Dict, Float, Opaque, type Value } from '../values/value.ts'
import type { Group } from './inventory.ts'

interface Draft {
  readonly vars: Dict
  readonly children: Set<string>
  readonly parents: Set<string>
  readonly hosts: Set<string>
  priority: number
}

export class GroupTree {
  private readonly drafts = new Map<string, Draft>()
  private readonly depths = new Map<string, number>()
  private readonly ancestors = new Map<string, ReadonlySet<string>>()

  constructor() {
    this.add('all')
    this.add('ungrouped')
    this.link('all', 'ungrouped', undefined)
  }

  has(name: string): boolean {
    return this.drafts.has(name)
  }

  add(name: string): void {
    if (this.drafts.has(name)) return
    this.drafts.set(name, {
      vars: new Dict(),
      children: new Set(),
      parents: new Set(),
      hosts: new Set(),
      priority: 1,
    })
  }

  /**
   * Makes `child` a group below `parent`.
   *
   * @throws AppError `INVENTORY_INVALID` when a group would contain itself, or for `ungrouped` below another group
   */
  link(parent: string, child: string, at: Location | undefined): void {
    // Ansible moves hosts out of it and out of the groups above, in an order that is not worth copying.
    if (child === 'ungrouped' && parent !== 'all')
      throw new AppError('INVENTORY_INVALID', `ungrouped below group ${parent} is not understood`, { at })
    if (parent === child || this.reaches(child, parent)) {
      throw new AppError('INVENTORY_INVALID', `group ${child} would contain itself, through ${parent}`, {
        at,
      })
    }
    this.depths.clear()
    this.ancestors.clear()
    this.draft(parent).children.add(child)
    this.draft(child).parents.add(parent)
  }

  /** @throws AppError `INVENTORY_INVALID` for a priority that is no number, as in Ansible */
  addVars(group: string, vars: Dict): void {
    const draft = this.draft(group)
    for (const [key, value] of vars) {
      // Ansible takes the priority as a property of the group; it is no variable of its hosts.
      if (key === 'ansible_group_priority') draft.priority = priorityOf(value, locate(vars.spots.get(key)))
      else draft.vars.set(key, value)
      const spot = vars.spots.get(key)
      if (spot !== undefined) draft.vars.spots.set(key, spot)
    }
  }

  addHost(group: string, host: string): void {
    this.draft(group).hosts.add(host)
  }

  /** A group without a parent lies below `all`, a host in no other group in `ungrouped`. */
  reconcile(hosts: ReadonlyMap<string, { readonly groups: Set<string> }>): void {
    for (const [name, draft] of this.drafts) {
      if (name !== 'all' && draft.parents.size === 0) this.link('all', name, undefined)
    }
    for (const [name, host] of hosts) {
      const isGrouped = [...host.groups].some((group) => group !== 'all' && group !== 'ungrouped')
      if (isGrouped && host.groups.delete('ungrouped')) this.draft('ungrouped').hosts.delete(name)
      if (isGrouped || host.groups.has('ungrouped')) continue
      // Ansible looks for a group first: a lone host that is named like a group puts that group there instead.
      if (this.drafts.has(name)) this.link('ungrouped', name, undefined)
      else {
        host.groups.add('ungrouped')
        this.addHost('ungrouped', name)
      }
    }
  }

  /** All groups, in order of first appearance. Nothing may be added afterwards. */
  finish(): Map<string, Group> {
    return new Map(
      [...this.drafts].map(([name, draft]) => [
        name,
        {
          name,
          depth: this.depth(name),
          priority: draft.priority,
          children: [...draft.children],
          hosts: this.hostsBelow(name),
        },
      ]),
    )
  }

  /** What decides between groups. */
  rank(group: string): { group: string; depth: number; priority: number } {
    return { group, depth: this.depth(group), priority: this.draft(group).priority }
  }

  /** Variables that the inventory file gives a group. */
  vars(group: string): Dict {
    return this.draft(group).vars
  }

  /**
   * A host's groups with all groups above them, without `all`, from the weakest to the strongest:
   * by depth, then priority, then name.
   */
  lineage(groups: ReadonlySet<string>): string[] {
    const found = new Set<string>()
    for (const group of groups) {
      found.add(group)
      for (const above of this.above(group)) found.add(above)
    }
    found.delete('all')
    return [...found].sort(
      (a, b) =>
        this.depth(a) - this.depth(b) || this.draft(a).priority - this.draft(b).priority || (a < b ? -1 : 1),
    )
  }

  private above(group: string): ReadonlySet<string> {
    const known = this.ancestors.get(group)
    if (known !== undefined) return known
    const found = new Set<string>()
    for (const parent of this.draft(group).parents) {
      found.add(parent)
      for (const name of this.above(parent)) found.add(name)
    }
    this.ancestors.set(group, found)
    return found
  }

  private depth(group: string): number {
    const known = this.depths.get(group)
    if (known !== undefined) return known
    let depth = 0
    for (const parent of this.draft(group).parents) depth = Math.max(depth, this.depth(parent) + 1)
    this.depths.set(group, depth)
    return depth
  }

  private reaches(from: string, to: string): boolean {
    const waiting = [from]
    const seen = new Set(waiting)
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (name === to) return true
      for (const child of this.drafts.get(name)?.children ?? []) {
        if (!seen.has(child)) waiting.push(child)
        seen.add(child)
      }
    }
    return false
  }

  /** Level by level: the group's own hosts, then those of the groups directly below, and so on. */
  private hostsBelow(group: string): string[] {
    const hosts = new Set<string>()
    const groups = new Set([group])
    // A set is walked in the order of insertion, groups that are added on the way included.
    for (const name of groups) {
      for (const host of this.draft(name).hosts) hosts.add(host)
      for (const child of this.draft(name).children) groups.add(child)
    }
    return [...hosts]
  }

  private draft(name: string): Draft {
    const draft = this.drafts.get(name)
    if (draft === undefined) throw new Error(`group ${name} was never added`)
    return draft
  }
}

/** Python's int(): numbers are cut, text must be a whole number. */
function priorityOf(value: Value, at: Location | undefined): number {
  const written = value instanceof Float ? value.value : value
  if (typeof written === 'boolean') return written ? 1 : 0
  const text = value instanceof Opaque && value.kind === 'unsafe' ? value.text : written
  const priority = isWhole(text)
    ? Number(typeof text === 'string' ? text.replaceAll('_', '') : text)
    : Number.NaN
  if (Number.isFinite(priority)) return Math.trunc(priority)
  throw new AppError('INVENTORY_INVALID', 'ansible_group_priority must be a whole number', { at })
}

function isWhole(value: unknown): value is string | number | bigint {
  if (typeof value === 'string') return /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(value)
  return typeof value === 'number' || typeof value === 'bigint'
}
