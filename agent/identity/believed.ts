/** The authorities that this node believes, as values. */
import { X509Certificate } from 'node:crypto'
import { certificatesIn } from '../../shared/pki/pem.ts'
import type { Files } from '../../shared/ports/files.ts'

export interface Believed {
  /** SHA-256, as they stand in the file. */
  readonly fingerprints: readonly string[]
  /** When the one that has signed this node's certificate ends; 0 when it is none of them. */
  readonly authorityNotAfterMs: number
}

export const nobody: Believed = { fingerprints: [], authorityNotAfterMs: 0 }

/** @returns nobody where the files cannot be read: what is wrong with them is said at the next connection */
export async function readBelieved(files: Files, caPath: string, certPath: string): Promise<Believed> {
  try {
    const [ca, cert] = await Promise.all([files.read(caPath), files.read(certPath)])
    if (!ca) return nobody
    const authorities = authoritiesIn(ca.toString('utf8'))
    const own = cert && new X509Certificate(cert)
    const signer = own && signerOf(own, authorities)
    return {
      fingerprints: authorities.map(({ fingerprint256 }) => fingerprint256),
      authorityNotAfterMs: signer ? Date.parse(signer.validTo) : 0,
    }
  } catch {
    return nobody
  }
}

/** @throws Error when one of them is none */
export function authoritiesIn(pem: string): readonly X509Certificate[] {
  return certificatesIn(pem).map((one) => new X509Certificate(one))
}

/** By its signature, not by its name alone: two authorities of ours are called the same. What may not sign is none. */
export function signerOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): X509Certificate | undefined {
  return authorities.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey))
}
