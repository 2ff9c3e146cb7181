/**
 * Reads a request for a certificate (PKCS #10): checks that it is signed with its own key, takes the key and forgets
 * the rest. Subject, names and extensions that somebody wrote into it mean nothing. Source: RFC 2986.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { contentsOf, objectId, readDer, readInside, tags } from '../../shared/pki/der.ts'
import { pemBlocks } from '../../shared/pki/pem.ts'
import { ecdsaSha256 } from '../../shared/pki/signing-request.ts'

const maxCharacters = 16_384

/** P-256 or better. */
const curves: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1']

/** ecdsa-with-SHA256, -SHA384 and -SHA512; nothing weaker is taken. */
const hashes = [
  [objectId(ecdsaSha256), 'sha256'],
  [objectId('1.2.840.10045.4.3.3'), 'sha384'],
  [objectId('1.2.840.10045.4.3.4'), 'sha512'],
] as const

/**
 * @returns the public key
 * @throws AppError `REQUEST_INVALID`
 */
export function keyOfRequest(pem: string): KeyObject {
  const [request, more] =
    pem.length > maxCharacters ? [] : pemBlocks(pem, 'CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')
  if (request === undefined || more !== undefined) {
    throw invalid(`not one PEM block "CERTIFICATE REQUEST" of at most ${maxCharacters} characters`, undefined)
  }
  const { key, isProven } = readRequest(request)
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (key.asymmetricKeyType !== 'ec' || !curves.includes(curve)) {
    throw invalid(`its key is ${curve ?? key.asymmetricKeyType}, not EC P-256, P-384 or P-521`, undefined)
  }
  if (!isProven()) throw invalid('it is not signed with the key that it brings', undefined)
  return key
}

function readRequest(request: Buffer): { key: KeyObject; isProven: () => boolean } {
  try {
    const [outer, rest] = readDer(request)
    const [info, algorithm, signature] = readInside(outer)
    const [version, , spki] = readInside(info)
    if (rest !== undefined || info === undefined || spki === undefined)
      throw new Error('too much or too little')
    if (!contentsOf(version, tags.integer).equals(Buffer.from([0]))) throw new Error('not version 1')
    const key = createPublicKey({ key: spki.whole, format: 'der', type: 'spki' })
    const hash = hashes.find(([id]) => readInside(algorithm)[0]?.whole.equals(id))?.[1]
    const bits = contentsOf(signature, tags.bitString)
    const isProven = () =>
      hash !== undefined && bits[0] === 0 && verify(hash, info.whole, key, bits.subarray(1))
    return { key, isProven }
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function invalid(why: string, cause: unknown): AppError {
  return new AppError('REQUEST_INVALID', `no request for a certificate that can be signed: ${why}`, {
    cause,
    hint: 'make it on the node: pgsvc agent request-certificate --node NAME',
  })
}
