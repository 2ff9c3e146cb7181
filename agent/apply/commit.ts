/**
 * Second half of an apply: swap, reload, confirm; or everything as before.
 */
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import type { FollowPolicy } from '../../shared/model/snapshot.ts'
import type { Layout } from '../haproxy/locate.ts'
import { markWorker, setWeights, type WorkerMark } from '../haproxy/runtime-weights.ts'
import { nameWorker } from '../haproxy/same-worker.ts'
import { ownIdentity } from '../state/process-identity.ts'
import type { AgentState, BegunSwap } from '../state/state-file.ts'
import { blameReload } from './blame-reload.ts'
import { mayPass } from './circumstances.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError, toFault } from './fault-error.ts'
import { stillFollowed } from './followed.ts'
import { nextGeneration, pruneGenerations } from './generations.ts'
import { markGood } from './good-mark.ts'
import { keepCopies, writtenByOthers } from './keep-copies.ts'
import { readLiveDir, stampOf } from './live-dir.ts'
import type { Applied, OnStage, PreparedSet } from './outcome.ts'
import { stopwatch } from './prepare.ts'
import { loadedByState, reloadSet } from './reload-set.ts'
import { prepareSwap, type SwapPlan, swap } from './swap.ts'
import { undoSwap } from './undo-swap.ts'

export type Committed =
  | {
      readonly kind: 'applied'
      readonly outcome: Applied
      readonly state: AgentState
      /** Name of the worker that was seen to load what `state` says; undefined when nobody was seen just now. */
      readonly witness: string | undefined
    }
  | {
      readonly kind: 'failed'
      readonly fault: Fault
      /** As before, less what is not certain any more. */
      readonly state: AgentState
    }

export interface CommitInput {
  /** Staged from what is live now. */
  readonly set: PreparedSet
  readonly state: AgentState
  readonly onStage: OnStage
}

/** How many validated sets are remembered. */
const keptValidations = 32

export async function commit(
  ports: EnginePorts,
  options: EngineOptions,
  { set, state, onStage }: CommitInput,
): Promise<Committed> {
  const step = stopwatch(ports, onStage)
  let stage: Stage = 'swap'
  let begun: BegunSwap | undefined
  const { layout } = set.located
  try {
    const copies = await keepCopies(ports.files, layout.workDir, writtenByOthers(state, set.liveFiles))
    const generation = await generationOf(ports, state, set)
    const plan = swapPlan(set, generation)
    const record = plan && (await prepareSwap(ports.files, plan))
    begun = record && { ...record, mustReload: set.change !== 'none', by: await ownIdentity(ports.files) }
    if (begun) await (await ports.stateFile.stage(whileSwapping(state, begun)))()
    const next = nextState(state, set, generation, options.follow)
    const putState = await ports.stateFile.stage(next)
    const mark = set.change === 'runtime' ? await markWorker(ports.cli, set.located) : undefined
    if (plan && record) await expectUnchanged(ports, set, await swap(ports.files, plan, record))
    const swapMs = step('swap')
    stage = 'reload'
    const told = await tellRunning(ports, set, mark)
    const witness = told.change === 'reload' ? await reload(ports, options, set, state) : undefined
    const reloadMs = told.change === 'reload' ? step('confirm') : 0
    stage = 'confirm'
    await putState()
    await tidy(ports, set, generation)
    if (copies.size > 0) {
      ports.log.info({ copies: [...copies.values()] }, 'what others had written was kept, and replaced')
    }
    const times = { ...set.times, swapMs, reloadMs }
    const overwritten = new Map([...copies].filter(([name]) => set.edited.includes(name)))
    const outcome = { kind: 'applied', ...told, times, generation, overwritten } as const
    return { kind: 'applied', outcome, state: next, witness }
  } catch (error) {
    return await restore(ports, options, { set, state, begun, fault: toFault(error, stage) })
  }
}

/** It has gone through: nothing here may fail it. */
async function tidy({ files, log }: EnginePorts, { stageDir, located }: PreparedSet, generation: number) {
  const { kind, workDir } = located.layout
  const warn = (words: string) => (err: unknown) => log.warn({ err, workDir }, words)
  if (kind === 'conf.d' && stageDir !== undefined) {
    await markGood(files, workDir, generation).catch(warn('the generation could not be marked as good'))
  }
  await pruneGenerations(files, workDir, generation).catch(warn('old generations stay behind'))
}

/** What the running worker can be told; when it does not take it, one reload does the same. */
async function tellRunning(
  ports: EnginePorts,
  { change, comparison: { reasons, causes, weights }, located, reliesOn }: PreparedSet,
  mark: WorkerMark | undefined,
): Promise<Pick<Applied, 'change' | 'reasons' | 'causes'>> {
  const isNew = async () => (await nameWorker(ports, located))?.name !== reliesOn
  if (change !== 'reload' && reliesOn !== undefined && (await isNew())) {
    const why = 'HAProxy was reloaded by somebody else meanwhile'
    return { change: 'reload', reasons: [...reasons, why], causes: ['not-known-loaded'] }
  }
  if (change !== 'runtime') return { change, reasons, causes }
  const problem = await setWeights(ports.cli, located, mark, weights)
  if (problem === undefined) return { change, reasons, causes }
  const why = `the running worker did not take it: ${problem}`
  return { change: 'reload', reasons: [...reasons, why], causes: ['runtime-failed'] }
}

