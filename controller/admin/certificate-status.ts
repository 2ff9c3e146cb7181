/** How the certificates stand, for `pgsvc status`. */

import { X509Certificate } from 'node:crypto'
import type { CertificateReport__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificateReport.ts'
import { shortFingerprints } from '../events/authority-changes.ts'
import {
  authorityProblems,
  inDays,
  isCutShort,
  isEndingByHand,
  isExpiring,
  type TrustedAuthorities,
} from '../pki/expiry.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import type { LifeTimes } from '../trust/certificate-office.ts'
import { certificateProblem } from '../trust/certificate-problem.ts'

export interface CertificateFacts {
  readonly book: Pick<CertificateBook, 'certificates' | 'isRevoked'>
  readonly nowMs: number
  /** The controller's own, PEM. */
  readonly own: string
  /** Why the files that stand there now are not in force; '' when they are. */
  readonly filesProblem: string
  readonly authorities: TrustedAuthorities
  /** Of what is signed here. */
  readonly life: LifeTimes
}

export interface NodeCertificate {
  /** Milliseconds since 1970; 0 when none is known. */
  readonly notAfterMs: number
  /** One phrase each. */
  readonly problems: readonly string[]
}

/** @param said - by the node, if it is connected */
export function nodeCertificate(
  facts: CertificateFacts,
  node: string,
  said: CertificateReport__Output | null | undefined,
): NodeCertificate {
  const { book } = facts
  const known = book.certificates().filter((one) => one.kind === 'node' && one.name === node)
  const counts = known.filter((one) => !book.isRevoked(one))
  const shown = known.find(({ serial }) => serial === said?.serial) ?? newest(counts)
  const notAfterMs = said?.notAfterMs || (shown?.notAfterMs ?? 0)
  const notBeforeMs = shown?.notBeforeMs ?? notAfterMs - usualLifeMs
  const problems = [
    ...(known.length > 0 && counts.length === 0 ? ['its certificate was revoked'] : []),
    ...endProblem('its certificate', { notBeforeMs, notAfterMs, days: facts.life.nodeDays }, facts),
    ...strangerProblem(said?.authorities ?? [], facts.authorities.trusted),
    ...(said?.problem ? [certificateProblem(said.problem, 'its certificate')] : []),
  ]
  return { notAfterMs, problems }
}

/** Of a certificate of which nothing but its end is known. */
const usualLifeMs = 30 * 86_400_000
const dayMs = 86_400_000

/** What belongs to no node: the controller's own, the authorities, and the operators'. */
export function controllerCertificate(facts: CertificateFacts): NodeCertificate {
  const { own, filesProblem, authorities, life, nowMs } = facts
  const { validFrom, validTo } = new X509Certificate(own)
  const [notBeforeMs, notAfterMs] = [Date.parse(validFrom), Date.parse(validTo)]
  const ends = { notBeforeMs, notAfterMs, days: life.controllerDays }
  const problems = [
    // Its next start would fail with that.
    ...(filesProblem === ''
      ? []
      : [`changed certificates are not in force, and the old ones go on: ${filesProblem}`]),
    ...endProblem("the controller's certificate", ends, facts),
    ...authorityProblems(authorities, Math.max(life.nodeDays, life.controllerDays), nowMs),
    ...operatorProblems(facts),
  ]
  return { notAfterMs, problems }
}

interface Ends {
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** As long as one of its kind is valid that nothing cuts short. */
  readonly days: number
}

function endProblem(
  what: string,
  { notBeforeMs, notAfterMs, days }: Ends,
  facts: CertificateFacts,
): string[] {
  const { nowMs, authorities } = facts
  if (notAfterMs === 0) return []
  if (notAfterMs <= nowMs) return [`${what} has expired`]
  // One that is cut short is renewed again and again, and never in the last sixth of its own life.
  const isCut = isCutShort(notAfterMs, authorities.trusted)
  const fromMs = isCut ? Math.min(notBeforeMs, notAfterMs - days * dayMs) : notBeforeMs
  if (!isExpiring(fromMs, notAfterMs, nowMs)) return []
  return [`${what} ends ${inDays(notAfterMs - nowMs)}${isCut ? ', with its authority' : ''}`]
}

/** Nobody renews these but their owners, whom status reaches when their own commands do not. */
function operatorProblems({ book, nowMs }: CertificateFacts): string[] {
  const counts = book.certificates().filter((one) => one.kind === 'operator' && !book.isRevoked(one))
  const names = [...new Set(counts.map(({ name }) => name))].sort()
  return names.flatMap((name) => {
    const last = newest(counts.filter((one) => one.name === name))
    if (!last || !isEndingByHand(last.notBeforeMs, last.notAfterMs, nowMs)) return []
    return [`the certificate of operator ${name} ends ${inDays(last.notAfterMs - nowMs)}`]
  })
}

/** Whoever holds that authority's key can be this controller for the node, or has been already. */
function strangerProblem(said: readonly string[], trusted: TrustedAuthorities['trusted']): string[] {
  const ours = trusted.map(({ fingerprint256 }) => fingerprint256)
  const strangers = shortFingerprints(said.filter((one) => !ours.includes(one)))
  if (strangers.length === 0) return []
  return [
    `it believes an authority that is not trusted here (SHA-256 ${strangers.join(', ')}): pgsvc pki renew nodes has it forgotten; with "authorities: fixed", and where controller.crt is beside the agent's tls_ca, take it out of that file by hand`,
  ]
}

function newest(certificates: readonly CertificateRecord[]): CertificateRecord | undefined {
  return certificates.toSorted((a, b) => b.notAfterMs - a.notAfterMs)[0]
}
