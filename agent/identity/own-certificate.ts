/** The certificate that this node shows, as values. */
import { X509Certificate } from 'node:crypto'
import type { Validity } from '../../shared/pki/renewal-time.ts'
import type { Files } from '../../shared/ports/files.ts'

export interface OwnCertificate extends Validity {
  /** Hexadecimal. */
  readonly serial: string
}

/** @returns undefined when there is none that can be read */
export async function readOwnCertificate(files: Files, path: string): Promise<OwnCertificate | undefined> {
  const pem = await files.read(path).catch(() => undefined)
  return pem && certificateOf(pem.toString('utf8'))
}

/** @returns undefined for what is no certificate */
export function certificateOf(pem: string): OwnCertificate | undefined {
  try {
    const { serialNumber, validFrom, validTo } = new X509Certificate(pem)
    return { serial: serialNumber, notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) }
  } catch {
    return undefined
  }
}
