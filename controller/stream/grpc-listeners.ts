/** Where the controller can be reached: TLS for agents and operators, unix sockets for local operators. */

import { X509Certificate } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { makeRunDir } from '../../shared/ports/run-dir.ts'
import { createConnectionLimits } from './connection-limits.ts'
import { createTlsGate, type TlsGate, type TlsGateOptions } from './tls-gate.ts'

/** How many connections are let in. */
export interface TlsLimits {
  readonly maxConnections: number
  /** Of one name in certificates. */
  readonly maxPerOwner: number
}

/** Who is let in, of those whose certificate comes from an authority that is trusted. */
export interface Doorkeeper {
  /** @returns why not; undefined for one of ours */
  refusal(shown: PeerCertificate): string | undefined
  /** A connection was let in. @param peer - its address and port @returns to be called when it has gone */
  entered(peer: string, shown: PeerCertificate, end: () => void): () => void
  /** A connection was not let in, here or in its handshake. */
  refusedConnection(origin: string, reason: string): void
}

/** Connections come from the gate with their handshake done; the gRPC server sees the TLS socket itself. */
export function tlsListener(
  server: Server,
  options: TlsGateOptions & TlsLimits,
  log: Logger,
  doorkeeper: Doorkeeper,
): TlsGate {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const limits = createConnectionLimits(options.maxConnections, options.maxPerOwner)
  /** With the certificate that each was let in by, DER. */
  const inside = new Map<TLSSocket, Buffer>()
  const gate = createTlsGate(
    options,
    (socket) => {
      socket.on('error', (error) => log.debug({ err: error }, 'connection error'))
      const shown = socket.getPeerCertificate()
      const owner = shown.subjectaltname ?? ''
      const refusal = doorkeeper.refusal(shown) ?? limits.enter(owner)
      if (refusal) {
        log.info({ peer: socket.remoteAddress, reason: refusal }, 'connection refused')
        doorkeeper.refusedConnection(socket.remoteAddress ?? '', refusal)
        socket.destroy()
        return
      }
      inside.set(socket, shown.raw)
      // As getPeer() of grpc-js has it.
      const peer = `${socket.remoteAddress}:${socket.remotePort}`
      const leave = doorkeeper.entered(peer, shown, () => socket.destroy())
      socket.once('close', () => {
        inside.delete(socket)
        leave()
        limits.leave(owner)
      })
      injector.injectConnection(socket)
    },
    log,
    doorkeeper.refusedConnection,
  )
  return {
    ...gate,
    get inFlight() {
      return gate.inFlight
    },
    use: (identity) => {
      // Handshakes look at chains only once: who came in by an authority that is trusted no more would stay for ever.
      // Who that is comes first: whatever fails must fail before anything is in force.
      const leaving = [...inside].filter(([, raw]) => !isSignedByOneOf(raw, identity.authorities))
      gate.use(identity)
      for (const [socket] of leaving) {
        log.info({ peer: socket.remoteAddress }, 'connection ended: its authority is trusted no more')
        socket.destroy()
      }
    },
  }
}

function isSignedByOneOf(raw: Buffer, authorities: readonly X509Certificate[]): boolean {
  const certificate = new X509Certificate(raw)
  return authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  )
}

/** Who may open a unix socket. */
export interface SocketAccess {
  /** Of the file, e.g. 0o600. */
  readonly mode: number
  /** The file's group; absent: the process's own. */
  readonly gid?: number
}

export interface UnixListener {
  /** No new connections. */
  close(): void
}

/**
 * Listens on a unix socket. Who may open it is decided by the kernel, by the mode of the file.
 *
 * @param onConnection - sees each connection before any call of it, and says why it is not let in
 * @throws AppError `ALREADY_RUNNING` when somebody answers there, `SOCKET_UNUSABLE`
 */
export async function listenUnix(
  server: Server,
  path: string,
  access: SocketAccess,
  onConnection: (socket: Socket) => string | undefined,
  log: Logger,
): Promise<UnixListener> {
  await removeStale(path)
  await makeRunDir(dirname(path))
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const listener = createServer((socket) => {
    socket.on('error', () => undefined) // a reset shows as a close; there is nobody else to tell
    const refusal = onConnection(socket)
    if (refusal !== undefined) {
      log.info({ path, reason: refusal }, 'connection refused')
      socket.destroy()
      return
    }
    injector.injectConnection(socket)
  })
  // The mode has to be right from the first moment, not only after the chmod: nobody but the owner.
  const umask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(path, resolve)
    })
    listener
      .removeAllListeners('error')
      .on('error', (error) => log.error({ err: error, path }, 'cannot accept'))
    if (access.gid !== undefined) chownSync(path, process.getuid?.() ?? 0, access.gid)
    chmodSync(path, access.mode)
  } catch (cause) {
    listener.close()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('SOCKET_UNUSABLE', `cannot listen on ${path}: ${why}`, { cause })
  } finally {
    process.umask(umask)
  }
  return { close: () => void listener.close() }
}

async function removeStale(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return
  if (!stats.isSocket()) {
    throw new AppError('SOCKET_UNUSABLE', `${path} is there and is no socket`, {
      hint: 'choose another socket',
    })
  }
  if (await answers(path)) {
    throw new AppError('ALREADY_RUNNING', `a controller answers on ${path} already`, {
      hint: 'stop it first, or choose another socket',
    })
  }
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => end(true)) // it accepts but says nothing: somebody is there
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
