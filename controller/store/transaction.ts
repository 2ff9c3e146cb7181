/** How writes reach the disk: all or nothing, with or without waiting for it. */
import type { DatabaseSync } from 'node:sqlite'

/** @throws what `work` or the database throws; then nothing of it was written */
export function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    rollBack(db)
    throw error
  }
}

/** On a full disk SQLite has rolled back by itself, and saying it again is an error that would hide the cause. */
function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // Nothing is open any more, or the database is unusable; what went wrong first is what has to be told.
  }
}

/** Without waiting for the disk: what a node says again anyway must not slow a publish down. */
export function softly(db: DatabaseSync, work: () => void): void {
  db.exec('PRAGMA synchronous = NORMAL')
  try {
    work()
  } finally {
    db.exec('PRAGMA synchronous = FULL')
  }
}
