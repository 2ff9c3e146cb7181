/**
 * Keys, and requests to sign them (PKCS #10), without a program beside us: a database node need not have openssl.
 *
 * A request says nothing but the key, and proves with its signature that the key is the sender's; whom the
 * certificate is for is decided by who signs it. Source: RFC 2986, RFC 5480, RFC 5758.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bitString, der, integer, objectId, sequence } from './der.ts'
import { pemOf } from './pem.ts'

/** ecdsa-with-SHA256 */
export const ecdsaSha256 = '1.2.840.10045.4.3.2'

/** An EC P-256 key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
}

/** PKCS #8, unencrypted. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @param key - private, EC */
export function signingRequest(key: KeyObject): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const noAttributes = der(0xa0)
  const info = sequence(integer(Buffer.from([0])), sequence(), publicKey, noAttributes)
  const signature = sign('sha256', info, key)
  const request = sequence(info, sequence(objectId(ecdsaSha256)), bitString(signature))
  return pemOf('CERTIFICATE REQUEST', request)
}
