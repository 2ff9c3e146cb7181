/**
 * Whether a signature in SSH's wire form is that of a public key. SHA-1 and DSA are not taken.
 *
 * Source: RFC 4253, 6.6; RFC 5656, 3.1; RFC 8332 (RSA with SHA-2); RFC 8709 (Ed25519). Pure.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type WireReader, wireReader } from './wire-reader.ts'

/** As OpenSSH by default (RequiredRSASize). */
const leastRsaBits = 1024

interface Curve {
  readonly name: string
  readonly crv: string
  readonly hash: string
  /** Of a coordinate. */
  readonly bytes: number
}

const curves: ReadonlyMap<string, Curve> = new Map([
  ['ecdsa-sha2-nistp256', { name: 'nistp256', crv: 'P-256', hash: 'sha256', bytes: 32 }],
  ['ecdsa-sha2-nistp384', { name: 'nistp384', crv: 'P-384', hash: 'sha384', bytes: 48 }],
  ['ecdsa-sha2-nistp521', { name: 'nistp521', crv: 'P-521', hash: 'sha512', bytes: 66 }],
])
const rsaHashes: ReadonlyMap<string, string> = new Map([
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
])

/**
 * @param key - public key, in wire form
 * @param signature - name of the algorithm and the signature itself, in wire form
 * @returns false also for kinds of keys and signatures that are not understood, and for what cannot be read
 */
export function isSignedBy(key: Buffer, signed: Buffer, signature: Buffer): boolean {
  try {
    const fields = wireReader(key)
    const type = fields.text()
    const parts = wireReader(signature)
    const algorithm = parts.text()
    const value = parts.bytes()
    if (!parts.isAtEnd()) return false
    if (type === 'ssh-ed25519') return algorithm === type && verify(null, signed, ed25519(fields), value)
    if (type === 'ssh-rsa') return isSignedByRsa(fields, algorithm, signed, value)
    const curve = curves.get(type)
    return curve !== undefined && algorithm === type && isSignedByEcdsa(fields, curve, signed, value)
  } catch {
    return false // cut short, or a point that is on no curve
  }
}

function ed25519(fields: WireReader): KeyObject {
  return publicKey({ kty: 'OKP', crv: 'Ed25519', x: fields.bytes().toString('base64url') }, fields)
}

function isSignedByRsa(fields: WireReader, algorithm: string, signed: Buffer, value: Buffer): boolean {
  const hash = rsaHashes.get(algorithm)
  const [e, n] = [unsigned(fields.bytes()), unsigned(fields.bytes())]
  const key = publicKey({ kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') }, fields)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (hash === undefined || bits < leastRsaBits || value.length > n.length) return false
  // Some signers leave leading zeros out; OpenSSH puts them back too.
  return verify(hash, signed, key, padded(value, n.length))
}

function isSignedByEcdsa(fields: WireReader, curve: Curve, signed: Buffer, value: Buffer): boolean {
  const name = fields.text()
  const point = fields.bytes()
  const isPoint = point.length === 1 + 2 * curve.bytes && point[0] === 4
  if (name !== curve.name || !isPoint) return false
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)]
  const jwk = { kty: 'EC', crv: curve.crv, x: x.toString('base64url'), y: y.toString('base64url') }
  const key = publicKey(jwk, fields)
  const numbers = wireReader(value)
  const [r, s] = [unsigned(numbers.bytes()), unsigned(numbers.bytes())]
  if (!numbers.isAtEnd() || r.length > curve.bytes || s.length > curve.bytes) return false
  const both = Buffer.concat([padded(r, curve.bytes), padded(s, curve.bytes)])
  return verify(curve.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, both)
}

function publicKey(jwk: Readonly<Record<string, string>>, fields: WireReader): KeyObject {
  if (!fields.isAtEnd()) throw new RangeError('there is more than a key')
  return createPublicKey({ key: jwk, format: 'jwk' })
}

/** A number without the zeros before it. */
function unsigned(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0)
  return first < 0 ? Buffer.alloc(0) : number.subarray(first)
}

function padded(number: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.alloc(length - number.length), number])
}
