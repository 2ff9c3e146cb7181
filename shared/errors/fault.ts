/**
 * A failed step of an apply, as the agent reports it and the controller passes it on.
 * Source: message Fault in proto/pgsvc/v1/model.proto.
 */

/** Step of an apply, in the order in which they are taken. */
export type Stage = 'receive' | 'guard' | 'stage' | 'validate' | 'swap' | 'reload' | 'confirm'

export interface Fault {
  readonly stage: Stage
  /** Stable code, e.g. `HAPROXY_REFUSED`; docs/faults.md. */
  readonly code: string
  /** Owner at fault; absent when it is not an owner's. */
  readonly owner?: string | undefined
  /** Base name of the file at fault. */
  readonly file?: string | undefined
  /** Line in `file`, from 1. */
  readonly line?: number | undefined
  /** What happened, one sentence. */
  readonly message: string
  /** HAProxy's own words. */
  readonly haproxy?: string | undefined
}

/** An owner whose newest files a node cannot take. */
export interface QuarantinedOwner {
  readonly owner: string
  /** Revision that was to run. */
  readonly revision: number
  /** Revision that is kept instead; 0 for none. */
  readonly keptRevision: number
  readonly fault: Fault
}

/**
 * The fault is with what the node was asked for: an owner's files, or their number and size. Of all others the node
 * itself is the cause (HAProxy, its disk, files of others), and asked for less it would fail as well.
 */
export function liesInContents({ owner, stage, code }: Fault): boolean {
  return owner !== undefined || stage === 'guard' || code === 'DIGEST_MISMATCH'
}
