/**
 * The certificate authority: `ca.crt` and `ca.key` of a directory, Pigsty's or our own. The key is read when something
 * is signed, and forgotten.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { contentsOf, type DerValue, objectId, readDer, readInside, tags } from '../../shared/pki/der.ts'
import { controllerDnsName, type Identity, identityName, identityUris } from '../../shared/pki/identity.ts'
import { pemOf } from '../../shared/pki/pem.ts'
import { buildCertificate, type Issuer } from './build-certificate.ts'

export interface Authority {
  readonly certificate: X509Certificate
  /**
   * Signs for an identity; nothing else gets into the certificate.
   *
   * @throws AppError `NAME_INVALID`
   */
  sign(identity: Identity, key: KeyObject, life: Life): X509Certificate
}

export interface Life {
  readonly nowMs: number
  readonly days: number
}

/** A peer whose clock is behind by less finds a new certificate valid. */
export const backdateMs = 5 * 60_000

const dayMs = 86_400_000

/**
 * Where the authority is when nobody says: Pigsty's own if it is there, else ours; and of two that are there the one
 * that is trusted.
 *
 * @param isTrusted - whether a certificate, PEM, is among those that the controller trusts
 */
export function authorityDir(
  caDir: string,
  pigstyHome: string,
  isTrusted: (certificate: string) => boolean,
): string {
  if (caDir !== '') return caDir
  const places = pigstyHome === '' ? [ownAuthorityDir] : [join(pigstyHome, 'files/pki/ca'), ownAuthorityDir]
  const there = places.filter((dir) => existsSync(join(dir, 'ca.crt')) && existsSync(join(dir, 'ca.key')))
  return there.find((dir) => isTrustedIn(dir, isTrusted)) ?? there[0] ?? ownAuthorityDir
}

function isTrustedIn(dir: string, isTrusted: (certificate: string) => boolean): boolean {
  try {
    return isTrusted(readFileSync(join(dir, 'ca.crt'), 'utf8'))
  } catch {
    return false // what is wrong with it is said when it is to sign
  }
}

export const ownAuthorityDir = '/etc/pgsvc/pki'

/**
 * @throws AppError `PKI_MISSING` when there is none, `PKI_UNREADABLE` when it cannot be used
 */
export function openAuthority(dir: string, nowMs: number): Authority {
  const [certPath, keyPath] = [join(dir, 'ca.crt'), join(dir, 'ca.key')]
  if (isMissing(certPath) || isMissing(keyPath)) {
    throw new AppError('PKI_MISSING', `no certificate authority in ${dir}`, {
      hint: 'make one: pgsvc pki init; or name the directory with ca.crt and ca.key: ca_dir of the controller, --dir',
    })
  }
  const certificate = readOr(certPath, (pem) => new X509Certificate(pem))
  const key = readOr(keyPath, (pem) => createPrivateKey(pem))
  const fault = faultOf(certificate, key, nowMs)
  if (fault !== undefined) {
    throw new AppError('PKI_UNREADABLE', `${certPath} cannot sign: ${fault}`, {
      hint: 'ca.crt and ca.key must be the certificate and the key of one authority that is valid now',
    })
  }
  const issuer = issuerOf(certificate, key)
  return {
    certificate,
    sign: (identity, subjectKey, life) => {
      const notAfterMs = Math.min(life.nowMs + life.days * dayMs, Date.parse(certificate.validTo))
      const bytes = buildCertificate(
        {
          commonName: commonNameOf(identity),
          uris: identityUris(identity),
          dnsNames: dnsNamesOf(identity),
          use: identity.kind === 'controller' ? 'server' : 'client',
          notBeforeMs: life.nowMs - backdateMs,
          notAfterMs,
          key: subjectKey,
        },
        issuer,
      )
      return new X509Certificate(pemOf('CERTIFICATE', bytes))
    },
  }
}

/** One that may not be looked at is not missing. */
function isMissing(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}

function readOr<T>(path: string, parse: (pem: Buffer) => T): T {
  try {
    return parse(readFileSync(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PKI_UNREADABLE', `${path}: ${why}`, {
      cause,
      hint: 'it must be PEM, readable, and a key without a passphrase',
    })
  }
}

function faultOf(certificate: X509Certificate, key: KeyObject, nowMs: number): string | undefined {
  if (!certificate.ca) return 'it is no certificate of an authority'
  if (!certificate.checkPrivateKey(key)) return 'ca.key is the key of another certificate'
  if (Date.parse(certificate.validTo) <= nowMs) return `its time is over (${certificate.validTo})`
  if (Date.parse(certificate.validFrom) > nowMs + backdateMs) {
    return `it is not valid yet (${certificate.validFrom}); is the clock right?`
  }
  return undefined
}

/** Subject and key identifier exactly as the authority's certificate has them, byte for byte. */
function issuerOf(certificate: X509Certificate, key: KeyObject): Issuer {
  const [outer] = readDer(certificate.raw)
  const [signed] = readInside(outer)
  const fields = readInside(signed)
  // Before version 3 there is no version field; such a certificate is no authority's for Node either.
  const subject = fields[5]
  if (subject === undefined) throw new Error('a certificate without a subject')
  return { name: subject.whole, keyId: keyIdIn(fields.find(({ tag }) => tag === 0xa3)), key }
}

function keyIdIn(extensions: DerValue | undefined): Buffer | undefined {
  if (extensions === undefined) return undefined
  const [list] = readInside(extensions, 0xa3)
  const id = objectId('2.5.29.14')
  const found = readInside(list).find((extension) => readInside(extension)[0]?.whole.equals(id))
  const value = found && readInside(found).find(({ tag }) => tag === tags.octetString)
  return value && contentsOf(readDer(value.contents)[0], tags.octetString)
}

function commonNameOf(identity: Identity): string {
  if (identity.kind === 'controller') return 'controller'
  if (identityName.test(identity.name)) return identity.name
  throw new AppError('NAME_INVALID', `not a name a certificate can carry: ${JSON.stringify(identity.name)}`, {
    hint: 'letters, digits, dots, colons, dashes and underscores; a node is called as in the inventory',
  })
}

/**
 * An address is no DNS name, and a node that is called as controllers are gets none: the URI alone carries identity.
 */
function dnsNamesOf(identity: Identity): readonly string[] {
  if (identity.kind === 'controller') return [controllerDnsName]
  if (identity.kind !== 'node' || identity.name === controllerDnsName) return []
  const isHostName = /^(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(identity.name)
  return isHostName ? [identity.name] : []
}
