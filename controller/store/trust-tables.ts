/** Certificates, revocations and the record of acts in SQLite. What they mean is said in trust-store.ts. */
import type { DatabaseSync } from 'node:sqlite'
import { roleNamed } from '../../shared/pki/identity.ts'
import { softly, transaction } from './transaction.ts'
import type {
  AuditKind,
  AuditRecord,
  CertificateRecord,
  NewAuditRecord,
  RevocationRecord,
  TrustStore,
} from './trust-store.ts'

type Row = Readonly<Record<string, unknown>>

/** How many records of each kind stay: acts of years, the reads of a day or so, and the last attempts to get in. */
export const auditKept: Readonly<Record<AuditKind, number>> = { act: 20_000, read: 2_000, refused: 5_000 }

export function trustStore(db: DatabaseSync, kept = auditKept): TrustStore {
  return {
    certificates: async () => db.prepare('SELECT * FROM certificates').all().map(certificateFromRow),
    addCertificate: async (record, forgetBeforeMs) => addCertificate(db, record, forgetBeforeMs),
    revocations: async () =>
      db.prepare('SELECT * FROM revocations ORDER BY kind, name').all().map(revocationFromRow),
    revoke: async ({ kind, name, beforeMs, by }) => {
      db.prepare(
        `INSERT INTO revocations (kind, name, before_ms, by) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET before_ms = excluded.before_ms, by = excluded.by`,
      ).run(kind, name, beforeMs, by)
    },
    authorities: async () =>
      db
        .prepare('SELECT fingerprint FROM authorities ORDER BY fingerprint')
        .all()
        .map(({ fingerprint }) => String(fingerprint)),
    setAuthorities: async (fingerprints) =>
      transaction(db, () => {
        db.exec('DELETE FROM authorities')
        const insert = db.prepare('INSERT INTO authorities (fingerprint) VALUES (?)')
        for (const one of fingerprints) insert.run(one)
      }),
    addAudit: async (record) => {
      let id = 0
      // The commit of a publish waits for the disk, and for all that was written before it.
      softly(db, () => {
        id = addAudit(db, record, kept[record.kind])
      })
      return id
    },
    updateAudit: async (id, outcome, lastMs, times) => {
      softly(db, () => {
        const update = db.prepare('UPDATE audit SET outcome = ?, last_ms = ?, times = ? WHERE id = ?')
        update.run(outcome, lastMs, times, id)
      })
    },
    audit: async ({ limit, sinceMs }) =>
      db
        .prepare('SELECT * FROM audit WHERE last_ms > ? ORDER BY id DESC LIMIT ?')
        .all(sinceMs, limit)
        .map(auditFromRow)
        .reverse(),
  }
}

function addCertificate(db: DatabaseSync, record: CertificateRecord, forgetBeforeMs: number): void {
  transaction(db, () => {
    db.prepare('DELETE FROM certificates WHERE not_after_ms < ?').run(forgetBeforeMs)
    db.prepare(
      `INSERT OR IGNORE INTO certificates (serial, kind, name, role, key_digest, not_before_ms, not_after_ms, signed_ms,
         signed_by, issuer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      record.serial,
      record.kind,
      record.name,
      record.role,
      record.keyDigest,
      record.notBeforeMs,
      record.notAfterMs,
      record.signedMs,
      record.signedBy,
      record.issuer,
    )
  })
}

function addAudit(db: DatabaseSync, record: NewAuditRecord, keep: number): number {
  let id = 0
  transaction(db, () => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO audit (at_ms, last_ms, times, kind, who, claimed, origin, what, detail, outcome)
         VALUES (?1, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      )
      .run(
        record.atMs,
        record.kind,
        record.who,
        record.claimed,
        record.origin,
        record.what,
        record.detail,
        record.outcome,
      )
    id = Number(lastInsertRowid)
    db.prepare(
      `DELETE FROM audit WHERE kind = ?1 AND id <= coalesce(
         (SELECT id FROM audit WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)`,
    ).run(record.kind, keep)
  })
  return id
}

function certificateFromRow(row: Row): CertificateRecord {
  const kind = String(row.kind)
  return {
    serial: String(row.serial),
    kind: kind === 'node' || kind === 'operator' ? kind : 'controller',
    name: String(row.name),
    role: roleNamed(String(row.role)) ?? '',
    keyDigest: String(row.key_digest),
    notBeforeMs: Number(row.not_before_ms),
    notAfterMs: Number(row.not_after_ms),
    signedMs: Number(row.signed_ms),
    signedBy: String(row.signed_by),
    issuer: String(row.issuer),
  }
}

function revocationFromRow(row: Row): RevocationRecord {
  return {
    kind: row.kind === 'node' ? 'node' : 'operator',
    name: String(row.name),
    beforeMs: Number(row.before_ms),
    by: String(row.by),
  }
}

function auditFromRow(row: Row): AuditRecord {
  const kind = String(row.kind)
  return {
    id: Number(row.id),
    kind: kind === 'act' || kind === 'read' ? kind : 'refused',
    atMs: Number(row.at_ms),
    lastMs: Number(row.last_ms),
    times: Number(row.times),
    who: String(row.who),
    claimed: String(row.claimed),
    origin: String(row.origin),
    what: String(row.what),
    detail: String(row.detail),
    outcome: String(row.outcome),
  }
}
