/**
 * The apply engine: from a snapshot to a HAProxy that serves it, or everything as before.
 *
 * prepare = receive, guard, stage, validate; commit = swap, reload, confirm. Callers must not run two of its
 * operations at the same time; the session's queue sees to that.
 */

import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import type { Layout } from '../haproxy/locate.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Circumstances, mayPass, readCircumstances } from './circumstances.ts'
import { type CommitInput, type Committed, commit, filesChanging, filesKeepChanging } from './commit.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { toFault } from './fault-error.ts'
import { asInventory, leftWhileFollowing, withFollowed } from './followed.ts'
import { removeLeftovers } from './generations.ts'
import { markGood } from './good-mark.ts'
import { readLiveDir, stampOf } from './live-dir.ts'
import type {
  ApplyOutcome,
  OnStage,
  PreparedSet,
  PrepareFailed,
  PrepareOutcome,
  RetryOutcome,
} from './outcome.ts'
import { type PrepareInput, prepare } from './prepare.ts'
import { locateRecovered, recoverSwap } from './recover.ts'
import { generationDir } from './swap.ts'
import { gains, refusedAgain } from './tried-again.ts'

export interface Engine {
  /** What is remembered now. */
  state(): AgentState
  /**
   * Stages and validates; changes nothing that HAProxy sees.
   *
   * @param dryRun - true asks HAProxy even when the same was found good before
   */
  prepare(snapshot: Snapshot, blobs: Blobs, onStage: OnStage, dryRun?: boolean): Promise<PrepareOutcome>
  /** Puts a prepared set in place. It is used up, for good or bad. */
  commit(set: PreparedSet, onStage: OnStage): Promise<ApplyOutcome>
  /** Both in one go. */
  apply(snapshot: Snapshot, blobs: Blobs, onStage: OnStage): Promise<ApplyOutcome>
  /**
   * Puts the files of the last good set back that others removed or changed.
   *
   * @param left - base names of ours that stay as they are
   */
  repair(left: ReadonlySet<string>): Promise<ApplyOutcome>
  /**
   * Puts the variant of a leader in place that live checks have confirmed, and remembers it for all that comes later.
   *
   * @param sinceMs - when it was confirmed, milliseconds since 1970
   */
  follow(owner: string, leader: string, sinceMs: number): Promise<ApplyOutcome>
  /**
   * Tries again what the node could not take, or not all of it. Asks HAProxy; changes nothing when nothing is gained.
   *
   * @returns undefined when there is nothing of that kind
   */
  retry(): Promise<RetryOutcome | undefined>
  /** What it depends on whether a retry can succeed. */
  circumstances(): Promise<Circumstances>
  /**
   * Takes note that others wrote files of ours in words of their own.
   *
   * @param digests - of what is on disk, by base name
   */
  takeOver(digests: ReadonlyMap<string, string>): Promise<void>
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
  /** Name of the worker that was seen to load what `state` says. Not remembered: after a start nobody is trusted. */
  let witness: string | undefined
  const applied = (done: Extract<Committed, { kind: 'applied' }>) => {
    state = done.state
    witness = done.witness ?? witness
    return done.outcome
  }
  const remember = async (next: AgentState) => {
    await (await ports.stateFile.stage(next))()
    state = next
  }
  const recover = async () => {
    if (state.begun) await remember(await recoverSwap(ports.files, state))
  }
  // A disk that does not let us must not keep the agent from saying so: each apply tries again.
  await recover().catch((err: unknown) => ports.log.warn({ err }, 'what was begun could not be taken back'))
  const { layout, back } = await locateRecovered(ports.files, options.paths, state)
  if (back) {
    const { serviceDir } = layout
    ports.log.warn({ serviceDir, back }, 'the service directory was gone; a set of before is in place')
  }
  await removeLeftovers(ports.files, layout.workDir)
  await remindOfGood(ports, layout, state)

