/** What comes out of the engine: values, for good and bad. */
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import type { Snapshot } from '../../shared/model/snapshot.ts'
import type { Located } from '../haproxy/locate.ts'
import type { KnownQuarantine } from '../state/state-file.ts'
import type { Candidate } from './candidate.ts'
import type { ReloadCause } from './classify.ts'
import type { Comparison } from './compare.ts'

/** `runtime`: the running worker was told, and the files say the same for the next one. */
export type ChangeKind = 'none' | 'runtime' | 'reload' | 'not-running'

/** How long the steps took, in milliseconds. */
export interface StepTimes {
  readonly stageMs: number
  readonly validateMs: number
  readonly swapMs: number
  readonly reloadMs: number
}

/** A file as it is on disk now. */
export interface LiveFileText {
  readonly name: string
  /** Undefined when there is no such file. */
  readonly text: string | undefined
}

/** A set that was staged and found good, and not put in place yet. */
export interface PreparedSet {
  /** What is to be in place; without the newest files of owners in quarantine. */
  readonly snapshot: Snapshot
  /** What was asked for. */
  readonly wanted: Snapshot
  readonly quarantined: readonly KnownQuarantine[]
  readonly candidate: Candidate
  readonly comparison: Comparison
  readonly located: Located
  /** Undefined when no byte has to change. */
  readonly stageDir: string | undefined
  /** Changes when anything in the live directory does. */
  readonly liveDigest: string
  /** Generation that was in place. */
  readonly baseGeneration: number
  /** Names what was validated; undefined when it has no name that lasts. */
  readonly validationKey: string | undefined
  readonly change: ChangeKind
  /** Digests of the files of others that HAProxy loads, by base name, and of those it has loaded already. */
  readonly foreignFiles: Readonly<Record<string, string>>
  readonly foreignLoaded: Readonly<Record<string, string>>
  readonly times: StepTimes
  /** Files of ours that this set does not touch, because others changed them; only when it puts others back. */
  readonly left?: ReadonlySet<string> | undefined
  /** Name of the worker that has files loaded which are not on disk; no other one has to be trusted with that. */
  readonly reliesOn?: string | undefined
  /** What is on disk of each file that would change or go. */
  readonly liveFiles: readonly LiveFileText[]
  /** Base names of those that are ours, and were changed by others. */
  readonly edited: readonly string[]
}

export type PrepareOutcome = { readonly kind: 'prepared'; readonly set: PreparedSet } | PrepareFailed

export interface PrepareFailed {
  readonly kind: 'failed'
  readonly fault: Fault
  /** One per owner, when several are refused. */
  readonly faults?: readonly Fault[] | undefined
  /** Owners that were found at fault, for the record. */
  readonly quarantined?: readonly KnownQuarantine[] | undefined
}

export interface Applied {
  readonly kind: 'applied'
  readonly change: ChangeKind
  /** Why HAProxy was reloaded, or what it was told. */
  readonly reasons: readonly string[]
  /** The kinds of the reasons to reload, each once. */
  readonly causes: readonly ReloadCause[]
  readonly times: StepTimes
  readonly generation: number
  /** Files of ours that others had changed and that were replaced: copies of what they had written, by base name. */
  readonly overwritten?: ReadonlyMap<string, string> | undefined
}

export type ApplyOutcome = Applied | Omit<PrepareFailed, 'quarantined'>

/** `in-vain`: HAProxy was asked, and everything is left as it was. */
export type RetryOutcome = ApplyOutcome | { readonly kind: 'in-vain' }

/** Told after each step. */
export type OnStage = (stage: Stage, elapsedMs: number) => void
