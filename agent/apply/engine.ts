/**
 * The apply engine: from a snapshot to a HAProxy that serves it, or everything as before.
 *
 * prepare = receive, guard, stage, validate; commit = swap, reload, confirm. Callers must not run two of its
 * operations at the same time; the session's queue sees to that.
 */

import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import { locate } from '../haproxy/locate.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Committed, commit } from './commit.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { removeLeftovers } from './generations.ts'
import { foreignDigest, readLiveDir } from './live-dir.ts'
import type { ApplyOutcome, OnStage, PreparedSet, PrepareOutcome } from './outcome.ts'
import { prepare } from './prepare.ts'

export interface Engine {
  /** What is remembered now. */
  state(): AgentState
  /** Stages and validates; changes nothing that HAProxy sees. */
  prepare(snapshot: Snapshot, blobs: Blobs, onStage: OnStage): Promise<PrepareOutcome>
  /** Puts a prepared set in place. It is used up, for good or bad. */
  commit(set: PreparedSet, onStage: OnStage): Promise<ApplyOutcome>
  /** Both in one go. */
  apply(snapshot: Snapshot, blobs: Blobs, onStage: OnStage): Promise<ApplyOutcome>
  /** Forgets a prepared set. */
  discard(set: PreparedSet): Promise<void>
  /** Drops contents that nothing needs; only while no controller counts on them. */
  collectGarbage(): Promise<void>
}

/** How often files of others may change under an apply before it gives up. */
const maxAttempts = 3

/**
 * @throws AppError `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE`
 */
export async function createEngine(ports: EnginePorts, options: EngineOptions): Promise<Engine> {
  let state = await ports.stateFile.load(options.node)
  let attempt = 0
  await removeLeftovers(ports.files, (await locate(ports.files, options.paths)).layout.workDir)

  const prepareSet = (snapshot: Snapshot, blobs: Blobs, onStage: OnStage) => {
    attempt += 1
    const whole = withKept(snapshot, state.snapshot)
    return prepare(ports, options, { snapshot: whole, blobs, state, attempt, onStage })
  }
  const discard = async ({ stageDir }: PreparedSet) => {
    if (stageDir !== undefined) await ports.files.remove(stageDir)
  }
  const remember = async (next: AgentState) => {
    await (await ports.stateFile.stage(next))()
    state = next
  }
  const fail = async (version: number, fault: Extract<ApplyOutcome, { kind: 'failed' }>['fault']) => {
    // The answer matters more than its record: a disk too full for the record is named in the answer.
    await remember({ ...state, failed: { version, fault } }).catch(() => undefined)
    return { kind: 'failed', fault } as const
  }
  const commitSet = async (first: PreparedSet, onStage: OnStage): Promise<ApplyOutcome> => {
    const { version } = first.snapshot
    let set = first
    for (let tries = 1; !(await isCurrent(ports, state, set)); tries += 1) {
      await discard(set)
      if (tries === maxAttempts) return await fail(version, filesKeepChanging(set))
      const again = await prepareSet(set.snapshot, new Map(), onStage)
      if (again.kind === 'failed') return await fail(version, again.fault)
      set = again.set
    }
    const done: Committed = await commit(ports, options, { set, state, onStage })
    if (done.kind === 'applied') state = done.state
    else await discard(set)
    return done.kind === 'applied' ? done.outcome : await fail(version, done.fault)
  }
  return {
    state: () => state,
    prepare: prepareSet,
    commit: commitSet,
    discard,
    async apply(snapshot, blobs, onStage) {
      const prepared = await prepareSet(snapshot, blobs, onStage)
      if (prepared.kind === 'failed') return await fail(snapshot.version, prepared.fault)
      return await commitSet(prepared.set, onStage)
    },
    collectGarbage: () => ports.blobs.retain(digestsOf(state.snapshot)),
  }
}

/** What the controller names, and what it leaves as this node has it. */
function withKept({ version, assignments, keptOwners = [] }: Snapshot, applied: Snapshot): Snapshot {
  const named = new Set(assignments.map(({ owner }) => owner))
  const kept = applied.assignments.filter(({ owner }) => keptOwners.includes(owner) && !named.has(owner))
  return { version, assignments: [...assignments, ...kept] }
}

/** Neither a file nor the generation has changed since the set was staged. */
async function isCurrent(ports: EnginePorts, state: AgentState, set: PreparedSet): Promise<boolean> {
  if (state.generation !== set.baseGeneration) return false
  const live = await readLiveDir(ports.files, set.located.layout.serviceDir)
  return foreignDigest(live, () => false) === set.liveDigest
}

function filesKeepChanging(set: PreparedSet) {
  const message = `somebody keeps changing files in ${set.located.layout.serviceDir}`
  return { stage: 'swap', code: 'FILES_CHANGING', message } as const
}
