/** The controller's own certificate and the authorities it trusts: read at the start, and again when they change. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'

/** PEM. */
export interface TlsTexts {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface TlsPaths {
  readonly tls_ca: string
  readonly tls_cert: string
  readonly tls_key: string
}

/** @throws AppError `TLS_UNREADABLE` when a file cannot be read, or they do not belong together */
export function readTls(paths: TlsPaths): TlsTexts {
  const read = (key: keyof TlsPaths) => {
    try {
      return readFileSync(paths[key], 'utf8')
    } catch (cause) {
      throw unreadable(key, cause)
    }
  }
  const texts = { ca: read('tls_ca'), cert: read('tls_cert'), key: read('tls_key') }
  try {
    createSecureContext({ ...texts })
  } catch (cause) {
    throw unreadable(`tls_ca, tls_cert and tls_key do not belong together`, cause)
  }
  return texts
}

function unreadable(what: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('TLS_UNREADABLE', `${what}: ${why}`, {
    cause,
    hint: '"pgsvc pki issue controller --dir <directory of ca.crt and ca.key> --out /etc/pgsvc" makes all three',
  })
}

export interface TlsFiles {
  readonly current: () => TlsTexts
  /** Looks now. */
  refresh(): void
  /** Looks again and again until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>
}

const lookEveryMs = 2_000

/**
 * Files that are being replaced may not fit for a moment, so what was good goes on until they do. Reading them costs
 * less than to find out whether they changed and get that wrong.
 *
 * @param onChange - told of texts that belong together
 */
export function createTlsFiles(
  paths: TlsPaths,
  ports: { readonly clock: Pick<Clock, 'sleep'>; readonly log: Logger },
  onChange: (texts: TlsTexts) => void,
): TlsFiles {
  let current = readTls(paths)
  let said = ''
  const refresh = () => {
    try {
      const texts = readTls(paths)
      said = ''
      if (texts.ca === current.ca && texts.cert === current.cert && texts.key === current.key) return
      // Only what is in force is not tried again.
      onChange(texts)
      current = texts
      ports.log.info({ certificate: paths.tls_cert, authorities: paths.tls_ca }, 'certificates read anew')
    } catch (error) {
      const reason = describeError(error)
      if (reason !== said)
        ports.log.warn({ reason }, 'changed certificates cannot be used; the old ones go on')
      said = reason
    }
  }
  return {
    current: () => current,
    refresh,
    watch: async (signal) => {
      while (!signal.aborted) {
        await ports.clock.sleep(lookEveryMs, signal)
        if (!signal.aborted) refresh()
      }
    },
  }
}
