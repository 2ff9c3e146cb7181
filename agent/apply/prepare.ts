/**
 * First half of an apply: from a snapshot to a staged, validated set. Changes nothing that HAProxy sees.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import { findViolations } from '../guard/guard.ts'
import type { Located } from '../haproxy/locate.ts'
import { readSurroundings } from '../haproxy/surroundings.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Candidate, makeCandidate } from './candidate.ts'
import { checkBinds } from './check-binds.ts'
import type { Comparison } from './compare.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError, toFault } from './fault-error.ts'
import { writtenByOthers } from './keep-copies.ts'
import { type Found, foreignTexts, look, validationKeyOf } from './look.ts'
import type { ChangeKind, OnStage, PreparedSet, PrepareOutcome } from './outcome.ts'
import { Quarantine, sameAssignments } from './quarantine.ts'
import { locateRecovered } from './recover.ts'
import { stageSet, syncTree } from './staging.ts'
import { validate } from './validate.ts'

export interface PrepareInput {
  readonly snapshot: Snapshot
  /** Contents that came along. */
  readonly blobs: Blobs
  readonly state: AgentState
  /** Names the directories of this attempt apart from those of others. */
  readonly attempt: number
  /** Really asks HAProxy, whatever was found good before. */
  readonly dryRun: boolean
  /**
   * In a publish an owner that would be changed is refused; in an apply it is put in quarantine, and the rest goes on;
   * a repair puts back what was applied already, so nobody is at fault.
   */
  readonly purpose: 'publish' | 'apply' | 'repair'
  /** Name of the worker that was seen to load what `state` says; see same-worker.ts. */
  readonly witness: string | undefined
  /** Files of ours that stay as they are on disk, or away; those of others, as far as this set is concerned. */
  readonly left?: ReadonlySet<string> | undefined
  readonly onStage: OnStage
}

/** Measures one step after the other. */
export function stopwatch(ports: EnginePorts, onStage: OnStage): (stage: Stage) => number {
  let last = ports.clock.monotonic()
  return (stage) => {
    const now = ports.clock.monotonic()
    const elapsedMs = Math.round(now - last)
    last = now
    onStage(stage, elapsedMs)
    return elapsedMs
  }
}

/** Never rejects: what goes wrong is a fault, and nothing staged stays behind. */
export async function prepare(
  ports: EnginePorts,
  options: EngineOptions,
  input: PrepareInput,
): Promise<PrepareOutcome> {
  const { snapshot: applied, quarantined } = input.state
  const quarantine = new Quarantine(input.snapshot, applied, quarantined)
  // Each round but the last puts at least one owner in quarantine.
  for (;;) {
    const progress: Progress = { stage: 'receive', stageDir: undefined }
    try {
      return await concluded(
        ports,
        input,
        quarantine,
        await prepareSet(ports, options, input, quarantine, progress),
      )
    } catch (error) {
      if (progress.stageDir !== undefined) await ports.files.remove(progress.stageDir).catch(() => undefined)
      const faults = error instanceof FaultError ? error.all : [toFault(error, progress.stage)]
      const stopping =
        input.purpose === 'repair' ? faults[0] : faults.find((fault) => !quarantine.take(fault))
      // Whom it has found so far is not decided: what is in place is what was there before.
      if (stopping) return { kind: 'failed', fault: stopping }
    }
  }
}

/** Whether what is left may be put in place. */
async function concluded(
  ports: EnginePorts,
  { purpose, state, snapshot }: PrepareInput,
  quarantine: Quarantine,
  set: PreparedSet,
): Promise<PrepareOutcome> {
  const quarantined = quarantine.owners()
  const faults = purpose === 'publish' ? quarantine.refusals() : quarantined.map(({ fault }) => fault)
  const isNothingLeft =
    snapshot.version !== state.snapshot.version && sameAssignments(set.snapshot, state.snapshot)
  const [fault] = faults
  if (fault === undefined || (purpose !== 'publish' && !isNothingLeft)) return { kind: 'prepared', set }
  if (set.stageDir !== undefined) await ports.files.remove(set.stageDir).catch(() => undefined)
  return { kind: 'failed', fault, faults, quarantined }
}

/** How far a preparation has come: what a failure is charged to, and what it leaves behind. */
interface Progress {
  stage: Stage
  stageDir: string | undefined
}