/** Somebody wrote into the old directory between the last look and the swap: that must not be lost. */
async function expectUnchanged(
  ports: EnginePorts,
  set: PreparedSet,
  oldDir: string | undefined,
): Promise<void> {
  if (oldDir === undefined) return
  const { layout } = set.located
  const old = await readLiveDir(ports.files, oldDir)
  if ((await stampOf(ports.files, layout, old, oldDir)) === set.liveDigest) return
  throw new FaultError(filesKeepChanging(layout))
}

/** The code of a commit that can be tried again from a new look at the files. */
export const filesChanging = 'FILES_CHANGING'

export function filesKeepChanging({ serviceDir }: Layout): Fault {
  const message = `somebody keeps changing files in ${serviceDir}`
  return { stage: 'swap', code: filesChanging, message }
}

/** What is remembered while the swap and the reload are under way. */
function whileSwapping(state: AgentState, begun: BegunSwap): AgentState {
  return { ...state, confirmed: state.confirmed && !begun.mustReload, begun }
}

function swapPlan(set: PreparedSet, generation: number): SwapPlan | undefined {
  const { stageDir, candidate, comparison, located } = set
  if (stageDir === undefined) return undefined
  const { write, remove } = comparison
  return { layout: located.layout, stageDir, generation, candidate: candidate.files, write, remove }
}

async function generationOf(ports: EnginePorts, state: AgentState, set: PreparedSet): Promise<number> {
  if (set.stageDir === undefined) return Math.max(1, state.generation)
  return await nextGeneration(ports.files, set.located.layout.workDir, state.generation)
}

function nextState(state: AgentState, set: PreparedSet, generation: number, usual: FollowPolicy): AgentState {
  const files = [...set.candidate.files.values()].map(
    ({ name, digest, owner }) => [name, { digest, owner }] as const,
  )
  const keys = set.validationKey === undefined ? [] : [set.validationKey]
  const isRunning = set.located.running !== undefined
  const foreign = set.change === 'reload' ? set.foreignFiles : set.foreignLoaded
  return {
    node: state.node,
    generation,
    snapshot: set.snapshot,
    leaders: set.candidate.leaders,
    followed: stillFollowed(state.followed, set.wanted, usual),
    files: { ...leftOf(state, set), ...Object.fromEntries(files) },
    placed: { kind: set.located.layout.kind, serviceDir: set.located.layout.serviceDir },
    // `none` says that HAProxy was known to have loaded the same already, see look.ts.
    confirmed: isRunning && set.change !== 'not-running',
    foreign: isRunning ? foreign : {},
    mustReload: false,
    begun: undefined,
    validated: [...state.validated.filter((other) => !keys.includes(other)), ...keys].slice(-keptValidations),
    // What was put back says nothing about what failed to come.
    failed: set.left ? state.failed : undefined,
    quarantined: set.left ? state.quarantined : set.quarantined,
    wanted: set.left ? state.wanted : stillWanted(set),
  }
}

function stillWanted({ wanted, quarantined }: PreparedSet): AgentState['wanted'] {
  return quarantined.some(({ fault }) => mayPass(fault)) ? wanted : undefined
}

/** They are ours all the same. */
function leftOf({ files }: AgentState, { left }: PreparedSet): AgentState['files'] {
  return Object.fromEntries(Object.entries(files).filter(([name]) => left?.has(name)))
}

async function reload(
  ports: EnginePorts,
  options: EngineOptions,
  set: PreparedSet,
  state: AgentState,
): Promise<string | undefined> {
  const result = await reloadSet(ports, options, set.located, await loadedByState(ports, state, set))
  if (result.kind === 'failed') throw new FaultError(blameReload(result, set))
  const now = await nameWorker(ports, set.located)
  return now?.pid === result.workerPid ? now.name : undefined
}

interface CutShort {
  readonly set: PreparedSet
  readonly state: AgentState
  /** Recorded; undefined when nothing has been touched. */
  readonly begun: BegunSwap | undefined
  readonly fault: Fault
}

async function restore(
  ports: EnginePorts,
  options: EngineOptions,
  { set, state, begun, fault }: CutShort,
): Promise<Committed> {
  try {
    if (begun) await undoSwap(ports.files, begun)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `${fault.message}; and the files could not be put back: ${why}`
    const uncertain: AgentState = { ...state, confirmed: false, mustReload: true, begun }
    return { kind: 'failed', fault: { ...fault, code: 'RESTORE_FAILED', message }, state: uncertain }
  }
  if (set.change === 'runtime' && fault.stage === 'reload') {
    // It may have taken some of the weights before it refused one, and it did not reload either.
    return { kind: 'failed', fault, state: { ...state, confirmed: false, mustReload: true } }
  }
  const isTold = set.change === 'reload' || set.change === 'runtime'
  if (!isTold || fault.stage !== 'confirm') return { kind: 'failed', fault, state }
  // What runs is not known: the files put back need a reload of their own.
  const result = await reloadSet(ports, options, set.located, [])
  if (result.kind === 'reloaded') return { kind: 'failed', fault, state }
  const message = `${fault.message}; the files were put back, but HAProxy was not seen to load them: ${result.message}`
  const haproxy = result.words ?? fault.haproxy
  const told = { ...fault, code: 'RESTORE_NOT_CONFIRMED', message, haproxy }
  return { kind: 'failed', fault: told, state: { ...state, confirmed: false, mustReload: true } }
}
