/**
 * The schema, as the steps that lead to it. `user_version` counts the steps taken; a step is never edited.
 */
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../shared/errors/app-error.ts'

const steps: readonly string[] = [
  `
  CREATE TABLE revisions (
    owner TEXT NOT NULL, number INTEGER NOT NULL, created_ms INTEGER NOT NULL, operator TEXT NOT NULL,
    inventory_digest TEXT NOT NULL, content_digest TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (owner, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE blobs (digest TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE assignments (
    owner TEXT NOT NULL, node TEXT NOT NULL, revision INTEGER NOT NULL, publish_id TEXT NOT NULL,
    PRIMARY KEY (owner, node), FOREIGN KEY (owner, revision) REFERENCES revisions (owner, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX assignments_by_node ON assignments (node);
  CREATE TABLE nodes (
    node TEXT PRIMARY KEY, version INTEGER NOT NULL DEFAULT 0,
    applied_version INTEGER NOT NULL DEFAULT 0, applied TEXT NOT NULL DEFAULT '[]',
    sent_version INTEGER NOT NULL DEFAULT 0,
    failed_version INTEGER NOT NULL DEFAULT 0, last_fault TEXT,
    last_seen_ms INTEGER NOT NULL DEFAULT 0,
    agent_version TEXT NOT NULL DEFAULT '', haproxy_version TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE acts (
    id INTEGER PRIMARY KEY, publish_id TEXT NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
    operator TEXT NOT NULL, owner TEXT NOT NULL, revision INTEGER NOT NULL, nodes TEXT NOT NULL,
    outcome TEXT NOT NULL, UNIQUE (publish_id, owner)
  ) STRICT;
  CREATE INDEX acts_by_owner ON acts (owner, id);
  CREATE TABLE leaders (
    owner TEXT PRIMARY KEY, leader TEXT NOT NULL, since_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE act_nodes (
    publish_id TEXT NOT NULL, owner TEXT NOT NULL, node TEXT NOT NULL,
    version INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('open', 'failed', 'done')),
    PRIMARY KEY (publish_id, owner, node)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX act_nodes_by_node ON act_nodes (node, owner, version);
  CREATE INDEX act_nodes_unsettled ON act_nodes (node) WHERE state <> 'done';
  `,
  `
  ALTER TABLE nodes ADD COLUMN quarantined TEXT NOT NULL DEFAULT '[]';
  `,
  `
  ALTER TABLE leaders ADD COLUMN source TEXT NOT NULL DEFAULT '';
  ALTER TABLE leaders ADD COLUMN system TEXT NOT NULL DEFAULT '';
  ALTER TABLE leaders ADD COLUMN timeline INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, node TEXT NOT NULL,
    message TEXT NOT NULL, leader TEXT
  ) STRICT;
  `,
  `
  CREATE TABLE certificates (
    serial TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, key_digest TEXT NOT NULL,
    not_before_ms INTEGER NOT NULL, not_after_ms INTEGER NOT NULL, signed_ms INTEGER NOT NULL, signed_by TEXT NOT NULL,
    issuer TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE revocations (
    kind TEXT NOT NULL, name TEXT NOT NULL, before_ms INTEGER NOT NULL, by TEXT NOT NULL, PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, times INTEGER NOT NULL,
    kind TEXT NOT NULL, who TEXT NOT NULL, claimed TEXT NOT NULL, origin TEXT NOT NULL, what TEXT NOT NULL,
    detail TEXT NOT NULL, outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_kind ON audit (kind, id);
  `,
  `
  CREATE TABLE authorities (fingerprint TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
]

/**
 * Brings a database to the newest schema, each step in a transaction of its own.
 *
 * @throws AppError `STATE_TOO_NEW` when a later program wrote it
 */
export function migrate(db: DatabaseSync): void {
  const row = db.prepare('PRAGMA user_version').get()
  const done = Number(row?.user_version ?? 0)
  if (done > steps.length) {
    throw new AppError(
      'STATE_TOO_NEW',
      `the database has schema ${done}, this program knows ${steps.length}`,
      {
        hint: 'run the version of pgsvc that wrote it, or a later one',
      },
    )
  }
  for (const [index, step] of steps.entries()) {
    if (index < done) continue
    db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