async function prepareSet(
  ports: EnginePorts,
  options: EngineOptions,
  input: PrepareInput,
  quarantine: Quarantine,
  progress: Progress,
): Promise<PreparedSet> {
  const step = stopwatch(ports, input.onStage)
  const done = (finished: Stage, next: Stage) => {
    progress.stage = next
    return step(finished)
  }
  const snapshot = quarantine.effective(input.snapshot)
  const received = await receive(ports, { ...input, snapshot }, quarantine)
  const { fresh } = received
  const candidate = withoutLeft(received.candidate, input.left)
  done('receive', 'guard')
  const located = await locateRecovered(ports.files, options.paths, input.state)
  guard(candidate, located, options)
  done('guard', 'stage')
  const state = stateWithoutLeft(input.state, input.left)
  const found = await look(ports, { state, candidate, located, witness: input.witness })
  const { comparison, liveDigest } = found
  if (comparison.write.length + comparison.remove.length > 0) {
    progress.stageDir = join(located.layout.workDir, `stage-${input.attempt}`)
    await stage(ports, candidate, located, found, progress.stageDir)
  }
  const { stageDir } = progress
  const stageMs = done('stage', 'validate')
  const validationKey = await validationKeyOf(ports, options, located, found, candidate)
  const isKnown =
    !input.dryRun && validationKey !== undefined && input.state.validated.includes(validationKey)
  await allEnded([
    isKnown
      ? undefined
      : checkAll(ports, options, { located, candidate, stageDir, quarantine, attempt: input.attempt }),
    // Durable while HAProxy checks: neither waits for the other.
    stageDir === undefined ? undefined : syncTree(ports.files, stageDir),
    ports.blobs.keep(fresh),
  ])
  if (comparison.causes.length > 0) {
    const isNew = (owner: string) => quarantine.isNew(owner)
    const foreign = await foreignTexts(ports.files, located, found)
    throwIfAny(await checkBinds(ports, { located, candidate, isNew, foreign }))
  }
  const validateMs = done('validate', 'swap')
  return {
    snapshot,
    wanted: input.snapshot,
    quarantined: quarantine.owners(),
    candidate,
    comparison,
    located,
    stageDir,
    liveDigest,
    baseGeneration: input.state.generation,
    validationKey,
    change: changeOf(comparison, located, candidate),
    foreignFiles: found.foreignFiles,
    foreignLoaded: found.foreignLoaded,
    times: { stageMs, validateMs, swapMs: 0, reloadMs: 0 },
    left: input.left,
    reliesOn: found.reliesOn,
    liveFiles: liveFilesOf(found),
    edited: editedIn(input.state, liveFilesOf(found)),
  }
}

/**
 * Waits until every one has ended, then throws the first failure in their order: what is still at work must not
 * meet a directory that is being removed.
 */
async function allEnded(works: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function withoutLeft(candidate: Candidate, left: ReadonlySet<string> | undefined): Candidate {
  if (left === undefined) return candidate
  return { ...candidate, files: new Map([...candidate.files].filter(([name]) => !left.has(name))) }
}

function stateWithoutLeft(state: AgentState, left: ReadonlySet<string> | undefined): AgentState {
  if (left === undefined) return state
  const files = Object.entries(state.files).filter(([name]) => !left.has(name))
  return { ...state, files: Object.fromEntries(files) }
}

async function stage(
  ports: EnginePorts,
  candidate: Candidate,
  { layout }: Located,
  { live, ours }: Found,
  stageDir: string,
): Promise<void> {
  await ports.files.remove(stageDir)
  await stageSet(ports.files, {
    stageDir,
    serviceDir: layout.serviceDir,
    live,
    candidate: candidate.files,
    ours,
    carryAll: layout.kind === 'conf.d',
  })
}

function liveFilesOf({ comparison, live }: Found): PreparedSet['liveFiles'] {
  return [...comparison.write, ...comparison.remove].map((name) => ({ name, text: live.loaded.get(name) }))
}

/** Files that others brought are no edits of ours. */
function editedIn(state: AgentState, liveFiles: PreparedSet['liveFiles']): readonly string[] {
  const names = writtenByOthers(state, liveFiles).map(({ name }) => name)
  return names.filter((name) => state.files[name] !== undefined)
}

/** Where nothing has to change either, files that nobody serves are no good end. */
function changeOf(comparison: Comparison, located: Located, { files }: Candidate): ChangeKind {
  if (!located.running && files.size > 0) return 'not-running'
  if (comparison.reasons.length === 0) return 'none'
  if (comparison.causes.length === 0) return 'runtime'
  return located.running ? 'reload' : 'not-running'
}

async function receive(
  ports: EnginePorts,
  { snapshot, blobs }: PrepareInput,
  quarantine: Quarantine,
): Promise<{ candidate: Candidate; fresh: Blobs }> {
  for (const [digest, text] of blobs) {
    if (sha256(text) === digest) continue
    const message = `a content does not have the digest ${digest} that it came with`
    throw new FaultError({ stage: 'receive', code: 'DIGEST_MISMATCH', message })
  }
  const missing = [...digestsOf(snapshot)].filter((digest) => !blobs.has(digest))
  const held = await ports.blobs.read(missing)
  return {
    candidate: makeCandidate(snapshot, new Map([...held, ...blobs]), (owner) => quarantine.isNew(owner)),
    fresh: blobs,
  }
}

function guard(candidate: Candidate, { layout }: Located, options: EngineOptions): void {
  const others = candidate.alternates.flatMap(({ files }) => files)
  throwIfAny(findViolations([...candidate.files.values(), ...others], layout.reserved, options.guard))
}

function throwIfAny([fault, ...more]: readonly Fault[]): void {
  if (fault) throw new FaultError(fault, undefined, more)
}

interface ToCheck {
  readonly located: Located
  readonly candidate: Candidate
  readonly stageDir: string | undefined
  readonly quarantine: Quarantine
  readonly attempt: number
}

async function checkAll(
  ports: EnginePorts,
  options: EngineOptions,
  { located: { configPaths, layout, running }, candidate, stageDir, quarantine, attempt }: ToCheck,
): Promise<void> {
  const faults = await validate(ports, {
    haproxyBin: options.haproxyBin,
    configPaths,
    serviceDir: layout.serviceDir,
    chosenDir: stageDir ?? layout.serviceDir,
    checkDir: join(layout.workDir, `check-${attempt}`),
    candidate,
    timeoutMs: options.validateTimeoutMs,
    surroundings: await readSurroundings(ports.files, running?.pid),
    isNew: (owner) => quarantine.isNew(owner),
    known: quarantine.refusedBefore(),
  })
  throwIfAny(faults)
}
