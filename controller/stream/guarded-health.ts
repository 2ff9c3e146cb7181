/** The health service for peers with a certificate: whoever was withdrawn learns nothing, not even that. */
import type { ServerUnaryCall } from '@grpc/grpc-js'
import type { HealthHandlers } from '../../shared/rpc/generated/grpc/health/v1/Health.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import { peerOf } from '../trust/peer.ts'
import { unauthenticated } from '../trust/refusals.ts'

export function guardedHealth(handlers: HealthHandlers, book: CertificateBook): HealthHandlers {
  const refusalOf = (call: Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>) => {
    const peer = peerOf(call.getAuthContext().sslPeerCertificate)
    if (peer === undefined) return unauthenticated('no certificate of ours')
    return book.isRevoked(peer.certificate) ? unauthenticated('this certificate was revoked') : undefined
  }
  return {
    Check: (call, callback) => {
      const refusal = refusalOf(call)
      if (refusal) callback(refusal)
      else handlers.Check(call, callback)
    },
    Watch: (call) => {
      const refusal = refusalOf(call)
      if (refusal) call.emit('error', refusal)
      else handlers.Watch(call)
    },
  }
}
