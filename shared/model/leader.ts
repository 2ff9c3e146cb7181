/**
 * Who leads a cluster, as agents find it out and tell it: plain, readonly, the same shape on both sides of the wire.
 * Source: proto/pgsvc/v1/model.proto and agent.proto, which explain each field.
 */
import type { FollowPolicy, Owner } from './snapshot.ts'

/** Step in following a leader. */
export type LeaderStep = 'suspected' | 'confirmed' | 'told' | 'moved' | 'unchanged' | 'held' | 'failed'

/** A point in the history of a database system; timelines count only within one system. */
export interface Timeline {
  /** PostgreSQL's system identifier, decimal; '' when not known. */
  readonly system: string
  /** 0 when not known. */
  readonly timeline: number
}

/** How long the steps of a follow took, in milliseconds; 0 for a step not taken yet. */
export interface FollowTimings {
  readonly confirmMs: number
  readonly tellMs: number
  readonly moveMs: number
}

/** A reason to look, not a reason to move. */
export interface LeaderHint {
  readonly owner: Owner
  /** '' when nobody leads, or something is only about to change. */
  readonly leader: string
  /** `etcd`, `node:<name>` or `followed`. */
  readonly source: string
  readonly timeline: Timeline
}

/** What keeps a node from following. */
export interface Held {
  /** Stable code, e.g. `TWO_LEADERS`; docs/faults.md. */
  readonly code: string
  readonly message: string
}

/** A step that was taken. */
export interface LeaderReport {
  readonly owner: Owner
  readonly step: LeaderStep
  /** '' when nobody is known to lead. */
  readonly leader: string
  readonly before: string
  /** Milliseconds since 1970, by the node's clock. */
  readonly atMs: number
  /** `patroni`, `callback`, `haproxy`, `controller` or `start`. */
  readonly source: string
  readonly timings: FollowTimings
  readonly timeline: Timeline
  /** Of `held` and `failed`; of `moved`, what went with it that somebody should know. */
  readonly held: Held | undefined
  /** It was taken while no controller was connected: something to be told, nothing to act on. */
  readonly late?: boolean | undefined
  /** Of `moved`: it has just been done. Else the agent has connected and says how things stand. */
  readonly done?: boolean | undefined
}

/** Who leads a cluster, as one node sees it. */
export interface LeaderView {
  readonly owner: Owner
  readonly leader: string
  /** A live check has confirmed it since the agent started. */
  readonly confirmed: boolean
  /** Milliseconds since 1970; 0 when it has always been so for this agent. */
  readonly sinceMs: number
  /** Leader whose variant is in place. */
  readonly running: string
  readonly timings: FollowTimings
  readonly source: string
  readonly follow: FollowPolicy
  readonly held: Held | undefined
}

export const unknownTimeline: Timeline = { system: '', timeline: 0 }
export const noTimings: FollowTimings = { confirmMs: 0, tellMs: 0, moveMs: 0 }
