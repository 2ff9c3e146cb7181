/**
 * Reads a request for a certificate (PKCS #10): checks that it is signed with its own key, takes the key and forgets
 * the rest. Subject, names and extensions that somebody wrote into it mean nothing. Source: RFC 2986.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { contentsOf, type DerValue, objectId, readDer, readInside, tags } from '../../shared/pki/der.ts'
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
    const [outer] = exactly(1, readDer(request))
    const [info, algorithm, signature] = exactly(3, readInside(outer))
    const [version, , spki, attributes] = exactly(4, readInside(info))
    if (info === undefined || spki === undefined || attributes?.tag !== attributesTag) {
      throw new Error('not what a request consists of')
    }
    if (!contentsOf(version, tags.integer).equals(Buffer.from([0]))) throw new Error('not version 1')
    const key = createPublicKey({ key: spki.whole, format: 'der', type: 'spki' })
    if (key.asymmetricKeyType === 'ec') expectNamedCurve(spki)
    const hash = hashes.find(([id]) => readInside(algorithm)[0]?.whole.equals(id))?.[1]
    const bits = contentsOf(signature, tags.bitString)
    const isProven = () =>
      hash !== undefined && bits[0] === 0 && verify(hash, info.whole, key, bits.subarray(1))
    return { key, isProven }
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

const attributesTag = 0xa0

/** What is signed with the rest and read by nobody could mean something to somebody else. */
function exactly(count: number, values: readonly DerValue[]): readonly DerValue[] {
  if (values.length === count) return values
  throw new Error(`${values.length} values in place of ${count}`)
}

/**
 * OpenSSL takes a curve that is written out for the one of the same numbers, and would write it so into the certificate,
 * where RFC 5480 2.1.1 forbids it.
 */
function expectNamedCurve(spki: DerValue): void {
  const [algorithm] = exactly(2, readInside(spki))
  const [, curve] = exactly(2, readInside(algorithm))
  if (curve?.tag !== tags.oid) throw new Error('its curve is written out, not named')
}

function invalid(why: string, cause: unknown): AppError {
  return new AppError('REQUEST_INVALID', `no request for a certificate that can be signed: ${why}`, {
    cause,
    hint: 'make it on the node: pgsvc agent request-certificate --node NAME',
  })
}
