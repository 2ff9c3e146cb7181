/** What is remembered of certificates, and of who did what. */
import type { Identity, NamedKind, Role } from '../../shared/pki/identity.ts'

/** A certificate that was signed here, or shown here. */
export interface CertificateRecord {
  readonly serial: string
  readonly kind: Identity['kind']
  /** '' for the controller. */
  readonly name: string
  readonly role: Role | ''
  /** SHA-256 of the public key. */
  readonly keyDigest: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** 0 when it was not signed here. */
  readonly signedMs: number
  /** '' when it was not signed here. */
  readonly signedBy: string
  /** Common name of the authority. */
  readonly issuer: string
}

/** Certificates of a name that were made before a moment do not count. */
export interface RevocationRecord {
  readonly kind: NamedKind
  readonly name: string
  readonly beforeMs: number
  readonly by: string
}

/** `act`: something was to be changed; `read`: nothing was; `refused`: not let in. Each has its own room in the record. */
export type AuditKind = 'act' | 'read' | 'refused'

export interface NewAuditRecord {
  readonly kind: AuditKind
  readonly atMs: number
  /** By certificate or by the kernel, never by what the caller says. */
  readonly who: string
  /** What the caller says of itself. */
  readonly claimed: string
  readonly origin: string
  readonly what: string
  /** Names only, never contents. */
  readonly detail: string
  readonly outcome: string
}

export interface AuditRecord extends NewAuditRecord {
  readonly id: number
  readonly lastMs: number
  readonly times: number
}

export interface TrustStore {
  certificates(): Promise<readonly CertificateRecord[]>
  /** Those that ended before `forgetBeforeMs` are dropped. */
  addCertificate(record: CertificateRecord, forgetBeforeMs: number): Promise<void>
  revocations(): Promise<readonly RevocationRecord[]>
  /** In place of an earlier one of the same name. */
  revoke(record: RevocationRecord): Promise<void>
  /** Whom the controller believed last: fingerprints (SHA-256), sorted; none before they were first set. */
  authorities(): Promise<readonly string[]>
  setAuthorities(fingerprints: readonly string[]): Promise<void>
  /** @returns its id */
  addAudit(record: NewAuditRecord): Promise<number>
  updateAudit(id: number, outcome: string, lastMs: number, times: number): Promise<void>
  /** The newest, oldest first. */
  audit(query: { readonly limit: number; readonly sinceMs: number }): Promise<readonly AuditRecord[]>
}
