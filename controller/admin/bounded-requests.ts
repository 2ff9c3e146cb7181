/** What an operator asks for is some words; only Relay, which carries a node's stream, brings more and bounds it itself. */
import type { AdminServiceDefinition } from '../../shared/rpc/generated/pgsvc/v1/AdminService.ts'
import { boundedMethod } from '../stream/bounded-service.ts'

/** 20,000 nodes by name are a third of it. */
export const maxRequestBytes = 1 << 20

/** The service, so that a request beyond `maxRequestBytes` is refused before anybody takes it apart. */
export function boundedRequests(service: AdminServiceDefinition): AdminServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => [name, bounded(method)])
  return { ...service, ...Object.fromEntries(methods), Relay: boundedMethod(service.Relay) }
}

function bounded<Method extends { requestDeserialize: (bytes: Buffer) => unknown }>(method: Method): Method {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => {
      if (bytes.length > maxRequestBytes)
        throw new Error(`a request has at most ${maxRequestBytes} bytes, this one ${bytes.length}`)
      return method.requestDeserialize(bytes)
    },
  }
}
