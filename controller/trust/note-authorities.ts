/**
 * Whom this controller believes, on record when it changes: who follows up a stolen `ca.key` looks for that. What was
 * believed last is remembered, so that a file exchanged while no controller ran is found at the next start.
 */
import type { X509Certificate } from 'node:crypto'
import type { Logger } from '../../shared/log/logger.ts'
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
): (trusted: readonly X509Certificate[]) => Promise<void> {
  const note = async (trusted: readonly X509Certificate[]) => {
    const authorities = fingerprintsOf(trusted)
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
  return (trusted) => {
    last = last
      .then(() => note(trusted))
      .catch((err: unknown) =>
        log.error({ err, file }, 'whom this controller believes was not put on record'),
      )
    return last
  }
}

/** As `pgsvc pki list` shows them. */
export function namesOfAuthorities(trusted: readonly X509Certificate[]): readonly string[] {
  return shortFingerprints(fingerprintsOf(trusted))
}

/** SHA-256, sorted, each once. */
function fingerprintsOf(trusted: readonly X509Certificate[]): readonly string[] {
  return [...new Set(trusted.map(({ fingerprint256 }) => fingerprint256))].sort()
}
