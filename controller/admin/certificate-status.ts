/** How the certificates stand, for `pgsvc status`. */
import { X509Certificate } from 'node:crypto'
import type { CertificateReport__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificateReport.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import { isExpiring } from './certificates.ts'

export interface CertificateFacts {
  readonly book: Pick<CertificateBook, 'certificates' | 'isRevoked'>
  readonly nowMs: number
  /** The controller's own, PEM. */
  readonly own: string
}

export interface NodeCertificate {
  /** Milliseconds since 1970; 0 when none is known. */
  readonly notAfterMs: number
  /** One phrase each. */
  readonly problems: readonly string[]
}

/** @param said - by the node, if it is connected */
export function nodeCertificate(
  { book, nowMs }: CertificateFacts,
  node: string,
  said: CertificateReport__Output | null | undefined,
): NodeCertificate {
  const known = book.certificates().filter((one) => one.kind === 'node' && one.name === node)
  const counts = known.filter((one) => !book.isRevoked(one))
  const shown = known.find(({ serial }) => serial === said?.serial) ?? newest(counts)
  const notAfterMs = said?.notAfterMs || (shown?.notAfterMs ?? 0)
  const problems = [
    ...(known.length > 0 && counts.length === 0 ? ['its certificate was revoked'] : []),
    ...endProblem('its certificate', shown?.notBeforeMs ?? notAfterMs - usualLifeMs, notAfterMs, nowMs),
    ...(said?.problem ? [`its certificate was not renewed: ${said.problem}`] : []),
  ]
  return { notAfterMs, problems }
}

/** Of a certificate of which nothing but its end is known. */
const usualLifeMs = 30 * 86_400_000
const dayMs = 86_400_000

export function controllerCertificate({ own, nowMs }: CertificateFacts): NodeCertificate {
  const { validFrom, validTo } = new X509Certificate(own)
  const [notBeforeMs, notAfterMs] = [Date.parse(validFrom), Date.parse(validTo)]
  return { notAfterMs, problems: endProblem("the controller's certificate", notBeforeMs, notAfterMs, nowMs) }
}

function endProblem(what: string, notBeforeMs: number, notAfterMs: number, nowMs: number): string[] {
  if (notAfterMs === 0 || !isExpiring(notBeforeMs, notAfterMs, nowMs)) return []
  const days = Math.floor((notAfterMs - nowMs) / dayMs)
  if (notAfterMs <= nowMs) return [`${what} has expired`]
  return [`${what} ends in ${days < 1 ? 'less than a day' : days === 1 ? 'a day' : `${days} days`}`]
}

function newest(certificates: readonly CertificateRecord[]): CertificateRecord | undefined {
  return certificates.toSorted((a, b) => b.notAfterMs - a.notAfterMs)[0]
}
