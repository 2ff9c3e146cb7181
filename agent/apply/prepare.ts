/**
 * First half of an apply: from a snapshot to a staged, validated set. Changes nothing that HAProxy sees.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Stage } from '../../shared/errors/fault.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import { findViolation } from '../guard/guard.ts'
import type { Located } from '../haproxy/locate.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Candidate, makeCandidate } from './candidate.ts'
import { checkPorts } from './check-ports.ts'
import type { Comparison } from './compare.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError, toFault } from './fault-error.ts'
import { type Found, look, validationKeyOf } from './look.ts'
import type { ChangeKind, OnStage, PreparedSet, PrepareOutcome } from './outcome.ts'
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
  const progress: Progress = { stage: 'receive', stageDir: undefined }
  try {
    return { kind: 'prepared', set: await prepareSet(ports, options, input, progress) }
  } catch (error) {
    if (progress.stageDir !== undefined) await ports.files.remove(progress.stageDir).catch(() => undefined)
    return { kind: 'failed', fault: toFault(error, progress.stage) }
  }
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
  progress: Progress,
): Promise<PreparedSet> {
  const step = stopwatch(ports, input.onStage)
  const done = (finished: Stage, next: Stage) => {
    progress.stage = next
    return step(finished)
  }
  const { candidate, fresh } = await receive(ports, input)
  done('receive', 'guard')
  const located = await locateRecovered(ports.files, options.paths, input.state)
  guard(candidate, located)
  done('guard', 'stage')
  const found = await look(ports, input.state, candidate, located)
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
  await Promise.all([
    isKnown ? undefined : checkAll(ports, options, located, candidate, stageDir, input.attempt),
    // Durable while HAProxy checks: neither waits for the other.
    stageDir === undefined ? undefined : syncTree(ports.files, stageDir),
    ports.blobs.keep(fresh),
  ])
  if (comparison.causes.length > 0) await checkPorts(ports.files, located, candidate)
  const validateMs = done('validate', 'swap')
  return {
    snapshot: input.snapshot,
    candidate,
    comparison,
    located,
    stageDir,
    liveDigest,
    baseGeneration: input.state.generation,
    validationKey,
    change: changeOf(comparison, located),
    foreignFiles: found.foreignFiles,
    foreignLoaded: found.foreignLoaded,
    times: { stageMs, validateMs, swapMs: 0, reloadMs: 0 },
    liveFiles: liveFilesOf(found),
  }
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

function changeOf(comparison: Comparison, located: Located): ChangeKind {
  if (comparison.reasons.length === 0) return 'none'
  if (comparison.causes.length === 0) return 'runtime'
  return located.running ? 'reload' : 'not-running'
}

async function receive(
  ports: EnginePorts,
  { snapshot, blobs }: PrepareInput,
): Promise<{ candidate: Candidate; fresh: Blobs }> {
  for (const [digest, text] of blobs) {
    if (sha256(text) === digest) continue
    const message = `a content does not have the digest ${digest} that it came with`
    throw new FaultError({ stage: 'receive', code: 'DIGEST_MISMATCH', message })
  }
  const missing = [...digestsOf(snapshot)].filter((digest) => !blobs.has(digest))
  const held = await ports.blobs.read(missing)
  return { candidate: makeCandidate(snapshot, new Map([...held, ...blobs])), fresh: blobs }
}

function guard(candidate: Candidate, { layout }: Located): void {
  const others = candidate.alternates.flatMap(({ files }) => files)
  const fault = findViolation([...candidate.files.values(), ...others], layout.reserved)
  if (fault) throw new FaultError(fault)
}

async function checkAll(
  ports: EnginePorts,
  options: EngineOptions,
  { configPaths, layout }: Located,
  candidate: Candidate,
  stageDir: string | undefined,
  attempt: number,
): Promise<void> {
  const fault = await validate(ports, {
    haproxyBin: options.haproxyBin,
    configPaths,
    serviceDir: layout.serviceDir,
    chosenDir: stageDir ?? layout.serviceDir,
    checkDir: join(layout.workDir, `check-${attempt}`),
    candidate,
    timeoutMs: options.validateTimeoutMs,
  })
  if (fault) throw new FaultError(fault)
}
