/** The store in one SQLite file of the pinned runtime. Statements only; what they mean is said in store.ts. */
import type { DatabaseSync } from 'node:sqlite'
import type { AppliedOwner, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import { finishActNodes, outcomeOf, settleActNodes } from './act-nodes.ts'
import { assignmentOf } from './assignment.ts'
import { commitPublish } from './commit.ts'
import { insertEvents, selectEventRange, selectEvents } from './event-table.ts'
import { selectLeader, selectLeaders, writeLeader } from './leader-table.ts'
import { openDatabase } from './open-database.ts'
import { actFromRow, assignmentFromRow, nodeFromRow, revisionFromRow } from './rows.ts'
import type { ActRecord, AssignmentRecord, NodeRecord, NodeReport, RevisionRecord, Store } from './store.ts'
import { softly, transaction } from './transaction.ts'
import { trustStore } from './trust-tables.ts'

/** Events that are kept: weeks of an ordinary site, and at most some megabytes. */
const newestEvents = 10_000

/**
 * @param path - the database file; made with mode 0600 when it is not there
 * @param keepEvents - how many events are kept
 * @throws AppError `STATE_IN_USE`, `STATE_UNREADABLE`, `STATE_TOO_NEW`
 */
export function openStore(path: string, keepEvents = newestEvents): Store {
  const db = openDatabase(path)
  const reads = readsOf(db)
  const listeners = new Set<() => void>()
  const tellOfEvents = () => {
    for (const listener of [...listeners]) listener()
  }
  return {
    ...reads,
    trust: trustStore(db),
    commit: async (request) => {
      commitPublish(db, request, keepEvents)
      if (request.events?.length) tellOfEvents()
    },
    finishAct: async (publishId, owner, outcome) => {
      softly(db, () => finishAct(db, publishId, owner, outcome))
    },
    settle: async (node, version, except = []) => {
      softly(db, () => settleActNodes(db, node, version, except))
    },
    setLeader: async (record) => writeLeader(db, record),
    addEvents: async (events) => {
      softly(db, () => transaction(db, () => insertEvents(db, events, keepEvents)))
      tellOfEvents()
    },
    onEvents: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    recordNode: async (node, report) => {
      softly(db, () => recordNode(db, node, report))
    },
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

type Writes = 'commit' | 'finishAct' | 'settle' | 'setLeader' | 'addEvents' | 'recordNode'
type Reads = Omit<Store, Writes | 'trust' | 'onEvents' | 'close'>

function readsOf(db: DatabaseSync): Reads {
  return {
    newestRevision: async (owner) => selectRevisions(db, owner, 1)[0],
    revision: async (owner, number) => selectRevision(db, owner, number),
    revisions: async (owner, limit) => selectRevisions(db, owner, limit),
    owners: async () =>
      db
        .prepare('SELECT DISTINCT owner FROM revisions ORDER BY owner')
        .all()
        .map((row) => String(row.owner)),
    assignments: async (filter) => selectAssignments(db, filter),
    snapshot: async (node) => selectSnapshot(db, node),
    blobs: async (digests) => {
      const get = db.prepare('SELECT content FROM blobs WHERE digest = ?')
      return new Map([...digests].map((digest) => [digest, contentOf(digest, get.get(digest)?.content)]))
    },
    acts: async (owner, limit) =>
      db
        .prepare('SELECT * FROM acts WHERE owner = ? ORDER BY id DESC LIMIT ?')
        .all(owner, limit)
        .map((row) => withOutcome(db, actFromRow(row))),
    leader: async (owner) => selectLeader(db, owner),
    leaders: async () => selectLeaders(db),
    events: async (query) => selectEvents(db, query),
    eventRange: async () => selectEventRange(db),
    node: async (node) => selectNode(db, node),
    nodes: async () => db.prepare('SELECT * FROM nodes ORDER BY node').all().map(nodeFromRow),
  }
}

function contentOf(digest: string, content: unknown): string {
  if (typeof content !== 'string') throw new Error(`no content for digest ${digest}`)
  return content
}

function selectRevisions(db: DatabaseSync, owner: Owner, limit: number): RevisionRecord[] {
  return db
    .prepare('SELECT * FROM revisions WHERE owner = ? ORDER BY number DESC LIMIT ?')
    .all(owner, limit)
    .map(revisionFromRow)
}

function selectRevision(db: DatabaseSync, owner: Owner, number: number): RevisionRecord | undefined {
  const row = db.prepare('SELECT * FROM revisions WHERE owner = ? AND number = ?').get(owner, number)
  return row && revisionFromRow(row)
}

function selectAssignments(
  db: DatabaseSync,
  filter: { owner?: Owner; node?: string } = {},
): AssignmentRecord[] {
  const { owner = null, node = null } = filter
  return db
    .prepare(
      `SELECT * FROM assignments WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR node = ?2)
       ORDER BY owner, node`,
    )
    .all(owner, node)
    .map(assignmentFromRow)
}

function withOutcome(db: DatabaseSync, act: ActRecord): ActRecord {
  return { ...act, outcome: outcomeOf(db, act.publishId, act.owner, act.outcome) }
}

function finishAct(db: DatabaseSync, publishId: string, owner: Owner, outcome: string): void {
  transaction(db, () => {
    db.prepare('UPDATE acts SET outcome = ? WHERE publish_id = ? AND owner = ?').run(
      outcome,
      publishId,
      owner,
    )
    finishActNodes(db, publishId, owner, outcome)
  })
}

function selectSnapshot(db: DatabaseSync, node: string): Snapshot {
  const assignments = selectAssignments(db, { node }).flatMap(({ owner, revision }) => {
    const plan = selectRevision(db, owner, revision)?.plan
    const assignment = plan && assignmentOf(plan, revision, node, selectLeader(db, owner)?.leader)
    return assignment ? [assignment] : []
  })
  const { version, applied } = selectNode(db, node)
  // What this database never gave to the node, nor took from it, came from one that was lost: it is not for us to end.
  const given = db.prepare('SELECT 1 FROM act_nodes WHERE node = ? AND owner = ? LIMIT 1')
  const isAssigned = new Set(assignments.map(({ owner }) => owner))
  const keptOwners = applied
    .map(({ owner }) => owner)
    .filter((owner) => !isAssigned.has(owner) && given.get(node, owner) === undefined)
  return { version, assignments, keptOwners }
}

function selectNode(db: DatabaseSync, node: string): NodeRecord {
  const row = db.prepare('SELECT * FROM nodes WHERE node = ?').get(node)
  return nodeFromRow(row ?? { node, applied: '[]', quarantined: '[]' })
}

function recordNode(db: DatabaseSync, node: string, report: NodeReport): void {
  const { running, ...told } = report
  const merged = { ...selectNode(db, node), ...told }
  const next = { ...merged, applied: withLeaders(merged.applied, running) }
  db.prepare(
    `INSERT INTO nodes (node, applied_version, applied, sent_version, failed_version, last_fault, last_seen_ms,
       agent_version, haproxy_version, quarantined) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET applied_version = excluded.applied_version, applied = excluded.applied,
       sent_version = excluded.sent_version, failed_version = excluded.failed_version,
       last_fault = excluded.last_fault, last_seen_ms = excluded.last_seen_ms,
       agent_version = excluded.agent_version, haproxy_version = excluded.haproxy_version,
       quarantined = excluded.quarantined`,
  ).run(
    node,
    next.appliedVersion,
    JSON.stringify(next.applied),
    next.sentVersion,
    next.failed?.version ?? 0,
    next.failed ? JSON.stringify(next.failed) : null,
    next.lastSeenMs,
    next.agentVersion,
    next.haproxyVersion,
    JSON.stringify(next.quarantined),
  )
}

function withLeaders(
  applied: readonly AppliedOwner[],
  running: NodeReport['running'],
): readonly AppliedOwner[] {
  if (running === undefined) return applied
  return applied.map((entry) => ({ ...entry, leader: running.get(entry.owner) ?? entry.leader }))
}
