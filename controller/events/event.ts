/** What the controller remembers of what happened, for people. Source: Event in proto/pgsvc/v1/admin.proto. */
import type { LeaderReport } from '../../shared/model/leader.ts'
import type { Owner } from '../../shared/model/snapshot.ts'

export type EventKind =
  | 'leader'
  | 'publish'
  | 'rollback'
  | 'remove'
  | 'forget'
  | 'connected'
  | 'disconnected'
  | 'refused'
  | 'quarantined'
  | 'haproxy'
  | 'service'
  | 'revoked'
  | 'certificate'
  | 'controller'

/** Something that happened, before it has a number. */
export interface NewEvent {
  /** When the controller learnt of it, milliseconds since 1970. */
  readonly atMs: number
  readonly kind: EventKind
  readonly owner?: Owner | undefined
  readonly node?: string | undefined
  /** One sentence. */
  readonly message: string
  /** Of `leader`. */
  readonly leader?: LeaderReport | undefined
}

export interface EventRecord extends NewEvent {
  /** From 1, without gaps. */
  readonly id: number
}
