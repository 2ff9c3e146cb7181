/**
 * Connections of gRPC that end when we say so.
 *
 * grpc-js closes politely: a peer that took the connection and says nothing (its process stands still, the kernel does
 * not) keeps it for ever, one more with each attempt; and a connection that is only being made, to a host that
 * drops everything, lasts until the kernel gives up, two minutes in which a process that was told to end does not.
 * Seen with grpc-js 1.14.7. So the connection is tried out before gRPC makes it, and its socket is noted.
 */
import { connect, type Socket } from 'node:net'
import { ChannelCredentials } from '@grpc/grpc-js'

/**
 * Connects and hangs up.
 *
 * @param endpoint - host:port, an IPv6 address in brackets
 * @throws Error when nobody takes connections there within the time, or when `signal` aborts
 */
export async function tryOut(endpoint: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ ...hostAndPort(endpoint), signal })
  const timer = setTimeout(
    () => socket.destroy(new Error(`no connection to ${endpoint} within ${timeoutMs} ms`)),
    timeoutMs,
  )
  socket.once('connect', () => socket.destroy())
  socket.once('error', reject)
  socket.once('close', () => resolve())
  await promise.finally(() => clearTimeout(timer))
}

export function hostAndPort(endpoint: string): { readonly host: string; readonly port: number } {
  const colon = endpoint.lastIndexOf(':')
  return {
    host: endpoint.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(endpoint.slice(colon + 1)),
  }
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>
type ConnectorArguments = Parameters<ChannelCredentials['_createSecureConnector']>

/** As the credentials inside, and every connection made with them can be ended. */
export class OwningCredentials extends ChannelCredentials {
  private readonly inside: ChannelCredentials
  private readonly sockets = new Set<Socket>()

  constructor(inside: ChannelCredentials) {
    super()
    this.inside = inside
  }

  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  override _isSecure(): boolean {
    return this.inside._isSecure()
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(...args: ConnectorArguments): Connector {
    const connector = this.inside._createSecureConnector(...args)
    return {
      connect: (socket) => {
        this.sockets.add(socket)
        socket.once('close', () => this.sockets.delete(socket))
        return connector.connect(socket)
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    }
  }
}
