/** Names that Ansible itself gives a value to, and what of them is known here. */

/** There in every template, whatever the inventory says; their values depend on how Ansible was called. */
const alwaysAnsible = new Set(
  `ansible_check_mode ansible_config_file ansible_diff_mode ansible_forks ansible_inventory_sources ansible_limit
  ansible_playbook_python ansible_run_tags ansible_skip_tags ansible_verbosity ansible_version inventory_dir omit
  playbook_dir`.split(/\s+/),
)

/** There while a play runs: not when a selector reads a variable. */
const playOnly = new Set(
  `ansible_collection_name ansible_dependent_role_names ansible_parent_role_names ansible_play_batch ansible_play_hosts
  ansible_play_hosts_all ansible_play_name ansible_play_role_names ansible_role_name ansible_role_names
  environment item play_hosts role_name role_names role_path role_uuid vars`.split(/\s+/),
)

/** How Ansible reaches a host: hostvars have them only when the inventory does, a play fills in the others. */
const connection = /^ansible_(?:host|port|user|password|connection|become\w*|ssh_\w+)$/

/** Facts that Pigsty's play sets and that depend on who leads, or on the release. */
const leaderFacts = new Set(
  `pg_cluster_replicas pg_meta pg_primary_ins pg_primary_ip pg_primary_list pg_primary_seq pg_seq_next`.split(
    /\s+/,
  ),
)

/** Functions and classes of Jinja and Ansible; a variable of the same name hides them. */
const globals = new Set('cycler dict joiner lipsum lookup namespace now q query range undef'.split(' '))

/** What is left out of hostvars' templating when it is a key of a mapping. */
export const staticKeys: ReadonlySet<string> = new Set(
  `ansible_version ansible_play_hosts ansible_dependent_role_names ansible_play_role_names ansible_role_names
  inventory_hostname inventory_hostname_short inventory_file inventory_dir groups group_names omit playbook_dir
  play_hosts role_names ungrouped`.split(/\s+/),
)

/** Whether Ansible gives the name a value of its own, over anything written. */
export function isAnsiblesOwn(name: string, isRendering: boolean): boolean {
  return alwaysAnsible.has(name) || (isRendering && playOnly.has(name))
}

/** Whether the play of a cluster's member sets the name to something that is not worked out here. */
export function isLeaderFact(name: string): boolean {
  return leaderFacts.has(name)
}

/** Whether a template can use the name as a function when no variable hides it. */
export function isGlobal(name: string): boolean {
  return globals.has(name)
}

/**
 * Why a name that nothing defines may have a value for Ansible all the same; undefined when it has none.
 *
 * @param isRendering - for the host that renders; a selector sees less
 */
export function reasonUnknown(name: string, isRendering: boolean): string | undefined {
  if (isAnsiblesOwn(name, isRendering)) return `${name}: a value that depends on how Ansible is called`
  if (connection.test(name) && !isRendering) return undefined
  return name.startsWith('ansible_')
    ? `${name}: a fact that Ansible gathers on the host, not known here,`
    : undefined
}
