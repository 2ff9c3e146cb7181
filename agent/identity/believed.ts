/** The authorities that this node believes, as values. */
import { X509Certificate } from 'node:crypto'
import type { Files } from '../../shared/ports/files.ts'
import { readAuthorities } from './authorities-file.ts'

export interface Believed {
  /** SHA-256, as they stand in the file. */
  readonly fingerprints: readonly string[]
  /** When the one that has signed this node's certificate ends; 0 when it is none of them. */
  readonly authorityNotAfterMs: number
}

export const nobody: Believed = { fingerprints: [], authorityNotAfterMs: 0 }

/** @throws AppError `CERTIFICATE_UNREADABLE` when the authorities cannot be read */
export async function readBelieved(files: Files, caPath: string, certPath: string): Promise<Believed> {
  const authorities = await readAuthorities(files, caPath)
  const own = await certificateIn(files, certPath)
  const signer = own && signerOf(own, authorities)
  return {
    fingerprints: authorities.map(({ fingerprint256 }) => fingerprint256),
    authorityNotAfterMs: signer ? Date.parse(signer.validTo) : 0,
  }
}

/** @returns undefined for what cannot be read: what is wrong with it is said at the next connection */
async function certificateIn(files: Files, path: string): Promise<X509Certificate | undefined> {
  try {
    const pem = await files.read(path)
    return pem && new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** By its signature, not by its name alone: two authorities of ours are called the same. What may not sign is none. */
export function signerOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): X509Certificate | undefined {
  return authorities.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey))
}
