/** When a certificate is to be renewed. Pure. */

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** The shortest certificates that controllers sign of their own accord are valid for a day. */
const minAgeMs = 8 * 60 * 60_000

/**
 * Two thirds of its life, a twentieth earlier or later, so that not all nodes come on the same day.
 *
 * Not in its first 8 hours: what the end of an authority cuts short would be replaced faster and faster by what ends at
 * the same moment.
 */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Validity, random: number): number {
  return notBeforeMs + Math.max(minAgeMs, (notAfterMs - notBeforeMs) * (2 / 3 + (random - 0.5) / 10))
}

const minRetryMs = 60_000
const maxRetryMs = 6 * 60 * 60_000

/** How long to wait after an attempt that failed: doubling from a minute to six hours, with jitter. */
export function renewalRetryMs(failures: number, random: number): number {
  const full = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(failures - 1, 20))
  return full * (0.75 + random / 2)
}
