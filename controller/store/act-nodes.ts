/**
 * How each act came out on each node that it moved. A node may come round long after the command has ended, so
 * the outcome of an act is made from this whenever somebody asks.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { CommitRequest } from './store.ts'

/** Part of the commit: every node that an act moves is open. */
export function openActNodes(db: DatabaseSync, request: CommitRequest): void {
  const insert = db.prepare(
    `INSERT INTO act_nodes (publish_id, owner, node, version, state) VALUES (?, ?, ?, ?, 'open')`,
  )
  for (const { owner, nodes } of request.acts) {
    const left = request.unassign.flatMap((row) => (row.owner === owner ? [row.node] : []))
    for (const node of new Set([...nodes, ...left])) {
      const before = request.nodes.get(node)
      if (before !== undefined) insert.run(request.publishId, owner, node, before + 1)
    }
  }
}

const failedPrefix = 'failed: '

/** Notes the end of the command: `outcome` names the nodes that failed, the others are done. */
export function finishActNodes(db: DatabaseSync, publishId: string, owner: Owner, outcome: string): void {
  const failed = outcome.startsWith(failedPrefix) ? outcome.slice(failedPrefix.length).split(', ') : []
  // A node that was not moved and could not be asked has no row yet. One that came round meanwhile stays done.
  const fail = db.prepare(
    `INSERT INTO act_nodes (publish_id, owner, node, version, state)
     VALUES (?1, ?2, ?3, coalesce((SELECT version FROM nodes WHERE node = ?3), 0), 'failed')
     ON CONFLICT DO UPDATE SET state = 'failed' WHERE state <> 'done'`,
  )
  for (const node of failed) fail.run(publishId, owner, node)
  db.prepare(`UPDATE act_nodes SET state = 'done' WHERE publish_id = ? AND owner = ? AND state = 'open'`).run(
    publishId,
    owner,
  )
}

/** A snapshot holds the newest act of each owner up to its version; what that replaced never came to the node. */
export function settleActNodes(
  db: DatabaseSync,
  node: string,
  version: number,
  except: readonly Owner[],
): void {
  db.prepare(
    `UPDATE act_nodes SET state = 'done' WHERE node = ?1 AND version <= ?2 AND state <> 'done'
     AND NOT EXISTS (SELECT 1 FROM act_nodes AS newer WHERE newer.node = ?1 AND newer.owner = act_nodes.owner
       AND newer.version <= ?2 AND newer.version > act_nodes.version)
     AND owner NOT IN (SELECT value FROM json_each(?3))`,
  ).run(node, version, JSON.stringify(except))
}

/** @param noted - what the act's own row says; it counts for an act that moved no node */
export function outcomeOf(db: DatabaseSync, publishId: string, owner: Owner, noted: string): string {
  const rows = db
    .prepare('SELECT node, state FROM act_nodes WHERE publish_id = ? AND owner = ? ORDER BY node')
    .all(publishId, owner)
  if (rows.length === 0) return noted
  const failed = rows.flatMap(({ node, state }) => (state === 'failed' ? [String(node)] : []))
  if (failed.length > 0) return `${failedPrefix}${failed.join(', ')}`
  return rows.some(({ state }) => state === 'open') ? 'committed' : 'done'
}
