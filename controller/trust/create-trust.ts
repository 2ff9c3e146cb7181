/** Puts together what decides whom the controller believes, and keeps it true as time passes. */
import { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import type { Logger } from '../../shared/log/logger.ts'
import { parseIdentity } from '../../shared/pki/identity.ts'
import { pairIsLeft, replacePair } from '../../shared/pki/pair-files.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import type { ControllerConfig } from '../options.ts'
import { authorityDir } from '../pki/authority.ts'
import type { TrustStore } from '../store/trust-store.ts'
import { type AuditLog, createAuditLog } from './audit-log.ts'
import { type CertificateBook, openCertificateBook } from './certificate-book.ts'
import { type CertificateOffice, createCertificateOffice, isAmong } from './certificate-office.ts'
import { createGuestBook, type GuestBook } from './guest-book.ts'
import { keepOwnCertificate } from './own-certificate.ts'
import { peerOf, recordOf } from './peer.ts'
import type { TlsFiles } from './tls-files.ts'
import { createTurnedAway, type TurnedAway } from './turned-away.ts'

export interface Trust {
  readonly book: CertificateBook
  readonly guests: GuestBook
  readonly audit: AuditLog
  readonly office: CertificateOffice
  readonly turnedAway: TurnedAway
  /** Why a certificate that a trusted authority signed is nobody's here; undefined for a node's or an operator's. */
  refusal(shown: PeerCertificate): string | undefined
  /** A connection was let in. @param peer - its address and port @returns to be called when it has gone */
  entered(peer: string, shown: PeerCertificate, end: () => void): () => void
  /** A connection was not let in. */
  refusedConnection(origin: string, reason: string): void
  /** Shows out whose time is over, and renews the controller's own certificate, until `signal` aborts. */
  keep(signal: AbortSignal): Promise<void>
}

export interface TrustPorts {
  readonly store: TrustStore
  readonly clock: Clock
  readonly log: Logger
  readonly tls: TlsFiles
}

type TrustConfig = Pick<
  ControllerConfig,
  'ca_dir' | 'pigsty_home' | 'tls_cert' | 'tls_key' | 'node_certificate_days' | 'controller_certificate_days'
>

const showOutEveryMs = 15_000

export async function createTrust(ports: TrustPorts, config: TrustConfig): Promise<Trust> {
  const { store, clock, log, tls } = ports
  const book = await openCertificateBook(store, (err) => log.warn({ err }, 'a certificate was not noted'))
  const guests = createGuestBook()
  const turnedAway = createTurnedAway({ book, guests, clock })
  const audit = createAuditLog(store, clock, log)
  const paths = { cert: config.tls_cert, key: config.tls_key }
  const office = createCertificateOffice(
    {
      ...{ book, clock, log },
      trusted: () => tls.current().authorities,
      authorityDir: () =>
        authorityDir(config.ca_dir, config.pigsty_home, (pem) =>
          isAmong(new X509Certificate(pem), tls.current().authorities),
        ),
      putPair: async (pair) => {
        await replacePair(systemFiles(), paths, pair, (path, err) => log.warn({ path, err }, pairIsLeft))
        tls.refresh()
      },
    },
    { nodeDays: config.node_certificate_days, controllerDays: config.controller_certificate_days },
  )
  return {
    ...{ book, guests, audit, office },
    turnedAway,
    refusal: (shown) => {
      const { subjectaltname = '' } = shown
      const identity = parseIdentity(subjectaltname)
      if (identity === undefined) return `not a certificate of ours: ${subjectaltname || 'it names nobody'}`
      if (identity.kind === 'controller') return 'a controller is no client'
      return turnedAway.refusal(recordOf(new X509Certificate(shown.raw), identity))
    },
    entered: (peer, shown, end) => {
      const known = peerOf(shown)
      return known ? turnedAway.entered(peer, known.certificate, end) : () => undefined
    },
    refusedConnection: (origin, reason) =>
      audit.note({ kind: 'refused', who: 'nobody', origin, what: 'handshake' }, `refused: ${reason}`),
    keep: async (signal) => {
      const renewing = keepOwnCertificate(
        { clock, log, office, certificate: () => tls.current().cert },
        signal,
      )
      while (!signal.aborted) {
        await clock.sleep(showOutEveryMs, signal)
        guests.showOut(({ untilMs }) =>
          untilMs() <= clock.now() ? 'the certificate of this stream has expired' : undefined,
        )
      }
      await renewing
    },
  }
}
