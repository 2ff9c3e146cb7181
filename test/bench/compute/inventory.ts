/**
 * A big inventory of ours, the same for the same numbers: clusters of different sizes, templates, variables of
 * groups and hosts in files beside it, services of clusters and of single members, delegations, offline members.
 */

export interface Size {
  readonly hosts: number
  readonly clusters: number
}

/** Contents of the inventory's files, by path. */
export function bigInventory(size: Size): Map<string, string> {
  const files = new Map([['group_vars/all.yml', forAll]])
  const lines = ['all:', '  children:', ...proxies(size)]
  let host = 0
  for (let cluster = 0; cluster < size.clusters; cluster += 1) {
    const left = size.clusters - cluster
    // Sizes go up and down around the mean, so that no cluster is like its neighbour.
    const mean = Math.floor((size.hosts - host) / left)
    const wanted = left === 1 ? size.hosts - host : Math.max(1, mean + ((cluster % 5) - 2))
    const members = Math.min(wanted, size.hosts - host - (left - 1))
    lines.push(...clusterLines(cluster, host, members))
    for (const [path, text] of besideCluster(cluster, host)) files.set(path, text)
    host += members
  }
  lines.push(...globals)
  files.set('pigsty.yml', `${lines.join('\n')}\n`)
  return files
}

function address(host: number): string {
  return `10.${Math.floor(host / 62_500) + 1}.${Math.floor(host / 250) % 250}.${(host % 250) + 1}`
}

/** Every 100 clusters share a pair of nodes that some of them are delegated to. */
function proxies({ clusters }: Size): string[] {
  return Array.from({ length: Math.ceil(clusters / 100) }, (_none, i) => [
    `    proxy-${i}:`,
    '      hosts:',
    `        10.200.${i}.1: { nodename: "proxy-${i}-1" }`,
    `        10.200.${i}.2: { nodename: "proxy-${i}-2" }`,
  ]).flat()
}

function clusterLines(cluster: number, first: number, members: number): string[] {
  const name = `pg-${cluster}`
  return [
    `    ${name}:`,
    '      hosts:',
    ...Array.from(
      { length: members },
      (_none, i) => `        ${address(first + i)}: ${memberVars(cluster, i, members)}`,
    ),
    '      vars:',
    `        pg_cluster: ${cluster % 3 === 0 ? '"{{ shard_prefix }}' : `"pg`}-${cluster}"`,
    '        pg_databases: [ { name: meta, owner: dbuser_meta, extensions: [ { name: postgis, schema: public } ] } ]',
    '        pg_users:',
    '          - { name: dbuser_meta, password: DBUser.Meta, pgbouncer: true, roles: [ dbrole_admin ] }',
    '          - { name: dbuser_view, password: DBUser.View, pgbouncer: true, roles: [ dbrole_readonly ] }',
    ...(cluster % 4 === 0 ? extraServices(cluster) : []),
    ...(cluster % 10 === 7
      ? [
          `        pg_service_provider: "proxy-${Math.floor(cluster / 100)}"`,
          `        pg_default_services: [ ${delegated(cluster)} ]`,
        ]
      : []),
  ]
}

function memberVars(cluster: number, i: number, members: number): string {
  const role = i === 0 ? 'primary' : i === members - 1 && members > 2 ? 'offline' : 'replica'
  const more = [
    ...(i % 2 === 1 && cluster % 6 === 0 ? ['pg_offline_query: true'] : []),
    ...(cluster % 9 === 0 ? ['pg_weight: "{{ weight_of_zone }}"'] : []),
    ...(cluster % 11 === 0 ? [`pg_port: 5444`] : []),
  ]
  return `{ ${[`pg_seq: ${i + 1}`, `pg_role: ${role}`, `zone: z${(cluster + i) % 3}`, ...more].join(', ')} }`
}

function extraServices(cluster: number): string[] {
  return [
    '        pg_services:',
    '          - name: standby',
    '            port: 5435',
    '            dest: "{{ standby_dest }}"',
    '            check: /sync',
    '            selector: "[]"',
    '            backup: "[? pg_role == \'primary\' ]"',
    '            maxconn: 3000',
    '          - name: near',
    '            port: 5439',
    "            selector: \"[? zone == '{{ zone }}' && pg_role != 'offline' ]\"",
    '            backup: "[? zone != \'{{ zone }}\' ] | [:2]"',
    `            balance: ${cluster % 8 === 0 ? 'leastconn' : 'roundrobin'}`,
  ]
}

/** Ports of their own: the clusters of a provider share its nodes. */
function delegated(cluster: number): string {
  const port = 20_000 + (cluster % 100) * 10
  return [
    `{ name: primary, port: ${port}, check: /primary, selector: "[]" }`,
    `{ name: replica, port: ${port + 1}, check: /read-only, selector: "[? pg_role != 'offline' ]", backup: "[? pg_role == 'primary' ]" }`,
  ].join(', ')
}

function besideCluster(cluster: number, first: number): [string, string][] {
  const group: [string, string][] =
    cluster % 20 === 0
      ? [[`group_vars/pg-${cluster}.yml`, `pg_default_service_dest: postgres\nnode_tune: oltp\n`]]
      : []
  const host: [string, string][] =
    cluster % 25 === 0
      ? [[`host_vars/${address(first)}.yml`, 'weight_of_zone: 50\npatroni_port: 8009\n']]
      : []
  return [...group, ...host]
}

const forAll = `shard_prefix: pg
region: default
weight_of_zone: 100
standby_dest: "{{ dest_by_region[region] }}"
dest_by_region: { default: postgres, other: pgbouncer }
pg_version: 17
pg_dbsu: postgres
`

const globals = `  vars:
    version: v4.5.0
    admin_ip: 10.10.10.10
    node_tune: oltp
    repo_upstream:
      - { name: pigsty-local, description: local, module: local, releases: [ 8, 9, 10 ], arch: [ x86_64 ] }
    pg_hba_rules:
      - { user: all, db: all, addr: intra, auth: pwd, title: "intranet access", order: 800 }
    pg_parameters: { log_min_duration_statement: 100, work_mem: "{{ pg_version * 2 }}MB" }`.split('\n')
