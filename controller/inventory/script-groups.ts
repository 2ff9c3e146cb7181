/**
 * The JSON that an inventory program prints → hosts and groups, the way Ansible's script reader walks it.
 *
 * Names are taken as they stand: no ranges, no ports. Hosts keep the order of the groups' lists; the order of
 * `hostvars` does not matter.
 */

import { Dict, isList, type Value } from '../values/value.ts'
import { at, groupName, type InventoryDraft, refused } from './inventory-draft.ts'

/** What an inventory program said. */
export class ScriptOutput {
  /** The answer to `--list`, `_meta` included. */
  readonly groups: Dict
  readonly hostVars: ReadonlyMap<unknown, Value>

  constructor(groups: Dict, hostVars: ReadonlyMap<unknown, Value>) {
    this.groups = groups
    this.hostVars = hostVars
  }
}

/**
 * @throws AppError `INVENTORY_INVALID` with the place, in the output, of what Ansible would not take either
 */
export function addScriptOutput(draft: InventoryDraft, output: ScriptOutput): void {
  const hosts = new Set<string>()
  for (const [name, body] of output.groups) {
    if (name !== '_meta') addGroup(draft, output.groups, name, body, hosts)
  }
  for (const host of hosts) {
    const vars = output.hostVars.get(host)
    if (vars === undefined) continue
    if (!(vars instanceof Dict))
      throw refused(`the variables of host ${host} must be a mapping`, at(output.groups))
    draft.addHostVars(host, vars)
  }
}

/** Names of the hosts that the groups list, in order of first appearance. */
export function hostsListed(groups: Dict): string[] {
  const names = [...groups].flatMap(([name, body]) => {
    if (name === '_meta') return []
    const hosts = bodyOf(String(name), body).get('hosts')
    return isList(hosts) ? hosts.filter((host) => typeof host === 'string') : []
  })
  return [...new Set(names)]
}

function addGroup(
  draft: InventoryDraft,
  groups: Dict,
  key: unknown,
  written: Value,
  hosts: Set<string>,
): void {
  const place = at(groups, typeof key === 'string' ? key : undefined)
  const name = groupName(key, place)
  const body = bodyOf(name, written)
  draft.tree.add(name)
  if (body.has('hosts')) addHosts(draft, name, body, hosts)
  const vars = body.get('vars')
  if (vars instanceof Dict) draft.tree.addVars(name, vars)
  else if (vars !== undefined)
    throw refused(`vars of group ${name} must be a mapping`, at(body, 'vars') ?? place)
  for (const child of childrenOf(body, name)) {
    draft.tree.add(child)
    draft.tree.link(name, child, at(body, 'children') ?? place)
  }
}

function addHosts(draft: InventoryDraft, group: string, body: Dict, seen: Set<string>): void {
  const list = body.get('hosts')
  const spot = body.spots.get('hosts') ?? body.spot
  if (!isList(list)) throw refused(`hosts of group ${group} must be a list`, at(body, 'hosts'))
  for (const host of list) {
    if (typeof host !== 'string') throw refused(`a host name in group ${group} is no text`, at(body, 'hosts'))
    draft.addHost(group, host, { spot })
    seen.add(host)
  }
}

/** A list of hosts alone, or variables alone, stands for a group: the latter with one host of the group's name. */
function bodyOf(name: string, body: Value): Dict {
  if (!(body instanceof Dict)) return new Dict([['hosts', body]])
  if (['hosts', 'vars', 'children'].some((key) => body.has(key))) return body
  const short = new Dict([
    ['hosts', [name]],
    ['vars', body],
  ])
  short.spot = body.spot
  return short
}

function childrenOf(body: Dict, group: string): string[] {
  if (!body.has('children')) return []
  const written = body.get('children')
  const place = at(body, 'children')
  if (written instanceof Dict) return [...written.keys()].map((name) => groupName(name, place))
  if (isList(written)) return written.map((name) => groupName(name, place))
  throw refused(`children of group ${group} must be a list`, place)
}
