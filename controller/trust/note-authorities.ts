/**
 * Whom this controller believes, on record when it changes: who follows up a stolen `ca.key` looks for that. What was
 * believed last is remembered, so that a file exchanged while no controller ran is found at the next start.
 */
import { X509Certificate } from 'node:crypto'
import type { Logger } from '../../shared/log/logger.ts'
import { certificatesIn } from '../../shared/pki/pem.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { shortFingerprints } from '../events/authority-changes.ts'
import type { NewEvent } from '../events/event.ts'
import type { TrustStore } from '../store/trust-store.ts'
import type { AuditLog } from './audit-log.ts'

export interface NotePorts {
  readonly store: Pick<TrustStore, 'authorities' | 'setAuthorities'>
  readonly audit: Pick<AuditLog, 'begin'>
  readonly log: Logger
  readonly clock: Pick<Clock, 'now'>
  /** Keeps an event; must not throw. */
  readonly addEvent: (event: NewEvent) => void
}

/**
 * @param file - where they stand
 * @returns to be told of them whenever they were read; never throws, and what could not be put on record is tried anew at
 *   the next time
 */
export function createAuthorityNotes(
  { store, audit, log, clock, addEvent }: NotePorts,
  file: string,
): (pem: string) => Promise<void> {
  const note = async (pem: string) => {
    const authorities = fingerprintsIn(pem)
    const before = await store.authorities()
    // Their order means nothing.
    if (authorities.join() === before.join()) return
    if (before.length > 0) {
      const [now, old] = [shortFingerprints(authorities), shortFingerprints(before)]
      const detail = `${now.join(', ')}; before: ${old.join(', ')}`
      log.warn(
        { file, before: old, authorities: now },
        'the authorities that this controller believes have changed',
      )
      const entry = {
        kind: 'act',
        who: 'whoever wrote the file',
        origin: file,
        what: 'tls_ca',
        detail,
      } as const
      const end = await audit.begin(entry)
      end('ok')
      addEvent({
        atMs: clock.now(),
        kind: 'certificate',
        message: `the controller believes other authorities now: ${detail}`,
      })
    }
    await store.setAuthorities(authorities)
  }
  let last = Promise.resolve()
  return (pem) => {
    last = last
      .then(() => note(pem))
      .catch((err: unknown) =>
        log.error({ err, file }, 'whom this controller believes was not put on record'),
      )
    return last
  }
}

/** As `pgsvc pki list` shows them. */
export function authoritiesOf(pem: string): readonly string[] {
  return shortFingerprints(fingerprintsIn(pem))
}

/** SHA-256, sorted, each once. */
function fingerprintsIn(pem: string): readonly string[] {
  return [...new Set(certificatesIn(pem).map((one) => new X509Certificate(one).fingerprint256))].sort()
}
