/**
 * What one node should have: plain, readonly, the same shape on both sides of the wire.
 * Source: proto/pgsvc/v1/model.proto, which explains each field.
 */

/** Who files belong to: a cluster's name, or `node:<host>` for the node's own `haproxy_services`. */
export type Owner = string

/** A HAProxy file by content. */
export interface FileRef {
  /** Base name, e.g. `pg-test-primary.cfg`. */
  readonly name: string
  /** Lower-case hex SHA-256 of the bytes. */
  readonly digest: string
}

/** A cluster's files as they are when `leader` leads; `leader` is '' for an owner without one. */
export interface Variant {
  readonly leader: string
  /** Sorted by name. */
  readonly files: readonly FileRef[]
}

export interface Member {
  /** `<pg_cluster>-<pg_seq>`. */
  readonly instance: string
  /** The host as the inventory names it. */
  readonly address: string
  readonly patroniPort: number
  readonly patroniTls: boolean
}

export interface ServiceInfo {
  /** `<pg_cluster>-<name>`, the `listen` section. */
  readonly name: string
  readonly port: number
  /** Path of the health check; '' when there is none. */
  readonly check: string
  /** Instance names in file order. */
  readonly servers: readonly string[]
  /** Those of `servers` marked backup. */
  readonly backups: readonly string[]
}

export type FollowPolicy = 'default' | 'on' | 'report' | 'off'

/** What one node should have of one owner. */
export interface Assignment {
  readonly owner: Owner
  readonly revision: number
  readonly variants: readonly Variant[]
  /** Leader whose variant is to run; '' when there is none. */
  readonly leader: string
  /** Leader by the inventory: whose variant a node runs that does not follow; '' when not known. */
  readonly inventoryLeader: string
  /** Nodes of the revision that are no member: each asks the leader's Patroni, and goes easy on it by their number. */
  readonly outsideNodes: number
  readonly members: readonly Member[]
  readonly services: readonly ServiceInfo[]
  readonly follow: FollowPolicy
}

/** Everything one node should have now. Assignments are sorted by owner. */
export interface Snapshot {
  readonly version: number
  readonly assignments: readonly Assignment[]
  /** Owners that the agent runs and the controller never published: they stay as the agent has them. */
  readonly keptOwners?: readonly Owner[] | undefined
}

/** File contents by digest. */
export type Blobs = ReadonlyMap<string, string>

/** What an agent runs of one owner. */
export interface AppliedOwner {
  readonly owner: Owner
  readonly revision: number
  readonly leader: string
}

/** Owner of a node's own `haproxy_services`. */
export function nodeOwner(host: string): Owner {
  return `node:${host}`
}

/** The host of a `node:<host>` owner, else undefined. */
export function hostOfNodeOwner(owner: Owner): string | undefined {
  return owner.startsWith('node:') ? owner.slice('node:'.length) : undefined
}
