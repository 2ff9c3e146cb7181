/** The commit point of a publish: one transaction that is on disk when this returns. */
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../shared/errors/app-error.ts'
import { openActNodes } from './act-nodes.ts'
import { insertEvents } from './event-table.ts'
import { forgetLeaders } from './leader-table.ts'
import type { CommitRequest } from './store.ts'
import { transaction } from './transaction.ts'

/**
 * @param keepEvents - how many events stay
 * @throws AppError `STATE_MOVED` when a revision number is taken or a node's version is not as expected;
 *   then nothing was written
 */
export function commitPublish(db: DatabaseSync, request: CommitRequest, keepEvents: number): void {
  transaction(db, () => {
    writeRevisions(db, request)
    writeAssignments(db, request)
    bumpNodes(db, request.nodes)
    writeActs(db, request)
    openActNodes(db, request)
    for (const node of request.forget ?? []) forgetNode(db, node)
    if (request.events?.length) insertEvents(db, request.events, keepEvents)
  })
}

function writeRevisions(db: DatabaseSync, request: CommitRequest): void {
  const blob = db.prepare('INSERT INTO blobs (digest, content) VALUES (?, ?) ON CONFLICT DO NOTHING')
  for (const [digest, content] of request.blobs) blob.run(digest, content)
  const newest = db.prepare('SELECT coalesce(max(number), 0) AS newest FROM revisions WHERE owner = ?')
  const insert = db.prepare('INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (const { number, plan, inventoryDigest, contentDigest } of request.revisions) {
    if (newest.get(plan.owner)?.newest !== number - 1)
      throw moved(`revision ${number} of ${plan.owner} is taken`)
    insert.run(
      plan.owner,
      number,
      request.atMs,
      request.operator,
      inventoryDigest,
      contentDigest,
      JSON.stringify(plan),
    )
  }
}

function writeAssignments(db: DatabaseSync, request: CommitRequest): void {
  const assign = db.prepare(
    `INSERT INTO assignments (owner, node, revision, publish_id) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = excluded.revision, publish_id = excluded.publish_id`,
  )
  for (const { owner, node, revision } of request.assign) assign.run(owner, node, revision, request.publishId)
  const unassign = db.prepare('DELETE FROM assignments WHERE owner = ? AND node = ?')
  for (const { owner, node } of request.unassign) unassign.run(owner, node)
  forgetLeaders(
    db,
    request.unassign.map(({ owner }) => owner),
  )
}

function bumpNodes(db: DatabaseSync, nodes: ReadonlyMap<string, number>): void {
  const add = db.prepare('INSERT INTO nodes (node) VALUES (?) ON CONFLICT DO NOTHING')
  const bump = db.prepare('UPDATE nodes SET version = version + 1 WHERE node = ? AND version = ?')
  for (const [node, version] of nodes) {
    add.run(node)
    if (bump.run(node, version).changes !== 1) throw moved(`${node} changed meanwhile`)
  }
}

function writeActs(db: DatabaseSync, request: CommitRequest): void {
  const insert = db.prepare(
    `INSERT INTO acts (publish_id, at_ms, kind, operator, owner, revision, nodes, outcome)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'committed')`,
  )
  for (const { owner, revision, nodes } of request.acts) {
    insert.run(
      request.publishId,
      request.atMs,
      request.kind,
      request.operator,
      owner,
      revision,
      JSON.stringify(nodes),
    )
  }
}

function forgetNode(db: DatabaseSync, node: string): void {
  db.prepare('DELETE FROM act_nodes WHERE node = ?').run(node)
  db.prepare('DELETE FROM nodes WHERE node = ?').run(node)
}

function moved(why: string): AppError {
  return new AppError('STATE_MOVED', `the state changed during the publish: ${why}`, {
    hint: 'publish again',
  })
}
