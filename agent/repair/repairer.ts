/**
 * Lives with others who write into HAProxy's directory: puts vanished files of ours back, takes over those that were
 * rewritten with the same meaning, and leaves or repairs those that were changed.
 *
 * Only when nobody has changed anything for a while: a program that has wiped the directory is about to write.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { untilBeat } from '../../shared/ports/beat.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { Applied, ChangeKind } from '../apply/outcome.ts'
import type { HaproxyPaths } from '../haproxy/locate.ts'
import type { DriftedFile } from '../observe/drift.ts'
import { type Ledger, leftBehind } from '../observe/ledger.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { BlobStore } from '../state/blob-store.ts'
import { type Decision, type DriftPolicy, decide, type History, withRepairs } from './decide.ts'
import { type Found, findBroken, othersOf, planRepair, type Todo, type Told } from './findings.ts'
import { createQuietWatch } from './quiet-watch.ts'

export interface RepairPorts {
  readonly files: Files
  readonly clock: Clock
  readonly blobs: Pick<BlobStore, 'read'>
  readonly engine: Pick<Engine, 'state' | 'repair' | 'takeOver'>
  /** While no order of the controller is worked on; undefined when there was no time. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T | undefined>
  readonly ledger: Pick<Ledger, 'applied' | 'failed'>
  readonly oldWorkers: Pick<OldWorkers, 'count'>
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

export interface RepairOptions {
  readonly paths: HaproxyPaths
  readonly policy: DriftPolicy
  /** For so long nobody may have changed anything. */
  readonly quietMs: number
}

/** What becomes of a file that has drifted. */
export type DriftAction = 'waiting' | 'left' | 'fight' | 'failed'

export interface LastRepair extends Told {
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Undefined when it failed. */
  readonly change: ChangeKind | undefined
  readonly fault: Fault | undefined
}

export interface Repairer {
  /** Looks again and again until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
  action(file: DriftedFile): DriftAction
  lastRepair(): LastRepair | undefined
}

/** 400 files cost 9 ms of CPU each time, and nothing is done before some seconds of quiet. */
const pollMs = 2_000
/** A repair that failed is tried again after this, each time twice as long. */
const retryMs = 30_000
const longestRetryMs = 15 * 60_000

export function createRepairer(ports: RepairPorts, options: RepairOptions): Repairer {
  const { clock, log } = ports
  const watch = createQuietWatch(ports, options)
  let history: History = new Map()
  let failures = 0
  let othersBefore: readonly string[] = []
  let actions: ReadonlyMap<string, DriftAction> = new Map()
  let last: LastRepair | undefined

  const succeeded = async (todo: Todo, outcome: Applied) => {
    failures = 0
    history = withRepairs(history, todo.names, clock.monotonic())
    const isReload = outcome.change === 'reload'
    const left = leftBehind(isReload ? await ports.oldWorkers.count().catch(() => []) : [])
    ports.ledger.applied(outcome, left)
    last = { ...todo.told, atMs: clock.now(), change: outcome.change, fault: undefined }
    const { change, reasons, generation } = outcome
    log.warn({ ...todo.told, change, reasons, generation }, sentences[change])
  }
  const failed = (todo: Todo, fault: Fault) => {
    failures += 1
    ports.ledger.failed(fault)
    last = { ...todo.told, atMs: clock.now(), change: undefined, fault }
    actions = new Map([...actions, ...todo.names.map((name) => [name, 'failed'] as const)])
    log.error({ ...todo.told, fault }, 'files that others removed or changed could not be put back')
  }
  const putBack = async (found: Found, decision: Decision, fightMs: number) => {
    const todo = await planRepair(ports, found, decision, othersBefore)
    const outcome = await ports.engine
      .repair(todo.left)
      .catch((error: unknown) => ({ kind: 'failed', fault: toFault(error, 'receive') }) as const)
    if (outcome.kind === 'applied') {
      await succeeded(todo, outcome)
      return await watch.settleOwn(fightMs, todo.names)
    }
    failed(todo, outcome.fault)
    await watch.settleOwn(Math.min(longestRetryMs, retryMs * 2 ** (failures - 1)), undefined)
  }
  const settle = async () => {
    const found = await findBroken(ports, ports.engine.state(), options.paths)
    if (found.reworded.size > 0) {
      await ports.engine.takeOver(found.reworded)
      log.info({ files: [...found.reworded.keys()] }, 'others rewrote files with the same meaning')
    }
    const nowMs = clock.monotonic()
    const decision = decide(found.drift, options.policy, history, nowMs)
    actions = new Map([
      ...decision.left.map((name) => [name, 'left'] as const),
      ...decision.fights.map(({ name }) => [name, 'fight'] as const),
    ])
    tell(log, found.drift, decision, nowMs)
    const fightMs = Math.min(...decision.fights.map(({ untilMs }) => untilMs - nowMs))
    if (decision.putBack.length === 0) {
      othersBefore = othersOf(found)
      watch.settle(fightMs)
    } else if (await watch.isStillQuiet()) {
      await putBack(found, decision, fightMs)
    }
  }
  // What was seen while an apply was at work may have been its own doing.
  const settleIfDue = async () => ((await watch.look()) ? await settle() : undefined)
  return {
    lastRepair: () => last,
    action: ({ name, kind }) =>
      actions.get(name) ?? (kind === 'changed' && options.policy === 'leave' ? 'left' : 'waiting'),
    async run(signal) {
      while (!signal.aborted) {
        await watch
          .look()
          .then(async (isDue) => (isDue ? await ports.exclusively(settleIfDue) : undefined))
          .catch((err: unknown) => {
            watch.settle(retryMs)
            log.warn({ err }, 'what others did to our files could not be looked at')
          })
        await clock.sleep(Math.min(untilBeat(clock, pollMs), options.quietMs), signal)
      }
    },
  }
}

const sentences: Readonly<Record<ChangeKind, string>> = {
  none: 'put files back that others removed or changed; HAProxy has them loaded',
  runtime: 'put files back that others removed or changed; HAProxy was told',
  reload: 'put files back that others removed or changed; HAProxy was reloaded',
  'not-running': 'put files back that others removed or changed; no HAProxy runs that serves them',
}

function tell(
  log: RepairPorts['log'],
  drift: readonly DriftedFile[],
  { left, fights }: Decision,
  nowMs: number,
): void {
  for (const { name, owner, diff } of drift.filter((file) => left.includes(file.name))) {
    log.warn({ file: name, owner, diff }, 'others changed a file; it is left as it is, by policy')
  }
  for (const { name, untilMs } of fights) {
    const inS = Math.ceil((untilMs - nowMs) / 1_000)
    log.error(
      { code: 'FIGHT', file: name, againInS: inS },
      'somebody removes or changes a file again and again; it is left alone for now',
    )
  }
}
