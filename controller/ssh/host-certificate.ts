/**
 * Certificates of hosts: read, and held against what known_hosts says of authorities.
 *
 * Source: OpenSSH's PROTOCOL.certkeys; sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Pure.
 */

import { isSignedBy } from './key-signature.ts'
import { type KnownKey, keyType, sameKey } from './known-hosts.ts'
import { wireReader, wireString } from './wire-reader.ts'

export interface HostCertificate {
  /** All of it, in wire form. */
  readonly blob: Buffer
  /** The key that is certified, as the host shows it when it shows no certificate. */
  readonly key: Buffer
  /** 2 for a host. */
  readonly kind: number
  readonly keyId: string
  readonly principals: readonly string[]
  /** Seconds since 1970; from the first on, until before the second. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly hasCriticalOptions: boolean
  /** Public key of the authority. */
  readonly authority: Buffer
  readonly signed: Buffer
  readonly signature: Buffer
}

/** Fields of a public key between its type and the next field, by type of certificate. */
const kinds: ReadonlyMap<string, { readonly type: string; readonly fields: number }> = new Map([
  ['ssh-ed25519-cert-v01@openssh.com', { type: 'ssh-ed25519', fields: 1 }],
  ['ecdsa-sha2-nistp256-cert-v01@openssh.com', { type: 'ecdsa-sha2-nistp256', fields: 2 }],
  ['ecdsa-sha2-nistp384-cert-v01@openssh.com', { type: 'ecdsa-sha2-nistp384', fields: 2 }],
  ['ecdsa-sha2-nistp521-cert-v01@openssh.com', { type: 'ecdsa-sha2-nistp521', fields: 2 }],
  ['ssh-rsa-cert-v01@openssh.com', { type: 'ssh-rsa', fields: 2 }],
])
const hostKind = 2

/** @returns undefined for what is no certificate, or one of a kind that is not understood */
export function parseHostCertificate(blob: Buffer): HostCertificate | undefined {
  try {
    const fields = wireReader(blob)
    const kind = kinds.get(fields.text())
    if (kind === undefined) return undefined
    fields.bytes() // nonce
    const parts = Array.from({ length: kind.fields }, () => wireString(fields.bytes()))
    fields.uint64() // serial number
    const certificate = {
      blob,
      key: Buffer.concat([wireString(kind.type), ...parts]),
      kind: fields.uint32(),
      keyId: fields.text(),
      principals: namesIn(fields.bytes()),
      validAfter: fields.uint64(),
      validBefore: fields.uint64(),
      hasCriticalOptions: fields.bytes().length > 0,
    }
    fields.bytes() // extensions: none is about hosts, and what is not known of them does not matter
    fields.bytes() // reserved
    const authority = fields.bytes()
    const signed = blob.subarray(0, fields.at())
    const signature = fields.bytes()
    return fields.isAtEnd() ? { ...certificate, authority, signed, signature } : undefined
  } catch {
    return undefined // cut short
  }
}

function namesIn(list: Buffer): readonly string[] {
  const fields = wireReader(list)
  const names: string[] = []
  while (!fields.isAtEnd()) names.push(fields.text())
  return names
}

export type CertificateVerdict =
  | { readonly kind: 'good' }
  /** It, or its authority. */
  | { readonly kind: 'revoked'; readonly by: KnownKey }
  | { readonly kind: 'bad'; readonly why: string }

export interface CertificateQuestion {
  /** Lines of known_hosts about the host. */
  readonly known: readonly KnownKey[]
  /** That the certificate has to be made out to, in lower case. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/**
 * Whether a certificate vouches for its key: the rules of ssh, but for one that is made out to nobody in particular. OpenSSH
 * before 10 took that for any host; here it is refused.
 */
export function judgeCertificate(
  certificate: HostCertificate,
  { known, name, nowMs }: CertificateQuestion,
): CertificateVerdict {
  const { authority, key, signed, signature } = certificate
  const revoking = (blob: Buffer) =>
    known.find(({ marker, base64 }) => marker === 'revoked' && sameKey(base64, blob.toString('base64')))
  const by = revoking(key) ?? revoking(authority)
  if (by) return { kind: 'revoked', by }
  const isTrusted = known.some(
    ({ marker, base64 }) => marker === 'cert-authority' && sameKey(base64, authority.toString('base64')),
  )
  if (!isTrusted) return bad('another authority signed it')
  if (!isSignedBy(authority, signed, signature)) {
    return bad(`its signature is wrong, or not of a kind understood (authority: ${keyType(authority)})`)
  }
  const why = whyNotFor(certificate, name, BigInt(Math.floor(nowMs / 1000)))
  return why === undefined ? { kind: 'good' } : bad(why)
}

function bad(why: string): CertificateVerdict {
  return { kind: 'bad', why }
}

function whyNotFor(certificate: HostCertificate, name: string, nowSeconds: bigint): string | undefined {
  const { kind, principals, validAfter, validBefore, hasCriticalOptions } = certificate
  if (kind !== hostKind) return 'it is not that of a host'
  if (nowSeconds < validAfter) return `it is valid from ${dateOf(validAfter)} on`
  if (nowSeconds >= validBefore) return `it has expired at ${dateOf(validBefore)}`
  if (hasCriticalOptions) return 'it has critical options, and none is known for hosts'
  if (principals.length === 0) return 'it is made out to no host'
  if (!principals.includes(name)) return `it is made out to ${principals.join(', ')}, not to ${name}`
  return undefined
}

/** The last second that a date can be. */
const lastDate = 8_640_000_000_000n

function dateOf(seconds: bigint): string {
  return new Date(Number(seconds < lastDate ? seconds : lastDate) * 1000).toISOString()
}
