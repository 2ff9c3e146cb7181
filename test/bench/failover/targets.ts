/** Which clusters change leaders, and through which HAProxy they are used meanwhile: never that of a leader. */

/** A way to the leader. */
export interface Way {
  readonly database: 'pgbouncer' | 'postgres'
  readonly port: number
}

export interface Target {
  readonly cluster: string
  /** Where the HAProxy runs: on a member, or on a proxy that the cluster is delegated to. */
  readonly place: 'member' | 'proxy'
  /** Host with the HAProxy. */
  readonly through: string
  /** Members that may lead. */
  readonly candidates: readonly [string, string]
  readonly writes: readonly Way[]
  /** Ports that are read while it happens. */
  readonly reads: readonly { readonly name: 'replica' | 'offline'; readonly port: number }[]
  /** Section of the first way. */
  readonly section: string
}

/** Its third member never leads: it is the one through whose HAProxy everybody comes. */
export const MEMBER_TARGET: Target = {
  cluster: 'pg-test',
  place: 'member',
  through: 'pg-test-3',
  candidates: ['pg-test-1', 'pg-test-2'],
  writes: [
    { database: 'pgbouncer', port: 5433 },
    { database: 'postgres', port: 5436 },
  ],
  reads: [
    { name: 'replica', port: 5434 },
    { name: 'offline', port: 5438 },
  ],
  section: 'pg-test-primary',
}

export const PROXY_TARGET: Target = {
  cluster: 'pg-meta',
  place: 'proxy',
  through: 'proxy-1',
  candidates: ['pg-meta-1', 'pg-meta-2'],
  writes: [
    { database: 'pgbouncer', port: 10_016 },
    { database: 'postgres', port: 10_018 },
  ],
  reads: [{ name: 'replica', port: 10_017 }],
  section: 'pg-meta-primary',
}

/** One primary and one replica: who serves 5438 depends on who leads. */
export const DUO = {
  cluster: 'pg-duo',
  members: ['pg-duo-1', 'pg-duo-2'],
  primary: 5433,
  replica: 5434,
  offline: 5438,
} as const
