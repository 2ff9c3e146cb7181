/**
 * First half of an apply: from a snapshot to a staged, validated set. Changes nothing that HAProxy sees.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Stage } from '../../shared/errors/fault.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import { findViolation } from '../guard/guard.ts'
import { type Located, locate } from '../haproxy/locate.ts'
import { collide, foreignListeners, parseBinds } from '../haproxy/ports-in-use.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Candidate, makeCandidate } from './candidate.ts'
import { type Comparison, compare } from './compare.ts'
import type { EngineOptions, EnginePorts } from './engine.ts'
import { FaultError, toFault } from './fault-error.ts'
import { foreignDigest, type LiveDir, readLiveDir } from './live-dir.ts'
import type { ChangeKind, OnStage, PreparedSet, PrepareOutcome } from './outcome.ts'
import { stageSet, syncStaged } from './staging.ts'
import { setsKey, validate } from './validate.ts'

export interface PrepareInput {
  readonly snapshot: Snapshot
  /** Contents that came along. */
  readonly blobs: Blobs
  readonly state: AgentState
  /** Names the directories of this attempt apart from those of others. */
  readonly attempt: number
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

export async function prepare(
  ports: EnginePorts,
  options: EngineOptions,
  input: PrepareInput,
): Promise<PrepareOutcome> {
  let stage: Stage = 'receive'
  const step = stopwatch(ports, input.onStage)
  const done = (finished: Stage, next: Stage) => {
    stage = next
    return step(finished)
  }
  let stageDir: string | undefined
  try {
    const received = await receive(ports, input)
    done('receive', 'guard')
    const located = await locate(ports.files, options.paths)
    guard(received.candidate, located)
    done('guard', 'stage')
    const found = await look(ports, input.state, received.candidate, located)
    const { comparison } = found
    const mustWrite = comparison.write.length + comparison.remove.length > 0
    if (mustWrite) {
      stageDir = join(located.layout.workDir, `stage-${input.attempt}`)
      await ports.files.remove(stageDir)
      await stageSet(ports.files, {
        stageDir,
        serviceDir: located.layout.serviceDir,
        live: found.live,
        candidate: received.candidate.files,
        ours: found.ours,
        carryAll: located.layout.kind === 'conf.d',
      })
    }
    const stageMs = done('stage', 'validate')
    const validationKey = await validationKeyOf(ports, options, located, found, received.candidate)
    await Promise.all([
      input.state.validated.includes(validationKey)
        ? undefined
        : checkAll(ports, options, located, received.candidate, stageDir, input.attempt),
      // Durable while HAProxy checks: neither waits for the other.
      stageDir === undefined ? undefined : syncStaged(ports.files, stageDir),
      ports.blobs.keep(received.fresh),
    ])
    if (comparison.reasons.length > 0) await checkPorts(ports, located, received.candidate)
    const validateMs = done('validate', 'swap')
    const set: PreparedSet = {
      snapshot: input.snapshot,
      candidate: received.candidate,
      comparison,
      located,
      stageDir,
      liveDigest: found.liveDigest,
      baseGeneration: input.state.generation,
      validationKey,
      change: changeOf(comparison, located),
      times: { stageMs, validateMs, swapMs: 0, reloadMs: 0 },
      liveFiles: [...comparison.write, ...comparison.remove].map((name) => ({
        name,
        text: found.live.loaded.get(name),
      })),
    }
    return { kind: 'prepared', set }
  } catch (error) {
    if (stageDir !== undefined) await ports.files.remove(stageDir).catch(() => undefined)
    return { kind: 'failed', fault: toFault(error, stage) }
  }
}

function changeOf(comparison: Comparison, located: Located): ChangeKind {
  if (comparison.reasons.length === 0) return 'none'
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

interface Found {
  readonly live: LiveDir
  readonly liveDigest: string
  readonly foreign: string
  readonly comparison: Comparison
  readonly ours: (name: string) => boolean
}

async function look(
  ports: EnginePorts,
  state: AgentState,
  candidate: Candidate,
  { layout, configPaths }: Located,
): Promise<Found> {
  if (!configPaths.includes(layout.serviceDir)) {
    const message = `HAProxy does not load ${layout.serviceDir}; it was started with -f ${configPaths.join(' -f ')}`
    throw new FaultError({ stage: 'stage', code: 'SERVICE_DIR_NOT_LOADED', message })
  }
  const live = await readLiveDir(ports.files, layout.serviceDir)
  const digests = Object.values(state.files).map(({ digest }) => digest)
  const texts = state.confirmed ? await ports.blobs.read(digests) : new Map<string, string>()
  const loaded = new Map(
    Object.entries(state.files).flatMap(([name, { digest }]) => {
      const text = texts.get(digest)
      return text === undefined ? [] : [[name, text] as const]
    }),
  )
  const ours = (name: string) => candidate.files.has(name) || name in state.files
  return {
    live,
    liveDigest: foreignDigest(live, () => false),
    foreign: foreignDigest(live, ours),
    comparison: compare({ candidate: candidate.files, live: live.loaded, owned: state.files, loaded }),
    ours,
  }
}

/** Everything that decides what `haproxy -c` says: program, its own files, files of others, all our variants. */
async function validationKeyOf(
  ports: EnginePorts,
  options: EngineOptions,
  { configPaths, layout }: Located,
  { foreign }: Found,
  candidate: Candidate,
): Promise<string> {
  const texts: string[] = []
  for (const path of configPaths) {
    if (path === layout.serviceDir) continue
    const isDirectory = (await ports.files.list(path)) !== undefined
    texts.push(
      isDirectory
        ? foreignDigest(await readLiveDir(ports.files, path), () => false)
        : String((await ports.files.read(path)) ?? ''),
    )
  }
  return sha256(JSON.stringify([options.haproxyBin, configPaths, texts, foreign, setsKey(candidate)]))
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

async function checkPorts(ports: EnginePorts, { running }: Located, candidate: Candidate): Promise<void> {
  const others = await foreignListeners(ports.files, running?.pid)
  for (const { name, owner, text } of candidate.files.values()) {
    const taken = parseBinds(text).find((bind) => others.some((socket) => collide(bind, socket)))
    if (!taken) continue
    const message = `port ${taken.port} is taken by another program on this host`
    throw new FaultError({
      stage: 'validate',
      code: 'PORT_TAKEN',
      owner,
      file: name,
      line: taken.line,
      message,
    })
  }
}
