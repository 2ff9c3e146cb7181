/**
 * Tries again what the node could not take: owners in quarantine, and a set that a file of somebody else stopped. An
 * operator who mends the cause on the node (another HAProxy, a file, an address) need not publish again.
 *
 * Never while others are at work on the files, nor on top of changes of theirs: those are for the repair, or stay.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { Applied, RetryOutcome } from '../apply/outcome.ts'
import { type Ledger, leftBehind } from '../observe/ledger.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { AgentState } from '../state/state-file.ts'
import { dueAtMs, type Trials, withTrial } from './due.ts'

export interface RetryPorts {
  readonly clock: Clock
  readonly engine: Pick<Engine, 'state' | 'retry' | 'circumstances'>
  /** While no order of the controller is worked on; undefined when there was no time. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T | undefined>
  readonly ledger: Pick<Ledger, 'applied' | 'failed' | 'retried'>
  readonly oldWorkers: Pick<OldWorkers, 'count'>
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** In [0, 1). */
  readonly random: () => number
}

export interface RetryOptions {
  /** For so long nothing may have changed. */
  readonly quietMs: number
  /** How often it is looked whether something has. */
  readonly pollMs: number
}

export interface Retrier {
  /** Looks again and again until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** What is in hand: one thing that was asked for, until it is in place or something else is asked for. */
interface InHand {
  readonly wanted: AgentState['wanted']
  readonly trials: Trials
  /** As seen last, and since when. */
  readonly seen: string
  readonly sinceMs: number
}

export function createRetrier(ports: RetryPorts, { quietMs, pollMs }: RetryOptions): Retrier {
  const { clock, engine, ledger, log } = ports
  let inHand: InHand | undefined

  const succeeded = async (outcome: Applied) => {
    const isReload = outcome.change === 'reload'
    ledger.applied(outcome, leftBehind(isReload ? await ports.oldWorkers.count().catch(() => []) : []))
    const { change, reasons, generation } = outcome
    const { snapshot, quarantined } = engine.state()
    const left = quarantined.map(({ owner }) => owner)
    log.warn({ version: snapshot.version, change, reasons, generation, quarantined: left }, sentence)
  }
  const attempt = async ({ wanted, trials }: InHand): Promise<void> => {
    const now = await engine.circumstances()
    // An order may have come in between, or somebody may be writing.
    if (engine.state().wanted !== wanted || !now.isAsApplied) return
    const outcome = await engine.retry().catch(failedUnexpectedly)
    if (outcome === undefined) return
    ledger.retried(outcome.kind === 'applied' ? 'gained' : outcome.kind)
    if (outcome.kind === 'applied') return await succeeded(outcome)
    if (outcome.kind === 'failed') ledger.failed(outcome.fault)
    log.info({ tries: trials.count + 1, ...reasonOf(outcome, engine.state()) }, 'tried again in vain')
    const tried = { circumstances: now.digest, hasFailed: outcome.kind === 'failed' }
    const next = withTrial(trials, { lastMs: clock.monotonic(), ...tried })
    inHand = handOf(next)
  }
  const handOf = (trials: Trials): InHand => ({
    wanted: engine.state().wanted,
    trials,
    seen: trials.circumstances,
    sinceMs: trials.lastMs,
  })
  const look = async (): Promise<void> => {
    const { wanted } = engine.state()
    if (wanted === undefined) {
      inHand = undefined
      return
    }
    const nowMs = clock.monotonic()
    const now = await engine.circumstances()
    if (inHand?.wanted !== wanted) {
      inHand = handOf({ count: 0, lastMs: nowMs, circumstances: now.digest, hasFailed: false })
      return
    }
    if (inHand.seen !== now.digest) inHand = { ...inHand, seen: now.digest, sinceMs: nowMs }
    const isQuiet = nowMs - inHand.sinceMs >= quietMs
    // Many nodes may wait for one and the same thing, and need not all come at once.
    const dueMs = dueAtMs(inHand.trials, now.digest) + quietMs * ports.random()
    if (now.isAsApplied && isQuiet && nowMs >= dueMs) {
      const due = inHand
      await ports.exclusively(() => attempt(due))
    }
  }
  return {
    async run(signal) {
      while (!signal.aborted) {
        await look().catch((err: unknown) =>
          log.warn({ err }, 'what could not be taken could not be looked at again'),
        )
        await clock.sleep(pollMs, signal)
      }
    },
  }
}

const sentence = 'took what could not be taken before'

function failedUnexpectedly(error: unknown): Exclude<RetryOutcome, Applied> {
  return { kind: 'failed', fault: toFault(error, 'receive') }
}

function reasonOf(outcome: Exclude<RetryOutcome, Applied>, { failed, quarantined }: AgentState) {
  if (outcome.kind === 'failed') return { fault: outcome.fault }
  return { fault: failed?.fault ?? quarantined[0]?.fault }
}
