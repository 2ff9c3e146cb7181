/** Why each finding matters, and what would be right when the finding itself does not say it. */

export interface Reason {
  /** One sentence without a full stop. */
  readonly why: string
  /** What would be right, for findings without a hint of their own. */
  readonly hint: string
}

const unread = 'Ansible would stop at it or read something else, so nobody could say what would be published'
const guessed = 'HAProxy refuses the file, or Pigsty writes something else than was meant'

const reasons: Readonly<Record<string, Reason>> = {
  // The inventory itself.
  INVENTORY_MISSING: { why: 'without an inventory there is nothing to publish', hint: 'name the right file' },
  INVENTORY_INVALID: { why: unread, hint: 'mend the place that is named' },
  INVENTORY_SCRIPT: {
    why: 'an inventory that failed to print itself is not known',
    hint: 'run it by hand and mend it',
  },
  INVENTORY_SKIPPED: {
    why: 'hosts and variables in it do not exist for Ansible, nor here',
    hint: 'mend or remove it',
  },
  DEFAULTS_MISSING: { why: 'the files depend on the role defaults of the release', hint: 'mend the path' },
  DUPLICATE_KEY: {
    why: 'only the last one counts, and an edit of the other has no effect',
    hint: 'take one of them out',
  },
  VAULT_FILE: {
    why: 'its variables are unknown here, so a service or selector that uses one sees nothing',
    hint: 'keep what services need in plain files',
  },
  VAULT_VALUE: { why: 'nobody can tell what the service would be', hint: 'put that value in plain text' },
  TEMPLATE_UNDEFINED: {
    why: 'a selector would compare with the raw text, and a service would be refused in the middle of a run',
    hint: 'define the variable, or give it a default()',
  },
  TEMPLATE_UNSUPPORTED: {
    why: 'a guess could publish another member than Ansible would',
    hint: 'write the value out',
  },
  TEMPLATE_CYCLE: { why: 'the value never ends', hint: 'give one of the variables a value of its own' },
  // Identity.
  IDENTITY_INVALID: {
    why: 'servers are named and chosen by it; Pigsty 4.5 refuses the cluster too',
    hint: 'give every member a pg_seq of its own and a known pg_role, and one of them primary',
  },
  MEMBER_INVALID: {
    why: 'its server line would be one that HAProxy refuses',
    hint: 'mend the variable that is named',
  },
  MEMBER_UNREADABLE: {
    why: 'its server would be missing, and nobody could tell',
    hint: 'mend the variable that is named',
  },
  WEIGHT_RANGE: {
    why: 'HAProxy knows weights from 0 to 256 only, and Pigsty up to 255',
    hint: 'write 0 to 255',
  },
  // Definitions.
  SERVICES_INVALID: { why: 'none of its services can be read', hint: 'write a list of mappings' },
  FIELD_MISSING: { why: 'the file could not be written, after the old one is gone', hint: 'add the key' },
  FIELD_NULL: {
    why: 'Pigsty prints nothing for it, and HAProxy refuses a directive without its value',
    hint: 'give it a value, or take it out',
  },
  FIELD_TYPE: { why: guessed, hint: 'write a value of the kind that is named' },
  FIELD_INVALID: { why: guessed, hint: 'mend the key that is named' },
  NUMBER_RANGE: { why: guessed, hint: 'write a whole number in the range' },
  PORT_RANGE: {
    why: 'HAProxy refuses the file, and with it every later change on the node',
    hint: 'write 1 to 65535',
  },
  DEST_INVALID: {
    why: 'Pigsty sends it to 5432 without a word, past pgbouncer or to another database',
    hint: 'write default, postgres, pgbouncer, or the port as a number without quotes',
  },
  DURATION_INVALID: {
    why: 'HAProxy takes whole numbers only, and refuses the file',
    hint: 'write 500ms for 0.5s',
  },
  TEXT_BREAKS_LINE: {
    why: 'it would end its line or begin a comment: more is configured than was meant, or less',
    hint: 'write one line of plain text',
  },
  CHECK_INVALID: { why: guessed, hint: 'write a path that begins with /' },
  BIND_INVALID: { why: guessed, hint: 'write one address, * or vip' },
  VIP_MISSING: {
    why: 'there is no address to bind',
    hint: 'set vip_address for the nodes that carry the service',
  },
  NAME_REFUSED: {
    why: 'the name is part of a file name and of a section',
    hint: 'use letters, digits, _, . and -',
  },
  BOTH_WORDS: { why: 'which of the two counts would depend on the release', hint: 'keep one of them' },
  RTO_INVALID: {
    why: 'every service without options takes its check timings from it',
    hint: 'mend the plan, or give the service options',
  },
  RTO_UNKNOWN: {
    why: 'Pigsty takes norm in silence: checks and failover are slower, or faster, than was meant',
    hint: 'name a mode of pg_rto_plan',
  },
  FOLLOW_INVALID: {
    why: 'nobody could tell what happens at the next failover',
    hint: 'write on, report or off',
  },
  FOLLOW_DIFFERS: {
    why: 'after a failover some nodes would serve the new roles and others the old ones',
    hint: "set pgsvc_follow once, in the vars of the cluster's group",
  },
  PGSVC_VARIABLE_UNKNOWN: {
    why: 'it has no effect, in silence',
    hint: 'mend the name, or take it out',
  },
  SERVICE_KEY_UNKNOWN: {
    why: 'the default is used in its place, in silence',
    hint: 'mend the key, or take it out',
  },
  // Selectors.
  SELECTOR_INVALID: { why: 'nobody can be chosen', hint: 'mend the expression at the place that is named' },
  SELECTOR_FAILED: {
    why: 'Ansible stops in the middle of the run, with the old files gone',
    hint: 'mend the selector or the variable',
  },
  SELECTOR_NOT_MEMBERS: {
    why: 'there would be no servers to write',
    hint: 'end the selector in the members themselves, e.g. []',
  },
  SELECTOR_EMPTY: {
    why: 'HAProxy accepts connections on the port and drops each of them',
    hint: 'choose somebody',
  },
  SELECTOR_EMPTY_SOMETIMES: {
    why: 'after that failover HAProxy drops every connection to the port',
    hint: 'give the service a backup',
  },
  SELECTOR_ONLY_BACKUPS: {
    why: 'of several backups HAProxy uses only the first, so that nothing is balanced',
    hint: 'let the selector choose the members that are to serve',
  },
  // Checks.
  CHECK_UNKNOWN: { why: 'every server is down for ever', hint: "use one of Patroni's paths" },
  STANDBY_PRIMARY: {
    why: 'every server is down for ever: in a standby cluster the leader is a replica of another cluster',
    hint: 'check /leader or /standby-leader',
  },
  BACKUP_NEVER_PASSES: {
    why: 'the last resort is never there when it is needed',
    hint: 'choose a check that the backup passes too',
  },
  SERVERS_NEVER_PASS: { why: 'these servers are down for ever', hint: 'choose a check that they can pass' },
  // What stands side by side.
  PORT_CLASH: {
    why: 'HAProxy binds both and splits the connections between them, and says nothing',
    hint: 'give one of them another port',
  },
  PORT_TAKEN: {
    why: 'HAProxy cannot open the port, and the reload fails; its own page would share the connections',
    hint: 'give the service another port',
  },
  PORT_LIKELY_TAKEN: {
    why: 'if it runs there HAProxy cannot open the port, and the reload fails',
    hint: 'give the service another port',
  },
  NAME_CLASH: {
    why: 'both would write one file, and the later one would be left',
    hint: 'give one of them another name',
  },
  SAME_SERVICE_NAME: {
    why: 'on a node that carries both one file would replace the other',
    hint: 'rename one of them',
  },
  NAME_PREFIX: {
    why: "Ansible deletes a cluster's files by the beginning of their names",
    hint: 'choose names of which none begins another',
  },
  WIPE_NEIGHBOUR: {
    why: "the neighbour's services are gone at the next start of HAProxy, until it is refreshed too",
    hint: 'carry them on different nodes, or rename one of them',
  },
  WIPE_NODE_SERVICE: {
    why: 'the service is gone at the next start of HAProxy, until node.yml writes it again',
    hint: 'give the service another name',
  },
  PROVIDER_UNKNOWN: {
    why: 'Pigsty takes the members then, and clients of the proxies find nothing',
    hint: 'name a group of the inventory, or leave it empty for the members',
  },
  PROVIDER_EMPTY: {
    why: 'nothing is written anywhere, and the command succeeds',
    hint: 'put hosts into the group',
  },
  VIP_NOT_HELD: {
    why: 'HAProxy cannot open an address that its node does not have, and the reload fails',
    hint: 'bind *, or give the nodes the address',
  },
  MEMBER_ADDRESS: {
    why: 'HAProxy takes it for a name, which it cannot look up, and refuses the file',
    hint: 'mend the address',
  },
  GUARD_REFUSED: {
    why: 'every agent refuses the file: a controller that was taken over must not be root on the nodes',
    hint: 'take it out of options',
  },
  TOO_MANY_FILES: {
    why: "the node's agent refuses the whole set",
    hint: 'spread the clusters over more providers',
  },
  MEMBER_WITHOUT_CLUSTER: {
    why: 'the host is a server of no service, and nothing else says so',
    hint: 'give it a pg_cluster',
  },
  SERVICE_TWICE: {
    why: 'both would be the same file, so that the earlier definition has no effect',
    hint: 'take one of them out',
  },
  BIND_NAME: {
    why: 'HAProxy looks the name up when it starts, and does not start when it cannot',
    hint: 'write the address',
  },
  // Only --strict.
  STRICT_REFUSED: {
    why: "HAProxy refuses the file that Pigsty's own playbook writes, and the old one is gone by then",
    hint: 'mend it as long as Ansible is used too',
  },
  STRICT_DIFFERS: {
    why: "Ansible's next refresh would change what is published",
    hint: 'write it so that both read it the same',
  },
  STRICT_FAILS: { why: "Pigsty's own playbook fails at it", hint: 'mend it as long as Ansible is used too' },
}

const unexplained: Reason = { why: 'it cannot be published as it stands', hint: 'see docs/faults.md' }

/** @param code - of a problem of a plan, of a loaded inventory or of lint */
export function reasonOf(code: string): Reason {
  return reasons[code] ?? unexplained
}

/** The codes that have a reason of their own. */
export const explainedCodes: ReadonlySet<string> = new Set(Object.keys(reasons))
