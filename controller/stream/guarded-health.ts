/** The health service for peers with a certificate: whoever was withdrawn learns nothing, not even that. */
import type { ServerUnaryCall } from '@grpc/grpc-js'
import type { Clock } from '../../shared/ports/clock.ts'
import type { HealthHandlers } from '../../shared/rpc/generated/grpc/health/v1/Health.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import type { GuestBook } from '../trust/guest-book.ts'
import { peerOf } from '../trust/peer.ts'
import { unauthenticated } from '../trust/refusals.ts'
import type { TurnedAway } from '../trust/turned-away.ts'

export interface HealthDoor {
  readonly book: CertificateBook
  readonly guests: GuestBook
  readonly turnedAway: Pick<TurnedAway, 'refused'>
  readonly clock: Pick<Clock, 'now'>
}

type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'getPeer'>

export function guardedHealth(
  handlers: HealthHandlers,
  { book, guests, turnedAway, clock }: HealthDoor,
): HealthHandlers {
  const refusalOf = (call: Call) => {
    const certificate = peerOf(call.getAuthContext().sslPeerCertificate)?.certificate
    if (certificate === undefined) return unauthenticated('no certificate of ours')
    if (book.isRevoked(certificate)) return unauthenticated('this certificate was revoked')
    return certificate.notAfterMs <= clock.now() ? unauthenticated('this certificate has expired') : undefined
  }
  const admit = (call: Call) => {
    const refusal = refusalOf(call)
    const certificate = peerOf(call.getAuthContext().sslPeerCertificate)?.certificate
    if (refusal) turnedAway.refused(call.getPeer(), certificate)
    return { refusal, certificate }
  }
  return {
    Check: (call, callback) => {
      const { refusal } = admit(call)
      if (refusal) callback(refusal)
      else handlers.Check(call, callback)
    },
    Watch: (call) => {
      const { refusal, certificate } = admit(call)
      if (refusal || !certificate) {
        call.emit('error', refusal)
        return
      }
      const leave = guests.enter({
        certificate,
        untilMs: () => certificate.notAfterMs,
        end: (why) => void call.emit('error', unauthenticated(why)),
      })
      call.on('close', leave)
      handlers.Watch(call)
    },
  }
}
