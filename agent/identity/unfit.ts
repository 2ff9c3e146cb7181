/** Why a certificate that came in is of no use to this node. Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { parseIdentity } from '../../shared/pki/identity.ts'
import { signerOf } from './believed.ts'

export interface Offered {
  readonly certPem: string
  readonly keyPem: string
  /** Those that are believed with it. */
  readonly authorities: readonly X509Certificate[]
}

const clientPurpose = '1.3.6.1.5.5.7.3.2'
/** Certificates begin some minutes before they are made; who is off by more would not get far with TLS either. */
const clockSkewMs = 3_600_000

/**
 * @returns one phrase; undefined for one that will do
 * @throws Error for what is no certificate, or no key
 */
export function unfitness(offered: Offered, node: string, nowMs: number): string | undefined {
  const certificate = new X509Certificate(offered.certPem)
  const { subjectAltName, validFrom, validTo } = certificate
  const identity = parseIdentity(subjectAltName ?? '')
  if (identity?.kind !== 'node' || identity.name !== node) {
    return `it is for ${subjectAltName ?? 'nobody'}, and this node is ${node}`
  }
  if (!certificate.checkPrivateKey(createPrivateKey(offered.keyPem))) return 'it is for another key'
  if (Date.parse(validTo) <= nowMs) return `its time is over: ${validTo}`
  if (Date.parse(validFrom) > nowMs + clockSkewMs) {
    return `its time has not begun: ${validFrom}; is the clock right?`
  }
  const purposes: readonly string[] | undefined = certificate.keyUsage
  if (purposes && !purposes.includes(clientPurpose)) return 'it is not for a client'
  const { authorities } = offered
  if (authorities.length === 0) return 'no authority came with it, and none is in place'
  const signer = signerOf(certificate, authorities)
  if (!signer) return 'none of the authorities that came with it or are in place has signed it'
  return Date.parse(signer.validTo) <= nowMs
    ? `the time of its authority is over: ${signer.validTo}`
    : undefined
}
