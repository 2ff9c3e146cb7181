/** Rows as SQLite gives them to records. Documents are JSON that this program wrote itself. */
import type { SQLOutputValue } from 'node:sqlite'
import type { EventKind, EventRecord } from '../events/event.ts'
import type {
  ActKind,
  ActRecord,
  AssignmentRecord,
  FailedApply,
  LeaderRecord,
  NodeRecord,
  RevisionRecord,
} from './store.ts'

export type Row = Record<string, SQLOutputValue>

function text(row: Row, column: string): string {
  return String(row[column] ?? '')
}

function number(row: Row, column: string): number {
  return Number(row[column] ?? 0)
}

/** What was written by us is taken at its word: nobody else writes to the database. */
function document<T>(json: string): T {
  return JSON.parse(json) as T // written by sqlite-store.ts from a T
}

export function revisionFromRow(row: Row): RevisionRecord {
  return {
    owner: text(row, 'owner'),
    number: number(row, 'number'),
    createdMs: number(row, 'created_ms'),
    operator: text(row, 'operator'),
    inventoryDigest: text(row, 'inventory_digest'),
    contentDigest: text(row, 'content_digest'),
    plan: document(text(row, 'document')),
  }
}

export function assignmentFromRow(row: Row): AssignmentRecord {
  return {
    owner: text(row, 'owner'),
    node: text(row, 'node'),
    revision: number(row, 'revision'),
    publishId: text(row, 'publish_id'),
  }
}

export function actFromRow(row: Row): ActRecord {
  return {
    publishId: text(row, 'publish_id'),
    atMs: number(row, 'at_ms'),
    kind: text(row, 'kind') as ActKind, // written from an ActKind
    operator: text(row, 'operator'),
    owner: text(row, 'owner'),
    revision: number(row, 'revision'),
    nodes: document(text(row, 'nodes')),
    outcome: text(row, 'outcome'),
  }
}

export function nodeFromRow(row: Row): NodeRecord {
  const failure = row.last_fault
  return {
    node: text(row, 'node'),
    version: number(row, 'version'),
    appliedVersion: number(row, 'applied_version'),
    applied: document(text(row, 'applied')),
    sentVersion: number(row, 'sent_version'),
    failed: typeof failure === 'string' ? document<FailedApply>(failure) : undefined,
    quarantined: document(text(row, 'quarantined')),
    lastSeenMs: number(row, 'last_seen_ms'),
    agentVersion: text(row, 'agent_version'),
    haproxyVersion: text(row, 'haproxy_version'),
  }
}

export function leaderFromRow(row: Row): LeaderRecord {
  return {
    owner: text(row, 'owner'),
    leader: text(row, 'leader'),
    sinceMs: number(row, 'since_ms'),
    source: text(row, 'source'),
    timeline: { system: text(row, 'system'), timeline: number(row, 'timeline') },
  }
}

export function eventFromRow(row: Row): EventRecord {
  return {
    id: number(row, 'id'),
    atMs: number(row, 'at_ms'),
    kind: text(row, 'kind') as EventKind, // written from an EventKind
    owner: text(row, 'owner') || undefined,
    node: text(row, 'node') || undefined,
    message: text(row, 'message'),
    leader: typeof row.leader === 'string' ? document(row.leader) : undefined,
  }
}
