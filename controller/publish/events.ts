/** What a publish tells while it runs, as plain values. Source: PublishEvent in proto/pgsvc/v1/admin.proto. */
import type { Fault, QuarantinedOwner, Stage } from '../../shared/errors/fault.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { OwnerTarget } from '../plan/targets.ts'
import type { LeftBehind, NodeTimings } from './node-links.ts'

export interface Notice {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly owner?: Owner | undefined
}

export type NodeOutcome =
  | 'reloaded'
  | 'unchanged'
  | 'not-running'
  | 'offline'
  | 'refused'
  | 'failed'
  | 'timeout'
  | 'would-reload'
  | 'adjusted'
  | 'would-adjust'
  | 'aborted'
  | 'quarantined'

export interface NodeResult {
  readonly node: string
  readonly outcome: NodeOutcome
  readonly fault?: Fault | undefined
  readonly timings?: NodeTimings | undefined
  readonly reasons?: readonly string[] | undefined
  readonly left?: LeftBehind | undefined
  /** Owners of this publish that the node left out; `fault` is the first one's. */
  readonly quarantined?: readonly QuarantinedOwner[] | undefined
}

export interface PublishResult {
  readonly ok: boolean
  readonly committed: boolean
  readonly nothingToDo: boolean
  readonly errors: readonly Notice[]
}

export interface OwnerRevision {
  readonly owner: Owner
  readonly revision: number
  readonly created: boolean
}

export type PublishEvent =
  | { readonly kind: 'targets'; readonly publishId: string; readonly owners: readonly OwnerTarget[] }
  | { readonly kind: 'warning'; readonly notice: Notice }
  | { readonly kind: 'progress'; readonly node: string; readonly stage: Stage; readonly elapsedMs: number }
  | { readonly kind: 'diff'; readonly node: string; readonly file: string; readonly unified: string }
  | { readonly kind: 'node'; readonly result: NodeResult }
  | { readonly kind: 'committed'; readonly revisions: readonly OwnerRevision[] }
  | { readonly kind: 'result'; readonly result: PublishResult }

export type Emit = (event: PublishEvent) => void
