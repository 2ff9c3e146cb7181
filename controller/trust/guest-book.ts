/**
 * Streams and calls that are open, by the certificate they came with: who is withdrawn is shown out at once, and whose
 * time is over soon after.
 */
import type { CertificateRecord } from '../store/trust-store.ts'

export interface Guest {
  readonly certificate: CertificateRecord
  /** Until when it may stay, milliseconds since 1970. */
  readonly untilMs: () => number
  /** Ends it from our side. */
  readonly end: (why: string) => void
  /** A whole connection: it goes with its streams and calls, and is not counted beside them. */
  readonly isConnection?: true
}

export interface GuestBook {
  /** @returns to be called when it has gone by itself */
  enter(guest: Guest): () => void
  /** Shows out those whom `why` names a reason for. @returns how many streams and calls */
  showOut(why: (guest: Guest) => string | undefined): number
}

export function createGuestBook(): GuestBook {
  const guests = new Set<Guest>()
  return {
    enter: (guest) => {
      guests.add(guest)
      return () => void guests.delete(guest)
    },
    showOut: (why) => {
      let count = 0
      for (const guest of [...guests]) {
        const reason = why(guest)
        if (reason === undefined) continue
        guests.delete(guest)
        guest.end(reason)
        if (!guest.isConnection) count += 1
      }
      return count
    },
  }
}
