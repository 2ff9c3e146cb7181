/** Signs, withdraws and lists certificates. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { bundleOf } from '../../shared/pki/authorities.ts'
import type { Identity } from '../../shared/pki/identity.ts'
import type { Pair } from '../../shared/pki/pair-files.ts'
import { keyPem, newKey } from '../../shared/pki/signing-request.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { openAuthority } from '../pki/authority.ts'
import type { TrustedAuthorities } from '../pki/expiry.ts'
import { keyOfRequest } from '../pki/read-request.ts'
import type { CertificateBook } from './certificate-book.ts'
import { keyDigest, recordOf } from './peer.ts'

export interface SignedCertificate {
  readonly certPem: string
  /** The authorities that the controller trusts; its peers should trust the same. */
  readonly caPem: string
  readonly notAfterMs: number
  readonly serial: string
}

export interface CertificateOffice {
  /**
   * @param by - who wants it, for the record
   * @throws AppError `REQUEST_INVALID`, `NAME_INVALID`, `KEY_REVOKED`, `AUTHORITY_NOT_TRUSTED`, `PKI_MISSING`,
   *   `PKI_UNREADABLE`
   */
  signNode(node: string, csrPem: string, by: string): Promise<SignedCertificate>
  /**
   * Gives the controller a new key and certificate.
   *
   * @returns until when it is valid, milliseconds since 1970
   * @throws AppError as `signNode`, `PAIR_UNWRITABLE`
   */
  renewController(): Promise<number>
  /** How long what is signed here is valid. */
  readonly life: LifeTimes
  /** What is trusted now, and the SHA-256 fingerprint of the one of them that signs. */
  authorities(): TrustedAuthorities
}

export interface OfficePorts {
  readonly book: CertificateBook
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  /** The authorities that the controller trusts now. */
  readonly trusted: () => readonly X509Certificate[]
  /** Where the authority is now. */
  readonly authorityDir: () => string
  /** Puts the controller's new pair in place. */
  readonly putPair: (pair: Pair) => Promise<void>
}

export interface LifeTimes {
  readonly nodeDays: number
  readonly controllerDays: number
}

export function createCertificateOffice(ports: OfficePorts, life: LifeTimes): CertificateOffice {
  const { book, clock, log } = ports
  const authority = () => {
    const dir = ports.authorityDir()
    const opened = openAuthority(dir, clock.now())
    if (isAmong(opened.certificate, ports.trusted())) return opened
    throw new AppError('AUTHORITY_NOT_TRUSTED', `the controller does not trust the authority in ${dir}`, {
      hint: 'add its ca.crt to the file that tls_ca names: what it signs would be refused here',
    })
  }
  return {
    life,
    authorities: () => ({ trusted: ports.trusted(), signing: fingerprintIn(ports.authorityDir()) }),
    renewController: async () => {
      const [key, nowMs] = [newKey(), clock.now()]
      const identity: Identity = { kind: 'controller' }
      const days = life.controllerDays
      const certificate = authority().sign(identity, createPublicKey(key), { nowMs, days })
      await ports.putPair({ certPem: certificate.toString(), keyPem: keyPem(key) })
      const record = await book.signed(recordOf(certificate, identity), nowMs, 'controller')
      log.info(
        { serial: record.serial, notAfter: certificate.validTo },
        'certificate of the controller renewed',
      )
      return record.notAfterMs
    },
    signNode: async (node, csrPem, by) => {
      const key = keyOfRequest(csrPem)
      if (book.isBurnt(keyDigest(key))) {
        throw new AppError('KEY_REVOKED', `the key of this request was in a certificate that was revoked`, {
          hint: 'make a new one: pgsvc agent request-certificate --new-key',
        })
      }
      const identity: Identity = { kind: 'node', name: node }
      const nowMs = clock.now()
      const certificate = authority().sign(identity, key, { nowMs, days: life.nodeDays })
      const record = await book.signed(recordOf(certificate, identity), nowMs, by)
      log.info({ node, serial: record.serial, by, notAfter: certificate.validTo }, 'certificate signed')
      return {
        certPem: certificate.toString(),
        caPem: bundleOf(ports.trusted()),
        notAfterMs: record.notAfterMs,
        serial: record.serial,
      }
    },
  }
}

/** undefined where no authority is, or none that can be read. */
function fingerprintIn(dir: string): string | undefined {
  try {
    return new X509Certificate(readFileSync(join(dir, 'ca.crt'))).fingerprint256
  } catch {
    return undefined // what is wrong with it is said when something is to be signed
  }
}

export function isAmong(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return authorities.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)
}
