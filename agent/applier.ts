/** What takes orders and applies them: the same for the daemon and for one command's work over SSH. */
import { join } from 'node:path'
import type { Logger } from '../shared/log/logger.ts'
import type { Clock } from '../shared/ports/clock.ts'
import type { Exec } from '../shared/ports/exec.ts'
import type { Files } from '../shared/ports/files.ts'
import type { Names } from '../shared/ports/names.ts'
import type { AgentMessage } from '../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import { createEngine, type Engine } from './apply/engine.ts'
import type { EngineOptions } from './apply/engine-ports.ts'
import type { Cli } from './haproxy/cli.ts'
import { locate } from './haproxy/locate.ts'
import { locateLately } from './haproxy/locate-lately.ts'
import { parseVersion } from './haproxy/version.ts'
import { createLedger, type Ledger } from './observe/ledger.ts'
import { createOldWorkers, type OldWorkers } from './old-workers/old-workers.ts'
import { createShutdownPolicy } from './old-workers/shutdown-policy.ts'
import { type AgentConfig, guardRules, haproxyPaths } from './options.ts'
import type { StatePorts } from './server-state/carried-reload.ts'
import { helloMessage } from './session/messages.ts'
import { createWorker, type Worker } from './session/worker.ts'
import { type BlobStore, createBlobStore } from './state/blob-store.ts'
import { createStateFile } from './state/state-file.ts'

export interface ApplierPorts {
  readonly files: Files
  readonly exec: Exec
  readonly clock: Clock
  readonly cli: Cli
  readonly names: Names
  readonly states: StatePorts
  readonly log: Logger
}

export interface Applier {
  readonly blobs: BlobStore
  readonly options: EngineOptions
  readonly engine: Engine
  readonly ledger: Ledger
  /** Where HAProxy is, for those who ask often. */
  readonly lately: ReturnType<typeof locateLately>
  readonly oldWorkers: OldWorkers
  readonly worker: Worker
}

/** What the engine needs of the configuration. */
function engineOptions(config: AgentConfig): EngineOptions {
  return {
    node: config.node,
    follow: config.follow,
    haproxyBin: config.haproxy_bin,
    paths: haproxyPaths(config),
    reloadCommand: config.reload_command.split(/\s+/).filter((word) => word !== ''),
    validateTimeoutMs: config.validate_timeout_ms,
    reloadTimeoutMs: config.reload_timeout_ms,
    guard: guardRules(config),
  }
}

/**
 * Only one at a time may work on a state directory: see state/lock.ts.
 *
 * @throws AppError `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE`
 */
export async function createApplier(ports: ApplierPorts, config: AgentConfig): Promise<Applier> {
  const { files, clock, log } = ports
  const blobs = createBlobStore(files, join(config.state_dir, 'blobs'))
  const options = engineOptions(config)
  const engine = await createEngine(
    { ...ports, blobs, stateFile: createStateFile(files, config.state_dir) },
    options,
  )
  const ledger = createLedger(clock)
  const lately = locateLately(clock, () => locate(files, options.paths))
  const oldWorkers = createOldWorkers(
    {
      ...ports,
      locate: lately,
      shutdown: createShutdownPolicy({ files, blobs, state: engine.state }, config.haproxy_config),
      terminate: (pid) => terminate(ports, pid),
    },
    { maxCount: config.max_old_workers, maxAgeS: config.max_old_worker_age_s },
  )
  const worker = createWorker({ engine, oldWorkers, ledger, clock, log })
  return { blobs, options, engine, ledger, lately, oldWorkers, worker }
}

async function terminate({ exec }: ApplierPorts, pid: number): Promise<void> {
  const { status, stderr } = await exec.run('kill', ['-TERM', String(pid)], { timeoutMs: 5_000 })
  if (status !== 0) throw new Error(`process ${pid} could not be ended: ${stderr.trim()}`)
}

/** What is said first on a new stream. */
export async function hello(
  ports: ApplierPorts,
  { options, engine, blobs }: Applier,
  bootId: string,
): Promise<AgentMessage> {
  await engine.collectGarbage()
  const { layout } = await locate(ports.files, options.paths)
  const printed = await ports.exec
    .run(options.haproxyBin, ['-v'], { timeoutMs: 5_000 })
    .catch(() => undefined)
  return helloMessage({
    state: engine.state(),
    haproxyVersion: parseVersion(printed?.stdout ?? '')?.text ?? '',
    bootId,
    heldDigests: await blobs.held(),
    layout: layout.kind,
  })
}
