/** The nodes as a publish sees them: who is connected, and what it answers. */
import type { Fault, QuarantinedOwner, Stage } from '../../shared/errors/fault.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'

/** Milliseconds; 0 for a step not taken. */
export interface NodeTimings {
  readonly stageMs: number
  readonly validateMs: number
  readonly swapMs: number
  readonly reloadMs: number
}

/** A file as it is on the node's disk. */
export interface LiveFile {
  readonly name: string
  readonly exists: boolean
  readonly content: string
}

/** Sessions that stay in HAProxy's old workers after a reload. */
export interface LeftBehind {
  readonly sessionsLeft: number
  readonly oldWorkers: number
}

export interface ReplacedEdit {
  /** Base name. */
  readonly name: string
  /** Path of the copy on the node; empty as long as nothing is replaced. */
  readonly copy: string
}

export type NodeAnswer =
  | {
      readonly kind: 'ack'
      /** What the apply changed or, prepared, would change. */
      readonly change: 'none' | 'runtime' | 'reload' | 'not-running'
      readonly reasons: readonly string[]
      readonly left?: LeftBehind | undefined
      readonly timings: NodeTimings
      /** Only for a dry run. */
      readonly liveFiles: readonly LiveFile[]
      /** Owners that the node left (would leave) out. */
      readonly quarantined?: readonly QuarantinedOwner[] | undefined
      /** Files of ours that somebody else had changed and that were (would be) replaced; undefined for none. */
      readonly edits?: readonly ReplacedEdit[] | undefined
      /** Prepared: how many files would be written or removed; undefined for none. */
      readonly filesToWrite?: number | undefined
    }
  | {
      readonly kind: 'nack'
      readonly fault: Fault
      /** One per owner, when several are refused. */
      readonly faults?: readonly Fault[] | undefined
    }
  /** The stream ended before an answer came. */
  | { readonly kind: 'gone' }

export type OnProgress = (stage: Stage, elapsedMs: number) => void

export interface PrepareRequest {
  readonly publishId: string
  readonly snapshot: Snapshot
  /** Contents of all files of the snapshot; only what the agent lacks is sent. */
  readonly blobs: Blobs
  readonly leaseMs: number
  readonly dryRun: boolean
}

/** One stream of a node. When it ends, so does the link; a new stream is a new link. */
export interface NodeLink {
  prepare(request: PrepareRequest, onProgress: OnProgress): Promise<NodeAnswer>
  commit(publishId: string, version: number, onProgress: OnProgress): Promise<NodeAnswer>
  abort(publishId: string): void
}

export interface NodeLinks {
  /** The node's stream; undefined when it has none. */
  link(node: string): NodeLink | undefined
  /** Sends the node what it should have, if it is there and lacks it. */
  push(node: string): void
  /**
   * Sends the node what it should have, now or when it is back, and resolves with its answer to that version
   * or a later one. `gone` when `signal` aborted first.
   */
  converge(node: string, version: number, onProgress: OnProgress, signal: AbortSignal): Promise<NodeAnswer>
}
