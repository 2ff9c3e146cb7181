/** The certificate that a peer has shown, as values. */
import { createHash, X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import { type Identity, parseIdentity } from '../../shared/pki/identity.ts'
import type { CertificateRecord } from '../store/trust-store.ts'

export interface Peer {
  readonly identity: Identity
  readonly certificate: CertificateRecord
}

/** @returns undefined for a certificate that is not ours to know, whoever signed it */
export function peerOf(shown: PeerCertificate | undefined): Peer | undefined {
  const identity = shown?.subjectaltname === undefined ? undefined : parseIdentity(shown.subjectaltname)
  return identity && shown
    ? { identity, certificate: recordOf(new X509Certificate(shown.raw), identity) }
    : undefined
}

/** A certificate that was not signed here. */
export function recordOf(certificate: X509Certificate, identity: Identity): CertificateRecord {
  return {
    serial: certificate.serialNumber,
    kind: identity.kind,
    name: identity.kind === 'controller' ? '' : identity.name,
    role: identity.kind === 'operator' ? identity.role : '',
    keyDigest: keyDigest(certificate.publicKey),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    signedMs: 0,
    signedBy: '',
    issuer: commonNameIn(certificate.issuer),
  }
}

/** SHA-256 of the key as certificates hold it. */
export function keyDigest(key: X509Certificate['publicKey']): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** @param name - as Node prints it: one `CN=...` per line */
export function commonNameIn(name: string): string {
  return /^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ')
}
