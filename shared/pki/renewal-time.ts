/** When a certificate is to be renewed. Pure. */

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Two thirds of its life, a twentieth earlier or later, so that not all nodes come on the same day. */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Validity, random: number): number {
  return notBeforeMs + (notAfterMs - notBeforeMs) * (2 / 3 + (random - 0.5) / 10)
}

const minRetryMs = 60_000
const maxRetryMs = 6 * 60 * 60_000

/** How long to wait after an attempt that failed: doubling from a minute to six hours, with jitter. */
export function renewalRetryMs(failures: number, random: number): number {
  const full = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(failures - 1, 20))
  return full * (0.75 + random / 2)
}
