/**
 * Which value of a variable counts.
 *
 * From the strongest to the weakest: host_vars/, the host in the file, group_vars/<group> by depth, priority
 * and name, group_vars/all, groups in the file likewise, `all` in the file. Source: Ansible's precedence, seen.
 * Nothing is merged or copied: a host holds its layers, and hosts of the same groups share theirs.
 */

import type { Dict } from '../values/value.ts'
import type { GroupTree } from './group-tree.ts'
import type { Host, Layer, Origin } from './inventory.ts'

/** A host while the inventory is being read. */
export interface HostDraft {
  /** Groups that name the host themselves. */
  readonly groups: Set<string>
  readonly vars: Dict
}

/** Variables of group_vars/ and host_vars/; asked for only what the inventory names, and once each. */
export interface VarsBeside {
  readonly groups: VarsByName
  readonly hosts: VarsByName
}

export interface VarsByName {
  get(name: string): Dict | undefined
}

/** The hosts with their layers, in the order of the drafts. */
export function layersOf(
  drafts: ReadonlyMap<string, HostDraft>,
  tree: GroupTree,
  beside: VarsBeside,
): Map<string, Host> {
  const shared = new Map<string, { groupNames: string[]; layers: Layer[] }>()
  const hosts = new Map<string, Host>()
  for (const [name, draft] of drafts) {
    const signature = JSON.stringify([...draft.groups].sort())
    const common = shared.get(signature) ?? groupLayers(tree.lineage(draft.groups), tree, beside)
    shared.set(signature, common)
    const own = [
      ...layerOf({ kind: 'host_vars' }, beside.hosts.get(name)),
      ...layerOf({ kind: 'host' }, draft.vars),
    ]
    hosts.set(name, {
      name,
      spot: draft.vars.spot,
      index: hosts.size,
      groupNames: common.groupNames,
      layers: [...own, ...common.layers],
    })
  }
  return hosts
}

function groupLayers(lineage: readonly string[], tree: GroupTree, beside: VarsBeside) {
  const strongestFirst = [...[...lineage].reverse(), 'all']
  const layers = [
    ...strongestFirst.flatMap((group) =>
      layerOf({ kind: 'group_vars', ...tree.rank(group) }, beside.groups.get(group)),
    ),
    ...strongestFirst.flatMap((group) => layerOf({ kind: 'group', ...tree.rank(group) }, tree.vars(group))),
  ]
  return { groupNames: [...lineage].sort(), layers }
}

function layerOf(origin: Origin, vars: Dict | undefined): Layer[] {
  return vars === undefined || vars.size === 0 ? [] : [{ origin, vars }]
}
