/** The controller's own certificate and the authorities it trusts: read at the start, and again when they change. */
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { authoritiesIn, bundleOf } from '../../shared/pki/authorities.ts'
import type { Clock } from '../../shared/ports/clock.ts'

export interface TlsIdentity {
  /** Whose certificates are believed: all that stand in the file, and what TLS is given. */
  readonly authorities: readonly X509Certificate[]
  /** PEM. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

export interface TlsPaths {
  readonly tls_ca: string
  readonly tls_cert: string
  readonly tls_key: string
}

/** @throws AppError `TLS_UNREADABLE` when a file cannot be read as a whole, or they do not belong together */
function readTls(paths: TlsPaths): TlsIdentity {
  const read = (key: keyof TlsPaths) => {
    try {
      return readFileSync(paths[key], 'utf8')
    } catch (cause) {
      throw unreadable(key, cause)
    }
  }
  const [ca, cert, key] = [read('tls_ca'), read('tls_cert'), read('tls_key')]
  const authorities = authoritiesIn(ca, { code: 'TLS_UNREADABLE', from: `tls_ca, ${paths.tls_ca}` })
  try {
    createSecureContext({ ca: bundleOf(authorities), cert, key })
  } catch (cause) {
    throw unreadable(`tls_ca, tls_cert and tls_key do not belong together`, cause)
  }
  return { authorities, cert, key }
}

function isSame(one: TlsIdentity, other: TlsIdentity): boolean {
  return (
    bundleOf(one.authorities) === bundleOf(other.authorities) &&
    one.cert === other.cert &&
    one.key === other.key
  )
}

function unreadable(what: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('TLS_UNREADABLE', `${what}: ${why}`, {
    cause,
    hint: '"pgsvc pki issue controller --dir <directory of ca.crt and ca.key> --out /etc/pgsvc" makes all three',
  })
}

export interface TlsFiles {
  readonly current: () => TlsIdentity
  /** Why what stands there now is not in force; '' when it is. */
  readonly problem: () => string
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
 * @param onChange - told of what belongs together and can be read; until it returns, the one before is in force
 */
export function createTlsFiles(
  paths: TlsPaths,
  ports: { readonly clock: Pick<Clock, 'sleep'>; readonly log: Logger },
  onChange: (identity: TlsIdentity) => void,
): TlsFiles {
  let current = readTls(paths)
  let said = ''
  const refresh = () => {
    try {
      const next = readTls(paths)
      const isChanged = !isSame(next, current)
      // Only what is in force is not tried again.
      if (isChanged) onChange(next)
      current = next
      said = ''
      if (isChanged)
        ports.log.info({ certificate: paths.tls_cert, authorities: paths.tls_ca }, 'certificates read anew')
    } catch (error) {
      const reason = describeError(error).replaceAll(/\s*\n\s*/g, '; ')
      if (reason !== said)
        ports.log.warn({ reason }, 'changed certificates cannot be used; the old ones go on')
      said = reason
    }
  }
  return {
    current: () => current,
    problem: () => said,
    refresh,
    watch: async (signal) => {
      while (!signal.aborted) {
        await ports.clock.sleep(lookEveryMs, signal)
        if (!signal.aborted) refresh()
      }
    },
  }
}
