/** Whether a node's certificate will do, by what the controller knows of it. Pure. */
import { X509Certificate } from 'node:crypto'
import { authoritiesIn } from '../../shared/pki/authorities.ts'

export interface CertificateKnown {
  /** "node", "operator" or "controller". */
  readonly kind: string
  readonly name: string
  /** Hexadecimal. */
  readonly serial: string
  /** As CertificateState has it. */
  readonly state: string
}

/** Whether it counts, for however short a time. */
export function counts({ state }: CertificateKnown): boolean {
  return /_(VALID|EXPIRING|REPLACED)$/.test(state)
}

/** What the controller says of its certificates. */
export interface CertificatesKnown {
  readonly certificates: readonly CertificateKnown[]
  readonly authorities: readonly { readonly fingerprint: string; readonly signs: boolean }[]
}

/**
 * Why a new certificate is needed; undefined when the one that is there will do. One that is about to expire will: the
 * agent renews it by itself.
 */
export function whyNewCertificate(
  node: { readonly cert: string | undefined; readonly ca: string | undefined; readonly hasKey: boolean },
  known: CertificatesKnown,
): string | undefined {
  if (node.cert === undefined || !node.hasKey) return 'there is none'
  const certificate = parsed(node.cert)
  if (certificate === undefined) return 'what is there is none'
  const serial = plain(certificate.serialNumber)
  const record = known.certificates.find((one) => plain(one.serial) === serial)
  const state = record?.state.replace('CERTIFICATE_STATE_', '').toLowerCase()
  if (state === undefined) return 'the controller does not know the one that is there'
  if (state !== 'valid' && state !== 'expiring') return `the one that is there is ${state}`
  const trusted = fingerprintsIn(node.ca ?? '')
  if (trusted === undefined) return 'the authorities on the node cannot be read'
  const lacking = known.authorities.some(
    ({ fingerprint, signs }) => signs && !trusted.includes(plain(fingerprint)),
  )
  return lacking ? "the node does not trust the controller's authority" : undefined
}

function plain(hex: string): string {
  return hex
    .replaceAll(':', '')
    .toLowerCase()
    .replace(/^0+(?=.)/, '')
}

/** @returns undefined when they cannot be read, as the agent would not read them either */
function fingerprintsIn(pem: string): readonly string[] | undefined {
  try {
    const authorities = authoritiesIn(pem, { code: 'CERTIFICATE_UNREADABLE', from: 'the node' })
    return authorities.map(({ fingerprint256 }) => plain(fingerprint256))
  } catch {
    return undefined
  }
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
