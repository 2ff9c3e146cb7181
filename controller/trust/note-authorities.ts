/** Whom this controller believes, on record when it changes: who follows up a stolen `ca.key` looks for that. */
import { X509Certificate } from 'node:crypto'
import type { Logger } from '../../shared/log/logger.ts'
import { certificatesIn } from '../../shared/pki/pem.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { shortFingerprints } from '../events/authority-changes.ts'
import type { NewEvent } from '../events/event.ts'
import type { AuditLog } from './audit-log.ts'

export interface NotePorts {
  readonly audit: Pick<AuditLog, 'note'>
  readonly log: Logger
  readonly clock: Pick<Clock, 'now'>
  /** Keeps an event; must not throw. */
  readonly addEvent: (event: NewEvent) => void
}

/**
 * @param file - where they stand
 * @param before - PEM
 * @param now - PEM
 */
export function noteAuthorities(
  { audit, log, clock, addEvent }: NotePorts,
  file: string,
  before: string,
  now: string,
): void {
  const [old, authorities] = [authoritiesOf(before), authoritiesOf(now)]
  if (old.join() === authorities.join()) return
  log.warn({ file, before: old, authorities }, 'the authorities that this controller believes have changed')
  const change = `${authorities.join(', ')}; before: ${old.join(', ')}`
  const entry = {
    kind: 'act',
    who: 'whoever wrote the file',
    origin: file,
    what: 'tls_ca',
    detail: change,
  } as const
  audit.note(entry, 'ok')
  const message = `the controller believes other authorities now: ${change}`
  addEvent({ atMs: clock.now(), kind: 'certificate', message })
}

/** As `pgsvc pki list` shows them. */
export function authoritiesOf(pem: string): readonly string[] {
  return shortFingerprints(certificatesIn(pem).map((one) => new X509Certificate(one).fingerprint256))
}
