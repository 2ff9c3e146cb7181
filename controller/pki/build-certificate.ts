/**
 * Certificates as bytes: what stands in them, and the authority's signature over it.
 *
 * Everything but the key comes from us. Source: RFC 5280 4.1 and 4.2, RFC 5758, RFC 4055, RFC 8410.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import {
  bitString,
  contentsOf,
  der,
  integer,
  objectId,
  readDer,
  readInside,
  sequence,
  tags,
  time,
} from '../../shared/pki/der.ts'
import { ecdsaSha256 } from '../../shared/pki/signing-request.ts'

/** What a certificate is for. */
export type Use = 'server' | 'client' | 'authority'

export interface CertificateContent {
  readonly commonName: string
  readonly uris: readonly string[]
  readonly dnsNames: readonly string[]
  readonly use: Use
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly key: KeyObject
}

export interface Issuer {
  /** The subject of its certificate, DER. */
  readonly name: Buffer
  /** Key identifier in its certificate; absent when it has none. */
  readonly keyId: Buffer | undefined
  readonly key: KeyObject
}

/** X.509 allows this many characters; the full name is in a URI. */
const maxCommonName = 64

export function nameOf(commonName: string): Buffer {
  const text = der(tags.utf8String, Buffer.from(commonName.slice(0, maxCommonName), 'utf8'))
  return sequence(der(tags.set, sequence(objectId('2.5.4.3'), text)))
}

/** @returns DER */
export function buildCertificate(content: CertificateContent, issuer: Issuer): Buffer {
  const { algorithm, hash } = algorithmOf(issuer.key)
  const spki = content.key.export({ type: 'spki', format: 'der' })
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(newSerial()),
    algorithm,
    issuer.name,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    nameOf(content.commonName),
    spki,
    der(0xa3, sequence(...extensions(content, issuer, spki))),
  )
  return sequence(signed, algorithm, bitString(sign(hash, signed, issuer.key)))
}

/** As RFC 5280 4.2.1.2 proposes. */
export function keyIdOf(publicKey: KeyObject): Buffer {
  return keyId(publicKey.export({ type: 'spki', format: 'der' }))
}

function keyId(spki: Buffer): Buffer {
  const [, bits] = readInside(readDer(spki)[0])
  return createHash('sha1').update(contentsOf(bits, tags.bitString).subarray(1)).digest()
}

function extensions({ use, uris, dnsNames }: CertificateContent, issuer: Issuer, spki: Buffer): Buffer[] {
  const names = [
    ...uris.map((uri) => der(0x86, Buffer.from(uri, 'ascii'))),
    ...dnsNames.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
  ]
  const isAuthority = use === 'authority'
  return [
    isAuthority
      ? extension(
          '2.5.29.19',
          sequence(der(tags.boolean, Buffer.from([0xff])), integer(Buffer.from([0]))),
          true,
        )
      : extension('2.5.29.19', sequence(), true),
    // keyCertSign and cRLSign, or digitalSignature: bits of a string, with the number of unused ones before it.
    extension('2.5.29.15', der(tags.bitString, Buffer.from(isAuthority ? [1, 0x06] : [7, 0x80])), true),
    ...(isAuthority ? [] : [extension('2.5.29.37', sequence(objectId(purposes[use])))]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
    extension('2.5.29.14', der(tags.octetString, keyId(spki))),
    ...(issuer.keyId ? [extension('2.5.29.35', sequence(der(0x80, issuer.keyId)))] : []),
  ]
}

const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der(tags.boolean, Buffer.from([0xff]))] : []
  return sequence(objectId(id), ...critical, der(tags.octetString, value))
}

function algorithmOf(key: KeyObject): { algorithm: Buffer; hash: 'sha256' | null } {
  const none = Buffer.from([0x05, 0x00])
  if (key.asymmetricKeyType === 'ec') return { algorithm: sequence(objectId(ecdsaSha256)), hash: 'sha256' }
  if (key.asymmetricKeyType === 'rsa') {
    return { algorithm: sequence(objectId('1.2.840.113549.1.1.11'), none), hash: 'sha256' }
  }
  if (key.asymmetricKeyType === 'ed25519') {
    return { algorithm: sequence(objectId('1.3.101.112')), hash: null }
  }
  throw new AppError('PKI_UNREADABLE', `an authority's key of type ${key.asymmetricKeyType} cannot be used`, {
    hint: 'use one of type EC, RSA or Ed25519',
  })
}

/**
 * 126 random bits, and always 16 bytes: positive, at most the 20 bytes of RFC 5280, and printed alike by everybody.
 */
function newSerial(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

/** For a certificate that signs itself. */
export function selfIssuer(commonName: string, key: KeyObject): Issuer {
  return { name: nameOf(commonName), keyId: keyIdOf(createPublicKey(key)), key }
}
