/** When an end is near enough to be told, and in which words. Pure. */
import type { X509Certificate } from 'node:crypto'

const dayMs = 86_400_000

/** Who has a certificate of a year by hand is told of its end this long before. */
const byHandMs = 30 * dayMs

/** Renewal begins at two thirds; who has not managed it at five sixths needs help. */
export function isExpiring(notBeforeMs: number, notAfterMs: number, nowMs: number): boolean {
  return notAfterMs - nowMs < (notAfterMs - notBeforeMs) / 6
}

/** For what nobody renews by itself: an operator's. What is over is not near any more. */
export function isEndingByHand(notBeforeMs: number, notAfterMs: number, nowMs: number): boolean {
  return nowMs < notAfterMs && notAfterMs - nowMs < Math.min(byHandMs, (notAfterMs - notBeforeMs) / 6)
}

/** `in 9 days`. */
export function inDays(ms: number): string {
  const days = Math.floor(ms / dayMs)
  return `in ${days < 1 ? 'less than a day' : days === 1 ? 'a day' : `${days} days`}`
}

export interface TrustedAuthorities {
  readonly trusted: readonly X509Certificate[]
  /** SHA-256 fingerprint of the one that signs here, if one does. */
  readonly signing: string | undefined
}

/**
 * What is signed ends with its authority at the latest, all of it at one moment. So that is told as long before as there
 * is twice the time of the longest that is signed here; of one that lives shorter itself, from half of its life on.
 *
 * @param longestDays - of what is signed here
 * @returns one phrase for each
 */
export function authorityProblems(
  { trusted, signing }: TrustedAuthorities,
  longestDays: number,
  nowMs: number,
): readonly string[] {
  return trusted.flatMap(({ subject, validFrom, validTo, fingerprint256 }) => {
    const [fromMs, endMs] = [Date.parse(validFrom), Date.parse(validTo)]
    const leftMs = endMs - nowMs
    if (leftMs >= Math.min(2 * longestDays * dayMs, (endMs - fromMs) / 2)) return []
    const isSigning = fingerprint256 === signing
    const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ')
    const what = `the authority ${name} (SHA-256 ${fingerprint256.replaceAll(':', '').slice(0, 16)})`
    if (leftMs <= 0) return [`${what} has expired${isSigning ? '' : '; take it out of tls_ca'}`]
    const which = isSigning ? '' : ', which is trusted and does not sign,'
    return [
      `${what}${which} ends ${inDays(leftMs)}, and all certificates of it at the same moment: change it before (docs/operations.md)`,
    ]
  })
}

/** Whether a certificate ends when an authority does: it would have been valid for longer. */
export function isCutShort(notAfterMs: number, trusted: readonly X509Certificate[]): boolean {
  return trusted.some(({ validTo }) => Math.abs(Date.parse(validTo) - notAfterMs) < 1_000)
}
