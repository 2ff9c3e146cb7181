/**
 * Second half of an apply: swap, reload, confirm; or everything as before.
 */
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import type { Layout } from '../haproxy/locate.ts'
import { reloadAndConfirm } from '../haproxy/reload.ts'
import type { AgentState } from '../state/state-file.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError, toFault } from './fault-error.ts'
import { nextGeneration, pruneGenerations } from './generations.ts'
import { readLiveDir, stampOf } from './live-dir.ts'
import type { ApplyOutcome, OnStage, PreparedSet } from './outcome.ts'
import { stopwatch } from './prepare.ts'
import { asideOf, type Swapped, swap } from './swap.ts'

export type Committed =
  | { readonly kind: 'applied'; readonly outcome: ApplyOutcome; readonly state: AgentState }
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
  let undo: Swapped['undo'] = () => Promise.resolve()
  let begun: AgentState | undefined
  const { layout } = set.located
  try {
    const generation = await generationOf(ports, state, set)
    begun = begunSwap(state, set, generation)
    if (begun) await (await ports.stateFile.stage(begun))()
    const next = nextState(state, set, generation)
    const putState = await ports.stateFile.stage(next)
    if (set.stageDir !== undefined) {
      const swapped = await swap(ports.files, {
        layout,
        stageDir: set.stageDir,
        generation,
        candidate: set.candidate.files,
        ...set.comparison,
      })
      undo = swapped.undo
      await expectUnchanged(ports, set, swapped)
    }
    const swapMs = step('swap')
    stage = 'reload'
    if (set.change === 'reload') await reload(ports, options, set)
    const reloadMs = set.change === 'reload' ? step('confirm') : 0
    stage = 'confirm'
    await putState()
    await pruneGenerations(ports.files, layout.workDir, generation).catch((err: unknown) =>
      ports.log.warn({ err, workDir: layout.workDir }, 'old generations stay behind'),
    )
    const times = { ...set.times, swapMs, reloadMs }
    const { change } = set
    const { reasons } = set.comparison
    return { kind: 'applied', outcome: { kind: 'applied', change, reasons, times, generation }, state: next }
  } catch (error) {
    return await restore(ports, options, { set, state, begun, undo, fault: toFault(error, stage) })
  }
}

/** Somebody wrote into the old directory between the last look and the swap: that must not be lost. */
async function expectUnchanged(ports: EnginePorts, set: PreparedSet, { oldDir }: Swapped): Promise<void> {
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

/** What is remembered while the swap and the reload are under way; undefined when nothing is exchanged. */
function begunSwap(state: AgentState, set: PreparedSet, generation: number): AgentState | undefined {
  if (set.stageDir === undefined) return undefined
  const { layout } = set.located
  const mustReload = set.change !== 'none'
  const aside = layout.kind === 'flat' ? '' : asideOf(layout, generation)
  return {
    ...state,
    confirmed: state.confirmed && !mustReload,
    begun: { generation, serviceDir: layout.serviceDir, aside, mustReload },
  }
}

async function generationOf(ports: EnginePorts, state: AgentState, set: PreparedSet): Promise<number> {
  if (set.stageDir === undefined) return Math.max(1, await liveGeneration(ports, set, state))
  return await nextGeneration(ports.files, set.located.layout.workDir, state.generation)
}

/** After a swap whose end was not recorded the link is ahead of the memory. */
async function liveGeneration(ports: EnginePorts, set: PreparedSet, state: AgentState): Promise<number> {
  const { serviceDir } = set.located.layout
  if (state.begun === undefined || (await ports.files.kind(serviceDir)) !== 'symlink') return state.generation
  const number = /\/g(\d+)$/.exec(await ports.files.readLink(serviceDir))?.[1]
  return number === undefined ? state.generation : Number(number)
}

function nextState(state: AgentState, set: PreparedSet, generation: number): AgentState {
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
    files: Object.fromEntries(files),
    // `none` says that HAProxy was known to have loaded the same already, see look.ts.
    confirmed: isRunning && set.change !== 'not-running',
    foreign: isRunning ? foreign : {},
    begun: undefined,
    validated: [...state.validated.filter((other) => !keys.includes(other)), ...keys].slice(-keptValidations),
    failed: undefined,
  }
}

async function reload(ports: EnginePorts, options: EngineOptions, set: PreparedSet): Promise<void> {
  const result = await reloadAndConfirm(ports, set.located, {
    command: options.reloadCommand,
    timeoutMs: options.reloadTimeoutMs,
  })
  if (result.kind === 'reloaded') return
  throw new FaultError({
    stage: result.step,
    code: result.code,
    message: result.message,
    haproxy: result.words,
  })
}

interface CutShort {
  readonly set: PreparedSet
  readonly state: AgentState
  /** As it was put on disk before the swap. */
  readonly begun: AgentState | undefined
  readonly undo: Swapped['undo']
  readonly fault: Fault
}

async function restore(
  ports: EnginePorts,
  options: EngineOptions,
  { set, state, begun: marked, undo, fault }: CutShort,
): Promise<Committed> {
  const begun = marked?.begun && { ...marked.begun, mustReload: true }
  const uncertain: AgentState = { ...state, confirmed: false, begun: begun ?? state.begun }
  try {
    await undo()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `${fault.message}; and the files could not be put back: ${why}`
    return { kind: 'failed', fault: { ...fault, code: 'RESTORE_FAILED', message }, state: uncertain }
  }
  if (set.change !== 'reload' || fault.stage !== 'confirm') return { kind: 'failed', fault, state }
  // What runs is not known: the files put back need a reload of their own.
  const result = await reloadAndConfirm(ports, set.located, {
    command: options.reloadCommand,
    timeoutMs: options.reloadTimeoutMs,
  })
  if (result.kind === 'reloaded') return { kind: 'failed', fault, state }
  const message = `${fault.message}; the files were put back, but HAProxy was not seen to load them: ${result.message}`
  const haproxy = result.words ?? fault.haproxy
  const told = { ...fault, code: 'RESTORE_NOT_CONFIRMED', message, haproxy }
  return { kind: 'failed', fault: told, state: uncertain }
}
