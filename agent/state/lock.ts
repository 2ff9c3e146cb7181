/**
 * One agent at a time on a state directory: two would exchange HAProxy's files against each other, and each end the other's
 * stream. Held by the kernel for the life of the process, so that nothing is left to be cleared away after a kill.
 *
 * Node has no lock on files of its own; SQLite takes one. Nothing is ever written to that database.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { loadSqlite } from '../../shared/ports/sqlite.ts'

/** Who holds it: its process, and its kind unless that is a daemon. */
const holderName = 'agent.pid'

/** A daemon, or for the length of a command `agent once` or `agent leave`. */
export type HolderKind = 'agent' | 'once' | 'leave'

/**
 * A disk that lets nobody lock anything (full, read-only) keeps no agent from starting; that is logged.
 *
 * @returns lets the lock go
 * @throws AppError `STATE_IN_USE` when another agent holds it
 */
export function lockState(dir: string, kind: HolderKind, log: Pick<Logger, 'warn'>): () => void {
  const holder = join(dir, holderName)
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const release = lock(join(dir, 'lock'))
    writeFileSync(holder, `${process.pid}${kind === 'agent' ? '' : ` ${kind}`}\n`, { mode: 0o600 })
    return release
  } catch (cause) {
    if (isBusy(cause)) throw inUse(dir, holder, cause)
    log.warn({ err: cause, dir }, 'the state directory cannot be locked; a second agent would not be noticed')
    return () => undefined
  }
}

/** Who holds it, or held it last. */
export function holderOf(dir: string): HolderKind {
  const [kind] = /(once|leave)$/.exec(processOf(join(dir, holderName))) ?? []
  return kind === 'once' || kind === 'leave' ? kind : 'agent'
}

function lock(path: string): () => void {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // The journal would be a second file that a kill leaves behind.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw error
  }
  return () => database.close()
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database is locked/.test(error.message)
}

function inUse(dir: string, holder: string, cause: unknown): AppError {
  return new AppError('STATE_IN_USE', `another agent runs with ${dir}: ${processOf(holder)}`, {
    hint: 'stop it first (systemctl stop pgsvc-agent), or give this one a state_dir and a notify_socket of its own',
    cause,
  })
}

function processOf(holder: string): string {
  try {
    return `process ${readFileSync(holder, 'utf8').trim()}`
  } catch {
    return 'process unknown'
  }
}
