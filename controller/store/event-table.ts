/** What happened: numbered without gaps, only the newest kept. */
import type { DatabaseSync } from 'node:sqlite'
import type { EventRecord, NewEvent } from '../events/event.ts'
import { eventFromRow } from './rows.ts'
import type { EventQuery } from './store.ts'

/** @param keep - how many stay */
export function insertEvents(db: DatabaseSync, events: readonly NewEvent[], keep: number): void {
  const insert = db.prepare(
    'INSERT INTO events (at_ms, kind, owner, node, message, leader) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const { atMs, kind, owner = '', node = '', message, leader } of events) {
    insert.run(atMs, kind, owner, node, message, leader ? JSON.stringify(leader) : null)
  }
  db.prepare('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?').run(keep)
}

export function selectEvents(db: DatabaseSync, { names, limit, afterId }: EventQuery): EventRecord[] {
  const order = afterId === undefined ? 'DESC' : 'ASC'
  const rows = db
    .prepare(
      `SELECT * FROM events WHERE id > ?1 AND (?2 = '[]' OR owner IN (SELECT value FROM json_each(?2))
         OR node IN (SELECT value FROM json_each(?2))) ORDER BY id ${order} LIMIT ?3`,
    )
    .all(afterId ?? 0, JSON.stringify(names), limit)
    .map(eventFromRow)
  return afterId === undefined ? rows.reverse() : rows
}

export function selectEventRange(db: DatabaseSync): { readonly first: number; readonly last: number } {
  // One aggregate each: of both together SQLite reads every row.
  const row = db
    .prepare('SELECT (SELECT min(id) FROM events) AS first, (SELECT max(id) FROM events) AS last')
    .get()
  return { first: Number(row?.first ?? 0), last: Number(row?.last ?? 0) }
}
