/** Where the controller can be reached: TLS for agents and operators, a unix socket for local operators. */

import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { createTlsGate, type TlsGate, type TlsGateOptions } from './tls-gate.ts'

/** Connections come from the gate with their handshake done; the gRPC server sees the TLS socket itself. */
export function tlsListener(server: Server, options: TlsGateOptions, log: Logger): TlsGate {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return createTlsGate(
    options,
    (socket) => {
      socket.on('error', (error) => log.debug({ err: error }, 'connection error'))
      injector.injectConnection(socket)
    },
    log,
  )
}

/**
 * Listens on a unix socket with mode 0660. Who may open it is an operator.
 *
 * @throws AppError `ALREADY_RUNNING` when somebody answers there, `SOCKET_UNUSABLE`
 */
export async function listenUnix(server: Server, path: string): Promise<void> {
  await removeStale(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  // The mode has to be right from the first moment, not only after the chmod.
  const umask = process.umask(0o117)
  try {
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      )
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('SOCKET_UNUSABLE', `cannot listen on ${path}: ${why}`, { cause })
  } finally {
    process.umask(umask)
  }
  chmodSync(path, 0o660)
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
