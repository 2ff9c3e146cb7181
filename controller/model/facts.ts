/**
 * What Pigsty's playbooks work out about a host before they render: selectors and templates can read it, and it
 * hides variables of the same name.
 *
 * Facts about who leads (pg_primary_ip, pg_cluster_replicas and the like) are left out: they are those of the
 * inventory, and every possible leader's files are rendered here. Source: Pigsty's roles node_id and pg_id.
 */

import type { HostView } from '../inventory/host-view.ts'
import { toInt } from '../template/python-number.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import type { Value } from '../values/value.ts'

export type Facts = ReadonlyMap<string, Value>

/** @param view - the host's variables and role defaults, without facts */
export function nodeFacts(view: HostView): Map<string, Value> {
  const facts = new Map<string, Value>()
  const cluster = textOf(view, 'pg_cluster')
  const seq = textOf(view, 'pg_seq')
  const fromCluster = ansibleBool(view.get('node_id_from_pg') ?? true) && cluster !== ''
  const own = textOf(view, 'node_cluster')
  if (fromCluster && seq !== '') facts.set('nodename', `${cluster}-${seq}`)
  facts.set('node_cluster', fromCluster && ['', 'nodes'].includes(own) ? cluster : own || 'nodes')
  return facts
}

/**
 * The facts of a member of a cluster.
 *
 * @param view - the member's variables and role defaults, without facts
 * @param addresses - all members of its cluster
 */
export function memberFacts(view: HostView, addresses: readonly string[]): Facts {
  const cluster = textOf(view, 'pg_cluster')
  const role = textOf(view, 'pg_role')
  const facts = nodeFacts(view)
  facts.set('pg_instance', `${cluster}-${textOf(view, 'pg_seq')}`)
  facts.set('pg_service', `${cluster}-${role}`)
  facts.set('pg_shard', pyText(view.get('pg_shard') ?? cluster))
  facts.set('pg_group', pyText(toInt(view.get('pg_group') ?? 0)))
  facts.set('pg_is_primary', role === 'primary')
  facts.set('pg_cluster_size', String(addresses.length))
  facts.set('pg_cluster_members', [...addresses].sort())
  return facts
}

function textOf(view: HostView, name: string): string {
  return pyText(view.get(name) ?? null)
}
