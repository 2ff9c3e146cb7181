/**
 * Which of Patroni's keys in etcd say who leads.
 *
 * Patroni keeps a cluster below `<namespace>/<scope>/`; with Citus each group has a level of its own below the scope.
 * Pigsty's scope is the cluster's name, with Citus the name of the shard, which several clusters share.
 * Source: patroni/dcs/__init__.py (3.0 to 4.0), `client_path`; Pigsty's Patroni templates.
 */

/** Where a leader key stands. */
export interface LeaderKey {
  readonly scope: string
  /** Citus group; undefined for a cluster by itself. */
  readonly group: string | undefined
}

/** Names that Pigsty gives: no other word of a path, and nothing that could be an owner of another kind. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/
const groupNumber = /^(0|[1-9]\d{0,9})$/
const lastPart = '/leader'

/**
 * @param prefix - begins and ends with `/`
 * @returns undefined for every other key, e.g. `status`, `members/pg-test-1`, `optime/leader` of old releases
 */
export function leaderKeyOf(key: string, prefix: string): LeaderKey | undefined {
  // Nearly all that Patroni writes is something else, so the cheapest test comes first.
  if (!key.endsWith(lastPart) || !key.startsWith(prefix)) return undefined
  const [scope = '', group, ...more] = key.slice(prefix.length, -lastPart.length).split('/')
  if (!plainName.test(scope) || more.length > 0) return undefined
  if (group !== undefined && !groupNumber.test(group)) return undefined
  return { scope, group }
}

/** What a leader key says: the member's name, '' when it is no name that an instance can have. */
export function memberOf(value: string): string {
  return plainName.test(value) ? value : ''
}

/** A prefix as Patroni makes it of its namespace: `pg`, `/pg` and `//pg/` are `/pg/`. */
export function normalPrefix(text: string): string {
  return `/${text}/`.replace(/\/+/g, '/')
}

/** The first key behind all that begin with `prefix`, which ends with `/`. */
export function prefixEnd(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
