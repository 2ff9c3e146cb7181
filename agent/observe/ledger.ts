/** What the agent has done since its start, counted for status and metrics. */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Applied, ChangeKind } from '../apply/outcome.ts'
import type { OldWorker } from '../old-workers/survey.ts'

/** What a reload leaves behind. */
export interface LeftBehind {
  readonly oldWorkers: number
  readonly sessionsLeft: number
}

export interface LastReload {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly reasons: readonly string[]
  readonly sessionsLeft: number
}

export interface Counts {
  readonly applies: ReadonlyMap<ChangeKind, number>
  /** Reloads by cause; one that had two causes counts for both. */
  readonly reloads: ReadonlyMap<string, number>
  /** By code. */
  readonly failures: ReadonlyMap<string, number>
  /** Those of them that came from a reload which HAProxy refused, or which was not seen to go through; by code. */
  readonly failedReloads: ReadonlyMap<string, number>
  readonly retries: ReadonlyMap<RetryResult, number>
}

/** What came of trying again what the node could not take; `failed` when it was put in place and taken back. */
export type RetryResult = 'gained' | 'in-vain' | 'failed'

export interface Ledger {
  applied(outcome: Applied, left: LeftBehind): void
  failed(fault: Fault): void
  retried(result: RetryResult): void
  lastReload(): LastReload | undefined
  counts(): Counts
}

export function createLedger(clock: Pick<Clock, 'now'>): Ledger {
  const applies = new Map<ChangeKind, number>()
  const reloads = new Map<string, number>()
  const failures = new Map<string, number>()
  const failedReloads = new Map<string, number>()
  const retries = new Map<RetryResult, number>()
  let lastReload: LastReload | undefined
  return {
    applied({ change, reasons, causes }, { sessionsLeft }) {
      count(applies, change)
      if (change !== 'reload') return
      for (const cause of causes) count(reloads, cause)
      lastReload = { atMs: clock.now(), reasons, sessionsLeft }
    },
    failed: (fault) => {
      count(failures, fault.code)
      if (isFailedReload(fault)) count(failedReloads, fault.code)
    },
    retried: (result) => count(retries, result),
    lastReload: () => lastReload,
    counts: () => ({ applies, reloads, failures, failedReloads, retries }),
  }
}

const reloadCodes: ReadonlySet<string> = new Set([
  'RELOAD_FAILED',
  'RELOAD_NOT_CONFIRMED',
  'RESTORE_NOT_CONFIRMED',
  'HAPROXY_UNREACHABLE',
])

/** What cannot be put back after a refused reload has a code of its own. */
function isFailedReload({ stage, code }: Fault): boolean {
  return reloadCodes.has(code) || (code === 'RESTORE_FAILED' && stage !== 'swap')
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

export function leftBehind(workers: readonly OldWorker[]): LeftBehind {
  const holding = workers.filter(({ sessions }) => sessions > 0)
  return {
    oldWorkers: holding.length,
    sessionsLeft: holding.reduce((sum, { sessions }) => sum + sessions, 0),
  }
}
