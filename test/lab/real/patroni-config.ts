/**
 * Configuration of a member's Patroni: Pigsty's, without passwords and with the small memory of a lab.
 *
 * Source: roles/pgsql/templates/oltp.yml of Pigsty; where ours differs, a comment says why.
 */
import type { MemberSpec } from './topology.ts'

/** Patroni's clock, in seconds, as a new cluster is started with it. */
export interface PatroniTimings {
  readonly ttl: number
  readonly loop_wait: number
  readonly retry_timeout: number
}

/** What Pigsty sets (`pg_rto: 30`). */
export const PIGSTY_TIMINGS: PatroniTimings = { ttl: 30, loop_wait: 10, retry_timeout: 10 }

/** For tests that wait for a leader to be given up. */
export const FAST_TIMINGS: PatroniTimings = { ttl: 20, loop_wait: 5, retry_timeout: 5 }

export interface PatroniOptions {
  /** Default: `PIGSTY_TIMINGS`. */
  readonly timings?: PatroniTimings
  /** A program on the hosts that Patroni runs at every role change, with `<event> <role> <cluster>`. */
  readonly callback?: string
  /** Patroni's tags besides Pigsty's, by member's name, e.g. `{ 'pg-test-3': { nofailover: true } }`. */
  readonly tags?: Readonly<Record<string, Readonly<Record<string, boolean | number | string>>>>
}

export const DATA_DIRECTORY = '/var/lib/postgresql/data'
export const BOOTSTRAP_SQL = '/etc/patroni/bootstrap.sql'
export const PATRONI_FILE = '/etc/patroni/patroni.yml'

/** What every new cluster has: a user and a database with a table for probes. */
export const BOOTSTRAP_STATEMENTS = `
CREATE ROLE dbuser_test LOGIN;
CREATE DATABASE test OWNER dbuser_test;
\\connect test dbuser_test
CREATE TABLE probe (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), note text);
`

/** The file's text; JSON is YAML. `endpoint`: etcd. `binaries`: directory of PostgreSQL's programs. */
export function patroniConfig(
  member: MemberSpec,
  { endpoint, binaries }: { readonly endpoint: string; readonly binaries: string },
  { timings = PIGSTY_TIMINGS, callback, tags = {} }: PatroniOptions,
): string {
  const config = {
    namespace: '/pg/',
    scope: member.cluster,
    name: member.name,
    etcd3: { hosts: endpoint, protocol: 'http' },
    // Not its own address alone: tests ask from the host itself too.
    restapi: { listen: '0.0.0.0:8008', connect_address: `${member.address}:8008` },
    tags: {
      nofailover: false,
      clonefrom: true,
      noloadbalance: false,
      nosync: false,
      ...tags[member.name],
    },
    watchdog: { mode: 'off' },
    bootstrap: {
      dcs: clusterSettings(timings),
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }],
      post_bootstrap: `/usr/bin/psql -X -q -v ON_ERROR_STOP=1 -f ${BOOTSTRAP_SQL}`,
    },
    postgresql: memberSettings(member, binaries, callback),
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

function clusterSettings(timings: PatroniTimings) {
  return {
    ...timings,
    primary_start_timeout: timings.retry_timeout,
    maximum_lag_on_failover: 1_048_576,
    failsafe_mode: true,
    postgresql: {
      use_slots: true,
      use_pg_rewind: true,
      remove_data_directory_on_rewind_failure: true,
      parameters: {
        max_connections: 100,
        max_wal_senders: 10,
        max_replication_slots: 10,
        wal_level: 'logical',
        wal_log_hints: 'on',
        shared_buffers: '32MB',
        min_wal_size: '32MB',
        max_wal_size: '256MB',
        // A replica that finds no slot yet asks again soon, so that a test need not wait for it.
        wal_retrieve_retry_interval: '500ms',
        // The disks of a lab are memory.
        fsync: 'off',
        // A killed PostgreSQL leaves nothing in /dev/shm.
        dynamic_shared_memory_type: 'mmap',
      },
    },
  }
}

function memberSettings(member: MemberSpec, binaries: string, callback: string | undefined) {
  return {
    listen: '0.0.0.0:5432',
    connect_address: `${member.address}:5432`,
    use_unix_socket: true,
    data_dir: DATA_DIRECTORY,
    bin_dir: binaries,
    pgpass: '/var/lib/postgresql/.pgpass',
    authentication: {
      superuser: { username: 'postgres' },
      replication: { username: 'replicator', password: 'lab' },
    },
    // Nobody can reach the lab from outside.
    pg_hba: [
      'local all all trust',
      'host all all 0.0.0.0/0 trust',
      'host replication all 0.0.0.0/0 trust',
      'local replication all trust',
    ],
    basebackup: [{ checkpoint: 'fast' }],
    parameters: {
      unix_socket_directories: '/run/postgresql',
      // An answer can say which instance gave it.
      'lab.instance': member.name,
    },
    ...(callback === undefined
      ? {}
      : { callbacks: Object.fromEntries(CALLBACKS.map((event) => [event, callback])) }),
  }
}

const CALLBACKS = ['on_start', 'on_stop', 'on_restart', 'on_role_change']
