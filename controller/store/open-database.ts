/** Opens the one database file, for one process at a time. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../shared/errors/app-error.ts'
import { loadSqlite } from '../../shared/ports/sqlite.ts'
import { migrate } from './migrations.ts'

/**
 * WAL and synchronous=FULL: what a transaction wrote survives kill -9 and power loss. Locked exclusively, so
 * that a second controller cannot decide beside the first.
 *
 * @throws AppError `STATE_IN_USE` when another process has it, `STATE_UNREADABLE` when it cannot be opened
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // Made before SQLite does, whose own would be readable by all; the -wal file takes the same mode.
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
  } catch (cause) {
    throw new AppError('STATE_UNREADABLE', `cannot open ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'check state_dir and who may write there',
    })
  }
  const { DatabaseSync } = loadSqlite()
  const db = new DatabaseSync(path, { timeout: 500, enableForeignKeyConstraints: true })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    // The exclusive lock is taken with the first write.
    db.exec('BEGIN IMMEDIATE; COMMIT')
    migrate(db)
    return db
  } catch (cause) {
    db.close()
    if (cause instanceof AppError) throw cause
    const busy = /locked|busy/i.test(messageOf(cause))
    throw new AppError(
      busy ? 'STATE_IN_USE' : 'STATE_UNREADABLE',
      `cannot open ${path}: ${messageOf(cause)}`,
      {
        cause,
        hint: busy ? 'another controller runs with this state_dir; stop it first' : undefined,
      },
    )
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
