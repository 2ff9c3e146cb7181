/** What the apply engine works with, and what it is told about its host. */
import type { GuardRules } from '../../shared/haproxy/guard-rules.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { FollowPolicy } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Names } from '../../shared/ports/names.ts'
import type { Cli } from '../haproxy/cli.ts'
import type { HaproxyPaths } from '../haproxy/locate.ts'
import type { StatePorts } from '../server-state/carried-reload.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { StateFile } from '../state/state-file.ts'

export interface EnginePorts {
  readonly files: Files
  readonly exec: Exec
  readonly clock: Clock
  readonly cli: Cli
  /** Of the host names that services listen on. */
  readonly names: Names
  readonly blobs: BlobStore
  readonly stateFile: StateFile
  /** What HAProxy's servers start with after a reload. */
  readonly states: StatePorts
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export interface EngineOptions {
  readonly node: string
  /** What is done when a leader changes, where the assignment leaves it to the agent. */
  readonly follow: FollowPolicy
  readonly haproxyBin: string
  readonly paths: HaproxyPaths
  /** Reloads a HAProxy that has no master socket. */
  readonly reloadCommand: readonly string[]
  readonly validateTimeoutMs: number
  readonly reloadTimeoutMs: number
  /** What service files may say on this node; the usual when left out. */
  readonly guard?: GuardRules | undefined
}
