/** A warning to whoever shows a certificate that ends soon: nobody renews it by itself. */
import { X509Certificate } from 'node:crypto'
import { parseIdentity } from '../../shared/pki/identity.ts'
import { inDays, isEndingByHand } from '../pki/expiry.ts'

/**
 * @param pem - what is shown
 * @returns a line, or undefined while there is time, and for what is no operator's certificate
 */
export function ownEndWarning(pem: Buffer, nowMs: number): string | undefined {
  const certificate = parsed(pem)
  const identity = certificate && parseIdentity(certificate.subjectAltName ?? '')
  if (!certificate || identity?.kind !== 'operator') return undefined
  const [fromMs, endMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (!isEndingByHand(fromMs, endMs, nowMs)) return undefined
  const { name, role } = identity
  return `your certificate ends ${inDays(endMs - nowMs)}: on the admin node "pgsvc pki issue operator ${name} --role ${role}" makes another\n`
}

function parsed(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined // what is wrong with it is said when it is used
  }
}
