/**
 * What the controller remembers: revisions, what each node is assigned, what was done, and what nodes said last.
 *
 * The interface is narrow and asynchronous so that a shared store (etcd) can stand behind it later. `commit`
 * is the commit point of a publish: all or nothing, durable when it resolves.
 */
import type { Fault, QuarantinedOwner } from '../../shared/errors/fault.ts'
import type { Timeline } from '../../shared/model/leader.ts'
import type { AppliedOwner, Blobs, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import type { EventRecord, NewEvent } from '../events/event.ts'
import type { OwnerPlan } from '../plan/owner-plan.ts'
import type { TrustStore } from './trust-store.ts'

export interface RevisionRecord {
  readonly owner: Owner
  /** From 1, without gaps, per owner. */
  readonly number: number
  readonly createdMs: number
  readonly operator: string
  /** SHA-256 of the inventory it was computed from. */
  readonly inventoryDigest: string
  /** SHA-256 of the plan; equal for equal content. */
  readonly contentDigest: string
  readonly plan: OwnerPlan
}

export interface AssignmentRecord {
  readonly owner: Owner
  readonly node: string
  readonly revision: number
  /** The publish that assigned it. */
  readonly publishId: string
}

export type ActKind = 'publish' | 'rollback' | 'remove' | 'forget'

export interface ActRecord {
  readonly publishId: string
  readonly atMs: number
  readonly kind: ActKind
  readonly operator: string
  readonly owner: Owner
  /** 0 for a removal, and where a node was forgotten. */
  readonly revision: number
  readonly nodes: readonly string[]
  /**
   * `committed` until the command ends, then `done` or `failed: <node>, <node>`. A node that comes round later
   * leaves that list, and `done` is what is left when all have.
   */
  readonly outcome: string
}

/** A snapshot that a node could not apply, and by which agent: parked until either changes. */
export interface FailedApply {
  readonly version: number
  readonly fault: Fault
  readonly bootId: string
  readonly agentVersion: string
  readonly haproxyVersion: string
}

/** What a node said last; its stream may be long gone. */
export interface NodeRecord {
  readonly node: string
  /** Version of the snapshot it should have; 0 when it never was assigned anything. */
  readonly version: number
  readonly appliedVersion: number
  readonly applied: readonly AppliedOwner[]
  readonly sentVersion: number
  readonly failed: FailedApply | undefined
  /** Owners that the node left out of `appliedVersion`. */
  readonly quarantined: readonly QuarantinedOwner[]
  readonly lastSeenMs: number
  readonly agentVersion: string
  readonly haproxyVersion: string
}

/** The leader of a cluster that was followed last. */
export interface LeaderRecord {
  readonly owner: Owner
  readonly leader: string
  /** Since when it leads, as far as this controller knows, milliseconds since 1970. */
  readonly sinceMs: number
  /** What was first to know; '' when an earlier program wrote it. */
  readonly source: string
  readonly timeline: Timeline
}

/** Which events are asked for. */
export interface EventQuery {
  /** Only of these owners or nodes; empty for all. */
  readonly names: readonly string[]
  readonly limit: number
  /** The oldest ones after this id; absent: the newest ones. */
  readonly afterId?: number | undefined
}

/** What can be recorded of a node; what is left out stays as it was. */
export interface NodeReport {
  readonly appliedVersion?: number
  readonly applied?: readonly AppliedOwner[]
  /** Leaders whose variants run, of owners that are applied. */
  readonly running?: ReadonlyMap<Owner, string>
  readonly sentVersion?: number
  /** null: the last apply was good. */
  readonly failed?: FailedApply | null
  readonly quarantined?: readonly QuarantinedOwner[]
  readonly lastSeenMs?: number
  readonly agentVersion?: string
  readonly haproxyVersion?: string
}

/** A revision to be made by a commit. */
export interface NewRevision {
  /** The number it must get; the commit fails when another took it. */
  readonly number: number
  readonly contentDigest: string
  readonly inventoryDigest: string
  readonly plan: OwnerPlan
}

export interface CommitRequest {
  readonly publishId: string
  readonly atMs: number
  readonly kind: ActKind
  readonly operator: string
  readonly revisions: readonly NewRevision[]
  /** Contents of the new revisions' files. */
  readonly blobs: Blobs
  readonly assign: readonly { readonly owner: Owner; readonly node: string; readonly revision: number }[]
  readonly unassign: readonly { readonly owner: Owner; readonly node: string }[]
  /** The nodes whose snapshot changes, with the version each must have before. */
  readonly nodes: ReadonlyMap<string, number>
  /** One per owner. */
  readonly acts: readonly {
    readonly owner: Owner
    readonly revision: number
    readonly nodes: readonly string[]
  }[]
  /**
   * Nodes that are struck out once all the rest is done: what they said last, and how acts came out on them, is known
   * no more.
   */
  readonly forget?: readonly string[] | undefined
  /** Written with it. */
  readonly events?: readonly NewEvent[] | undefined
}

export interface Store {
  /** Of certificates, and of who did what. */
  readonly trust: TrustStore
  /** Number, digest and plan of the newest revision; undefined when there is none. */
  newestRevision(owner: Owner): Promise<RevisionRecord | undefined>
  revision(owner: Owner, number: number): Promise<RevisionRecord | undefined>
  /** Newest first. */
  revisions(owner: Owner, limit: number): Promise<readonly RevisionRecord[]>
  /** Every owner that has a revision, sorted. */
  owners(): Promise<readonly Owner[]>
  /** All assignments, of one owner or of one node when given; sorted by owner, then node. */
  assignments(filter?: {
    readonly owner?: Owner
    readonly node?: string
  }): Promise<readonly AssignmentRecord[]>
  /**
   * What the node should have now; version 0 and nothing for a node never assigned. An owner that the node runs
   * and that has no revision here is kept: its assignment cannot have ended.
   */
  snapshot(node: string): Promise<Snapshot>
  /** Contents by digest. @throws Error when one is not there: a broken invariant */
  blobs(digests: Iterable<string>): Promise<Blobs>
  /**
   * The commit point.
   *
   * @throws AppError `STATE_MOVED` when a revision number is taken or a node's version is not as expected
   */
  commit(request: CommitRequest): Promise<void>
  /** Notes how a committed act came out when its command ended; a node that came round meanwhile is good. */
  finishAct(publishId: string, owner: Owner, outcome: string): Promise<void>
  /**
   * The node has what it was assigned as of `version`: every act that this holds is done there.
   *
   * @param except - owners that it left out
   */
  settle(node: string, version: number, except?: readonly Owner[]): Promise<void>
  /** Newest first. */
  acts(owner: Owner, limit: number): Promise<readonly ActRecord[]>
  /** The leader last followed; undefined when none was. It is forgotten when the owner's last assignment ends. */
  leader(owner: Owner): Promise<LeaderRecord | undefined>
  /** Of all owners, sorted. */
  leaders(): Promise<readonly LeaderRecord[]>
  /**
   * Notes the leader that an owner's nodes have followed. It moves no node, and what nodes are assigned stays as it
   * was: a node that comes new starts with it.
   *
   * @returns false when it was known, or is older than what is known (succession.ts)
   */
  setLeader(record: LeaderRecord): Promise<boolean>
  /** Numbers and keeps events; only the newest stay. May be lost on a power failure. */
  addEvents(events: readonly NewEvent[]): Promise<void>
  /** Oldest first. */
  events(query: EventQuery): Promise<readonly EventRecord[]>
  /** First and last id that are kept; both 0 when there are none. */
  eventRange(): Promise<{ readonly first: number; readonly last: number }>
  /** Calls back after events were written, also those of a commit, until the returned function is called. */
  onEvents(listener: () => void): () => void
  node(node: string): Promise<NodeRecord>
  /** Every node that has or had an assignment or was connected, sorted; but those that were forgotten since. */
  nodes(): Promise<readonly NodeRecord[]>
  /** May be lost on a power failure: a Hello tells it again. */
  recordNode(node: string, report: NodeReport): Promise<void>
  close(): void
}
