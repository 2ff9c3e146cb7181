/**
 * The TLS listener: at most so many handshakes at once.
 *
 * A handshake costs 4-5 ms of CPU. When thousands of agents dial together, serving all at once means that all
 * time out and dial again, for ever; a bounded number at a time lets every one in. grpc-js cannot hold
 * connections back itself, so it is given finished TLS sockets.
 */

import { constants } from 'node:crypto'
import { createServer, type Server, Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Logger } from '../../shared/log/logger.ts'
import { bundleOf } from '../../shared/pki/authorities.ts'
import type { TlsIdentity } from '../trust/tls-files.ts'

export interface TlsGateOptions extends TlsIdentity {
  readonly maxHandshakes: number
  /** Connections that wait for their handshake; more are closed at once, and dial again. */
  readonly maxWaiting?: number
  readonly handshakeMs?: number
  /** A peer that waited longer has given up by itself. */
  readonly maxWaitMs?: number
}

export interface TlsGate {
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /** Handshakes under way now. */
  readonly inFlight: number
  /** For all handshakes from now on; who is inside by an authority that is gone has to leave. @throws Error when they do not belong together */
  use(identity: TlsIdentity): void
  /** No new connections; those handed over stay. */
  close(): void
}

interface Waiting {
  readonly socket: Socket
  readonly sinceMs: number
}

export function createTlsGate(
  options: TlsGateOptions,
  onSecure: (socket: TLSSocket) => void,
  log: Logger,
  onRefused: (origin: string, reason: string) => void = () => undefined,
): TlsGate {
  const { maxHandshakes, maxWaiting = 8_192, handshakeMs = 10_000, maxWaitMs = 15_000 } = options
  const waiting: Waiting[] = []
  const handshaking = new Map<string, () => void>()
  const tls = createTlsServer({
    ...contextOf(options),
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeMs,
  })
  tls.on('secureConnection', (socket) => {
    handshaking.get(peerKey(socket))?.()
    onSecure(socket)
  })
  tls.on('tlsClientError', (error, socket) => {
    const peer = addressOf(socket)
    log.info({ peer, err: error }, 'TLS handshake failed')
    onRefused(peer, handshakeFault(error))
    // tls.Server only tells: a peer that says nothing would keep its file descriptor for ever.
    socket.destroy()
  })

  const next = (): void => {
    while (handshaking.size < maxHandshakes) {
      const entry = waiting.shift()
      if (!entry) return
      if (entry.socket.destroyed || performance.now() - entry.sinceMs > maxWaitMs) entry.socket.destroy()
      else begin(entry.socket)
    }
  }

  const begin = (socket: Socket): void => {
    const key = peerKey(socket)
    const done = () => {
      if (handshaking.get(key) !== done) return
      clearTimeout(timer)
      handshaking.delete(key)
      next()
    }
    // tls.Server ends a slow handshake itself; this one only makes sure that no slot is ever lost.
    const timer = setTimeout(done, handshakeMs + 1_000)
    handshaking.set(key, done)
    socket.once('close', done)
    tls.emit('connection', socket)
  }

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', () => undefined) // a reset shows as a close; there is nobody else to tell
    if (waiting.length >= maxWaiting) {
      socket.destroy()
      return
    }
    waiting.push({ socket, sinceMs: performance.now() })
    next()
  })
  // Without a listener an accept that failed (no file descriptors left) would end the controller.
  server.on('error', (error) => log.error({ err: error }, 'cannot accept connections'))

  return {
    listen: (host, port) => listen(server, host, port),
    get inFlight() {
      return handshaking.size
    },
    use: (identity) => tls.setSecureContext(contextOf(identity)),
    close: () => {
      server.close()
      for (const { socket } of waiting.splice(0)) socket.destroy()
    },
  }
}

function contextOf({ authorities, cert, key }: TlsIdentity) {
  return {
    ...{ ca: bundleOf(authorities), cert, key },
    minVersion: 'TLSv1.3' as const,
    // A resumed session would not show its certificate to the verification again.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}

/** A TLS socket whose peer is gone has forgotten its address; the one below remembers, once it was asked. */
function addressOf(socket: TLSSocket): string {
  const below: unknown = Reflect.get(socket, '_parent')
  return socket.remoteAddress ?? (below instanceof Socket ? below.remoteAddress : undefined) ?? ''
}

/** OpenSSL's reason, e.g. `certificate has expired`; Node's code for what has none. */
function handshakeFault(error: Error): string {
  const { reason, code } = error as Error & { reason?: string; code?: string } // as Node makes them
  return reason ?? code ?? error.message
}

function peerKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

function listen(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve({ host, port: typeof address === 'object' && address ? address.port : port })
    })
  })
}
