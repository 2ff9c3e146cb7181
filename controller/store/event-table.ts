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

export function selectLastEvent(db: DatabaseSync): number {
  return Number(db.prepare('SELECT max(id) AS last FROM events').get()?.last ?? 0)
}
