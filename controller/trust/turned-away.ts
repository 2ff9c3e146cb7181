/**
 * Connections, and those on them who ask again and again for what they may not: each refusal costs a message of up to
 * 16 MiB and a line in the log. Their connection is ended; whoever was withdrawn is then not let in for a while.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import { type Allowance, createAllowance } from '../stream/allowance.ts'
import type { CertificateBook } from './certificate-book.ts'
import type { GuestBook } from './guest-book.ts'

export interface TurnedAway {
  /**
   * A connection came in. It is ended when its certificate is withdrawn, a moment after its calls were.
   *
   * @param peer - its address and port, as calls name it
   * @returns to be called when it has gone by itself
   */
  entered(peer: string, certificate: CertificateRecord, end: () => void): () => void
  /** A call on it was refused: too many of these end it. */
  refused(peer: string, certificate: CertificateRecord | undefined): void
  /** Why a connection is not let in at all; undefined for one that is, if only to be told that it was withdrawn. */
  refusal(certificate: CertificateRecord): string | undefined
}

export interface TurnedAwayPorts {
  readonly book: Pick<CertificateBook, 'isRevoked'>
  readonly guests: Pick<GuestBook, 'enter'>
  readonly clock: Pick<Clock, 'monotonic'>
}

/** By far more than a wrong role or a withdrawn agent that dials every 30 s comes to. */
const usualRefusals = { atOnce: 100, perSecond: 0.2 }
/** The refusal is on its way: who asked should read it. */
const farewellMs = 500

export function createTurnedAway({ book, guests, clock }: TurnedAwayPorts): TurnedAway {
  const allowances = new Map<string, Allowance>()
  const ends = new Map<string, () => void>()
  const mayBeRefused = ({ kind, name }: CertificateRecord) => {
    const key = `${kind}/${name}`
    const allowance = allowances.get(key) ?? createAllowance(usualRefusals)
    allowances.set(key, allowance)
    return allowance.take(clock.monotonic())
  }
  return {
    entered: (peer, certificate, end) => {
      const endSoon = () => void setTimeout(end, farewellMs).unref()
      ends.set(peer, endSoon)
      // A stream may have a later certificate than its connection: only a withdrawal ends that.
      const untilMs = () => Number.POSITIVE_INFINITY
      const leave = guests.enter({ certificate, untilMs, end: endSoon, isConnection: true })
      return () => {
        ends.delete(peer)
        leave()
      }
    },
    refused: (peer, certificate) => {
      if (certificate === undefined || mayBeRefused(certificate)) return
      ends.get(peer)?.()
      ends.delete(peer)
    },
    refusal: (certificate) =>
      book.isRevoked(certificate) && !mayBeRefused(certificate)
        ? 'this certificate was revoked, and asks again and again'
        : undefined,
  }
}