  const prepareSet = async (
    snapshot: Snapshot,
    { blobs, ...how }: Pick<PrepareInput, 'blobs' | 'onStage' | 'dryRun' | 'purpose' | 'left'>,
  ): Promise<PrepareOutcome> => {
    attempt += 1
    try {
      await recover()
    } catch (error) {
      return { kind: 'failed', fault: toFault(error, 'stage') }
    }
    // A repair puts back what is in place, whoever leads.
    const own = how.purpose === 'repair' ? snapshot : asInventory(snapshot, options.follow)
    const whole = withFollowed(withKept(own, state.snapshot), state.followed, options.follow)
    return prepare(ports, options, { snapshot: whole, blobs, state, witness, attempt, ...how })
  }
  const discard = async ({ stageDir }: PreparedSet) => {
    if (stageDir !== undefined) await ports.files.remove(stageDir)
  }
  /** What went wrong before counts more than what is left of it. */
  const discardQuietly = (set: PreparedSet) =>
    discard(set).catch((err: unknown) => ports.log.warn({ err }, 'staged files stay behind'))
  const fail = async (
    asked: Snapshot,
    { fault, faults, quarantined = state.quarantined }: Omit<PrepareFailed, 'kind'>,
  ) => {
    const wanted = (faults ?? [fault]).some(mayPass) ? asked : undefined
    state = { ...state, failed: { version: asked.version, fault }, quarantined, wanted }
    // The answer matters more than its record: a disk too full for the record is named in the answer.
    await remember(state).catch(() => undefined)
    return { kind: 'failed', fault, faults } as const
  }
  const commitSet = async (first: PreparedSet, onStage: OnStage): Promise<ApplyOutcome> => {
    let set = first
    for (let tries = 1; ; tries += 1) {
      const done = await commitIfCurrent(ports, options, { set, state, onStage })
      if (done.kind === 'applied') return applied(done)
      await discardQuietly(set)
      state = done.state
      const isFinal = done.fault.code !== filesChanging || tries === maxAttempts
      if (isFinal) return await fail(set.wanted, done)
      const again = await prepareSet(set.wanted, {
        blobs: new Map(),
        onStage,
        dryRun: false,
        purpose: 'apply',
      })
      if (again.kind === 'failed') return await fail(set.wanted, again)
      set = again.set
    }
  }
  const follow = async (owner: string, leader: string, sinceMs: number): Promise<ApplyOutcome> => {
    // Before anything changes: an agent that dies in the middle goes on where it was.
    await remember({ ...state, followed: { ...state.followed, [owner]: { leader, sinceMs } } })
    const { layout: now } = await locateRecovered(ports.files, options.paths, state)
    const live = await readLiveDir(ports.files, now.serviceDir)
    const next = digestsToRun(withFollowed(state.snapshot, state.followed, options.follow))
    return await repair(leftWhileFollowing(state.files, live.loaded, next))
  }
  const repair = async (left: ReadonlySet<string>): Promise<ApplyOutcome> => {
    const onStage = () => undefined
    const how = { blobs: new Map(), onStage, dryRun: false, purpose: 'repair', left } as const
    const prepared = await prepareSet(state.snapshot, how)
    return prepared.kind === 'failed' ? prepared : await commitOwn(prepared.set)
  }
  /** Of our own accord: nobody has asked for a version that could be said to have failed. */
  const commitOwn = async (set: PreparedSet): Promise<ApplyOutcome> => {
    const done = await commitIfCurrent(ports, options, { set, state, onStage: () => undefined })
    if (done.kind === 'applied') return applied(done)
    state = done.state
    await discardQuietly(set)
    await remember(state).catch(() => undefined)
    return { kind: 'failed', fault: done.fault }
  }
  const retry = async (): Promise<RetryOutcome | undefined> => {
    const { wanted } = state
    if (wanted === undefined) return undefined
    const how = { blobs: new Map(), onStage: () => undefined, dryRun: false, purpose: 'apply' } as const
    const prepared = await prepareSet(wanted, how)
    if (prepared.kind === 'prepared' && gains(prepared.set, state)) return await commitOwn(prepared.set)
    if (prepared.kind === 'prepared') await discardQuietly(prepared.set)
    const refused = refusedAgain(prepared, state)
    if (refused !== state) await remember(refused)
    return { kind: 'in-vain' }
  }
  return {
    state: () => state,
    prepare: (snapshot, blobs, onStage, dryRun = false) =>
      prepareSet(snapshot, { blobs, onStage, dryRun, purpose: 'publish' }),
    commit: commitSet,
    follow,
    repair,
    retry,
    circumstances: () => readCircumstances(ports, options, state),
    async takeOver(digests) {
      const files = Object.entries(state.files).map(
        ([name, file]) => [name, digests.has(name) ? { ...file, taken: digests.get(name) } : file] as const,
      )
      await remember({ ...state, files: Object.fromEntries(files) })
    },
    discard,
    async apply(snapshot, blobs, onStage) {
      const prepared = await prepareSet(snapshot, { blobs, onStage, dryRun: false, purpose: 'apply' })
      if (prepared.kind === 'failed') return await fail(withKept(snapshot, state.snapshot), prepared)
      return await commitSet(prepared.set, onStage)
    },
    collectGarbage: () => ports.blobs.retain(neededBy(state)),
  }
}

