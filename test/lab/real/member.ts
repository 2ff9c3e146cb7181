/** The programs of a database host: Patroni with its PostgreSQL, and pgbouncer. */
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Host, HostProcess } from '../host.ts'
import {
  BOOTSTRAP_SQL,
  BOOTSTRAP_STATEMENTS,
  PATRONI_FILE,
  type PatroniOptions,
  patroniConfig,
} from './patroni-config.ts'
import type { MemberSpec } from './topology.ts'

export interface MemberOptions extends PatroniOptions {
  /**
   * How long pgbouncer refuses clients after PostgreSQL did not let it in, seconds. Default: 15, pgbouncer's own, which
   * Pigsty leaves: a primary that was demoted is not served through it before.
   */
  readonly loginRetryS?: number
}

const PGBOUNCER_FILE = '/etc/pgbouncer/pgbouncer.ini'

// Pool and socket as in Pigsty's pgbouncer.ini; there is nobody to keep out. With \`any\` the user is the database's.
const pgbouncerIni = ({ loginRetryS = 15 }: MemberOptions): string => `[databases]
* = host=/run/postgresql port=5432 user=dbuser_test

[pgbouncer]
pool_mode = transaction
listen_addr = 0.0.0.0
listen_port = 6432
auth_type = any
admin_users = postgres
unix_socket_dir = /run/postgresql
pidfile = /run/postgresql/pgbouncer.pid
max_client_conn = 1000
default_pool_size = 50
ignore_startup_parameters = extra_float_digits,options
server_login_retry = ${loginRetryS}
`

/** Directory of the newest PostgreSQL that Debian's packages brought. */
function postgresBinaries(): string {
  const home = '/usr/lib/postgresql'
  const versions = existsSync(home) ? readdirSync(home) : []
  const newest = versions
    .filter((version) => existsSync(path.join(home, version, 'bin/postgres')))
    .sort((a, b) => Number(b) - Number(a))[0]
  if (newest === undefined) throw new Error(`no PostgreSQL in ${home}: run scripts/setup`)
  return path.join(home, newest, 'bin')
}

/** Runs a program as PostgreSQL's user with nothing of our environment: its own Python, its own locale. */
export function asPostgres(args: readonly string[]): readonly string[] {
  const user = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups']
  const env = ['env', '-i', '--chdir=/var/lib/postgresql', 'HOME=/var/lib/postgresql', 'LC_ALL=C']
  return [...user, ...env, 'PATH=/usr/bin:/bin', ...args]
}

/** Writes what the programs of a member read. `endpoint`: etcd. */
export async function prepareMember(
  host: Host,
  member: MemberSpec,
  endpoint: string,
  options: MemberOptions,
): Promise<void> {
  const config = patroniConfig(member, { endpoint, binaries: postgresBinaries() }, options)
  await writeFile(host.file(PATRONI_FILE), config)
  await writeFile(host.file(BOOTSTRAP_SQL), BOOTSTRAP_STATEMENTS)
  await writeFile(host.file(PGBOUNCER_FILE), pgbouncerIni(options))
}

/** Starts a member's Patroni, which starts its PostgreSQL; does not wait for either. */
export function startPatroni(host: Host): Promise<HostProcess> {
  return host.spawn('patroni', asPostgres(['patroni', PATRONI_FILE]))
}

/** Starts a member's pgbouncer. */
export function startPgbouncer(host: Host): Promise<HostProcess> {
  return host.spawn('pgbouncer', asPostgres(['/usr/sbin/pgbouncer', PGBOUNCER_FILE]))
}
