/** The leaders that were followed last, one row per owner. */
import type { DatabaseSync } from 'node:sqlite'
import type { Owner } from '../../shared/model/snapshot.ts'
import { leaderFromRow } from './rows.ts'
import type { LeaderRecord } from './store.ts'
import { succession } from './succession.ts'
import { transaction } from './transaction.ts'

export function selectLeader(db: DatabaseSync, owner: Owner): LeaderRecord | undefined {
  const row = db.prepare('SELECT * FROM leaders WHERE owner = ?').get(owner)
  return row && leaderFromRow(row)
}

export function selectLeaders(db: DatabaseSync): LeaderRecord[] {
  return db.prepare('SELECT * FROM leaders ORDER BY owner').all().map(leaderFromRow)
}

/** @returns whether another leader is known now */
export function writeLeader(db: DatabaseSync, claim: LeaderRecord): boolean {
  const known = selectLeader(db, claim.owner)
  const what = succession(known, claim)
  if (what === 'known' || what === 'older') return false
  const { owner, leader, sinceMs, source, timeline } =
    what === 'leader' ? claim : { ...claim, ...kept(known) }
  transaction(db, () => {
    db.prepare(
      `INSERT INTO leaders (owner, leader, since_ms, source, system, timeline) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET leader = excluded.leader, since_ms = excluded.since_ms, source = excluded.source,
         system = excluded.system, timeline = excluded.timeline`,
    ).run(owner, leader, sinceMs, source, timeline.system, timeline.timeline)
  })
  return what === 'leader'
}

/** The same leader goes on: only its timeline is news. */
function kept(known: LeaderRecord | undefined): Partial<LeaderRecord> {
  return known ? { sinceMs: known.sinceMs, source: known.source } : {}
}

/** Part of the commit: of an owner that no node is assigned any more nobody follows the leader. */
export function forgetLeaders(db: DatabaseSync, owners: Iterable<Owner>): void {
  const forget = db.prepare(
    `DELETE FROM leaders WHERE owner = ?1 AND NOT EXISTS (SELECT 1 FROM assignments WHERE owner = ?1)`,
  )
  for (const owner of new Set(owners)) forget.run(owner)
}
