/**
 * Renews the controller's own certificate at two thirds of its life, where the controller can reach the key of the
 * authority. Where it cannot, somebody else has to; a warning says so
 */
import { X509Certificate } from 'node:crypto'
import { describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { renewalDueMs, renewalRetryMs } from '../../shared/pki/renewal-time.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { CertificateOffice } from './certificate-office.ts'

export interface OwnCertificatePorts {
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly log: Logger
  readonly office: Pick<CertificateOffice, 'renewController'>
  /** PEM. */
  readonly certificate: () => string
}

const lookEveryMs = 60_000

export async function keepOwnCertificate(ports: OwnCertificatePorts, signal: AbortSignal): Promise<void> {
  const { clock, log, office } = ports
  let failures = 0
  let notBeforeMs = 0
  while (!signal.aborted) {
    const { validFrom, validTo } = new X509Certificate(ports.certificate())
    const life = { notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) }
    if (clock.now() >= Math.max(notBeforeMs, renewalDueMs(life, 0.5))) {
      try {
        await office.renewController()
        failures = 0
      } catch (error) {
        failures += 1
        notBeforeMs = clock.now() + renewalRetryMs(failures, 0.5)
        const reason = describeError(error)
        log.warn({ reason, validTo }, "the controller's certificate ends soon and cannot be renewed")
      }
    }
    await clock.sleep(lookEveryMs, signal)
  }
}