/** The mark of an apply that was cut off right after it had gone through. */
async function remindOfGood({ files, log }: EnginePorts, layout: Layout, state: AgentState): Promise<void> {
  const { generation, begun, placed } = state
  const dir = generationDir(layout.workDir, generation)
  const isOfLinks = layout.kind === 'conf.d' && placed?.kind === 'conf.d'
  if (!isOfLinks || begun || (await files.kind(dir)) !== 'directory') return
  await markGood(files, layout.workDir, generation).catch((err: unknown) =>
    log.warn({ err, workDir: layout.workDir }, 'the generation could not be marked as good'),
  )
}

/** Of the variants that are to run, by base name. */
function digestsToRun({ assignments }: Snapshot): ReadonlyMap<string, string> {
  const files = assignments.flatMap(
    ({ variants, leader }) => variants.find((variant) => variant.leader === leader)?.files ?? [],
  )
  return new Map(files.map(({ name, digest }) => [name, digest]))
}

function neededBy({ snapshot, wanted }: AgentState): ReadonlySet<string> {
  return new Set([...digestsOf(snapshot), ...(wanted ? digestsOf(wanted) : [])])
}

/** What the controller names, and what it leaves as this node has it. */
function withKept({ version, assignments, keptOwners = [] }: Snapshot, applied: Snapshot): Snapshot {
  const named = new Set(assignments.map(({ owner }) => owner))
  const kept = applied.assignments.filter(({ owner }) => keptOwners.includes(owner) && !named.has(owner))
  return { version, assignments: [...assignments, ...kept] }
}

/** A set that was staged from something else than what is live now is not put in place. Never rejects. */
async function commitIfCurrent(
  ports: EnginePorts,
  options: EngineOptions,
  input: CommitInput,
): Promise<Committed> {
  const { set, state } = input
  try {
    if (await isCurrent(ports, set, state)) return await commit(ports, options, input)
  } catch (error) {
    return { kind: 'failed', fault: toFault(error, 'swap'), state }
  }
  return { kind: 'failed', fault: filesKeepChanging(set.located.layout), state }
}

async function isCurrent(
  { files }: EnginePorts,
  { baseGeneration, liveDigest, located: { layout } }: PreparedSet,
  { generation }: AgentState,
): Promise<boolean> {
  const live = await readLiveDir(files, layout.serviceDir, layout.workDir)
  return generation === baseGeneration && (await stampOf(files, layout, live)) === liveDigest
}
