/**
 * Second half of an apply: swap, reload, confirm; or everything as before.
 */
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import { reloadAndConfirm } from '../haproxy/reload.ts'
import type { AgentState } from '../state/state-file.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError, toFault } from './fault-error.ts'
import { nextGeneration, pruneGenerations } from './generations.ts'
import type { ApplyOutcome, OnStage, PreparedSet } from './outcome.ts'
import { stopwatch } from './prepare.ts'
import { swap, type UndoSwap } from './swap.ts'

export type Committed =
  | { readonly kind: 'applied'; readonly outcome: ApplyOutcome; readonly state: AgentState }
  | { readonly kind: 'failed'; readonly fault: Fault }

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
  let undo: UndoSwap = () => Promise.resolve()
  try {
    const generation = await generationOf(ports, state, set)
    const next = nextState(state, set, generation)
    const putState = await ports.stateFile.stage(next)
    if (set.stageDir !== undefined) {
      undo = await swap(ports.files, {
        layout: set.located.layout,
        stageDir: set.stageDir,
        generation,
        candidate: set.candidate.files,
        ...set.comparison,
      })
    }
    const swapMs = step('swap')
    stage = 'reload'
    if (set.change === 'reload') await reload(ports, options, set)
    const reloadMs = set.change === 'reload' ? step('confirm') : 0
    stage = 'confirm'
    await putState()
    const { layout } = set.located
    await pruneGenerations(ports.files, layout.workDir, generation).catch(() => undefined)
    const times = { ...set.times, swapMs, reloadMs }
    const { change } = set
    const { reasons } = set.comparison
    return { kind: 'applied', outcome: { kind: 'applied', change, reasons, times, generation }, state: next }
  } catch (error) {
    return { kind: 'failed', fault: await restore(ports, options, set, undo, toFault(error, stage)) }
  }
}

async function generationOf(ports: EnginePorts, state: AgentState, set: PreparedSet): Promise<number> {
  if (set.stageDir === undefined) return Math.max(1, state.generation)
  return await nextGeneration(ports.files, set.located.layout.workDir, state.generation)
}

function nextState(state: AgentState, set: PreparedSet, generation: number): AgentState {
  const files = [...set.candidate.files.values()].map(
    ({ name, digest, owner }) => [name, { digest, owner }] as const,
  )
  const { validationKey: key } = set
  return {
    node: state.node,
    generation,
    snapshot: set.snapshot,
    leaders: set.candidate.leaders,
    files: Object.fromEntries(files),
    confirmed: set.located.running !== undefined && (set.change === 'reload' || set.change === 'none'),
    validated: [...state.validated.filter((other) => other !== key), key].slice(-keptValidations),
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

async function restore(
  ports: EnginePorts,
  options: EngineOptions,
  set: PreparedSet,
  undo: UndoSwap,
  fault: Fault,
): Promise<Fault> {
  try {
    await undo()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      ...fault,
      code: 'RESTORE_FAILED',
      message: `${fault.message}; and the files could not be put back: ${why}`,
    }
  }
  // What runs is not known: the files put back need a reload of their own.
  if (set.change === 'reload' && fault.stage === 'confirm') {
    await reloadAndConfirm(ports, set.located, {
      command: options.reloadCommand,
      timeoutMs: options.reloadTimeoutMs,
    })
  }
  return fault
}
