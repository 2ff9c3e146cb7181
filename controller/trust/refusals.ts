/** What a call without the right certificate is answered. */
import { status } from '@grpc/grpc-js'

export function permissionDenied(details: string) {
  return { code: status.PERMISSION_DENIED, details }
}

/** What a call is answered whose certificate does not count, or no longer. */
export function unauthenticated(details: string) {
  return { code: status.UNAUTHENTICATED, details }
}
