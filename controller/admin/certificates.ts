/** The certificates as `pgsvc pki list` shows them, and what is done about them. */
import type { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { identityName, type NamedKind } from '../../shared/pki/identity.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Authority } from '../../shared/rpc/generated/pgsvc/v1/Authority.ts'
import type { CertificateState } from '../../shared/rpc/generated/pgsvc/v1/CertificateState.ts'
import type { CertificatesResponse } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import type { RevokeResponse } from '../../shared/rpc/generated/pgsvc/v1/RevokeResponse.ts'
import type { NewEvent } from '../events/event.ts'
import { nearHint } from '../explain/near-names.ts'
import { isExpiring, type TrustedAuthorities } from '../pki/expiry.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import type { GuestBook } from '../trust/guest-book.ts'
import { commonNameIn } from '../trust/peer.ts'

export interface CertificatePorts {
  readonly book: CertificateBook
  readonly guests: GuestBook
  readonly clock: Pick<Clock, 'now'>
  readonly addEvent: (event: NewEvent) => void
}

export interface Withdrawal {
  readonly kind: NamedKind
  readonly name: string
  /** Also when no certificate of that name is known. */
  readonly unseen: boolean
  /** Who asks for it. */
  readonly by: string
}

/** @throws AppError `NAME_INVALID`, `NAME_UNKNOWN` */
export async function revoke(
  { book, guests, clock, addEvent }: CertificatePorts,
  { kind, name, unseen, by }: Withdrawal,
): Promise<RevokeResponse> {
  if (!identityName.test(name)) {
    throw new AppError('NAME_INVALID', `no ${kind} can be called ${JSON.stringify(name)}`, {
      hint: 'say the name as it stands in the certificate: pgsvc pki list',
    })
  }
  const names = [
    ...new Set(
      book
        .certificates()
        .filter((one) => one.kind === kind)
        .map((one) => one.name),
    ),
  ]
  if (!unseen && !names.includes(name)) {
    throw new AppError('NAME_UNKNOWN', `no certificate of ${kind} ${name} was ever signed or seen here`, {
      hint: `${nearHint(name, names, `${kind}s`)}; --unseen withdraws it all the same`,
    })
  }
  const { revocation, ended } = await book.revoke(kind, name, clock.now(), by)
  const shownOut = guests.showOut(({ certificate }) =>
    certificate.kind === kind && certificate.name === name && book.isRevoked(certificate)
      ? 'this certificate was revoked'
      : undefined,
  )
  const message = `certificates of ${kind} ${name} were revoked by ${by}`
  addEvent({ atMs: clock.now(), kind: 'revoked', node: kind === 'node' ? name : undefined, message })
  return {
    revokedMs: revocation.beforeMs,
    serials: ended.map(({ serial }) => serial),
    ended: shownOut,
    signed: kind === 'operator' ? nodesSignedBy(book, `operator ${name}`, clock.now()) : [],
  }
}

/** Also by way of renewals: these are signed for the node itself, which may be the one who stole the operator's key. */
function nodesSignedBy(book: CertificateBook, who: string, nowMs: number): string[] {
  const known = book.certificates().filter(({ kind }) => kind === 'node')
  const names = new Set(known.filter(({ signedBy }) => signedBy === who).map(({ name }) => name))
  const counts = known.filter((one) => one.notAfterMs > nowMs && !book.isRevoked(one))
  return [...names].filter((name) => counts.some((one) => one.name === name)).sort()
}

export function certificatesOf(
  book: CertificateBook,
  nowMs: number,
  all: boolean,
  { trusted, signing }: TrustedAuthorities,
): CertificatesResponse {
  const known = [...book.certificates()].sort(byNameNewestFirst)
  const newest = new Map<string, string>()
  // One that counts comes before one that was withdrawn, else the newest tells how the name stands.
  for (const one of [...known.filter((each) => !book.isRevoked(each)), ...known]) {
    const key = `${one.kind}/${one.name}`
    if (!newest.has(key)) newest.set(key, one.serial)
  }
  const shown = known.map((one) => {
    const { kind, name, role, serial, notBeforeMs, notAfterMs, signedBy, issuer } = one
    const isNewest = newest.get(`${kind}/${name}`) === serial
    const state = stateOf(one, nowMs, isNewest, book.isRevoked(one))
    return { kind, name, role, serial, notBeforeMs, notAfterMs, signedBy, issuer, state }
  })
  return {
    certificates: shown.filter(({ kind, name, serial }) => all || newest.get(`${kind}/${name}`) === serial),
    revocations: [...book.revocations()].map((one) => ({ ...one })),
    authorities: trusted.map((certificate) => authorityOf(certificate, signing)),
  }
}

function stateOf(
  { notBeforeMs, notAfterMs }: CertificateRecord,
  nowMs: number,
  isNewest: boolean,
  isRevoked: boolean,
): CertificateState {
  if (isRevoked) return 'CERTIFICATE_STATE_REVOKED'
  if (notAfterMs <= nowMs) return 'CERTIFICATE_STATE_EXPIRED'
  if (!isNewest) return 'CERTIFICATE_STATE_REPLACED'
  return isExpiring(notBeforeMs, notAfterMs, nowMs) ? 'CERTIFICATE_STATE_EXPIRING' : 'CERTIFICATE_STATE_VALID'
}

function byNameNewestFirst(a: CertificateRecord, b: CertificateRecord): number {
  const [left, right] = [`${a.kind}/${a.name}`, `${b.kind}/${b.name}`]
  if (left !== right) return left < right ? -1 : 1
  return b.notBeforeMs - a.notBeforeMs || b.signedMs - a.signedMs
}

function authorityOf(certificate: X509Certificate, signing: string | undefined): Authority {
  return {
    name: commonNameIn(certificate.subject),
    fingerprint: certificate.fingerprint256,
    notAfterMs: Date.parse(certificate.validTo),
    signs: certificate.fingerprint256 === signing,
  }
}
