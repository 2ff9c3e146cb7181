/**
 * One command on one of HAProxy's unix sockets.
 *
 * The connection is closed in our direction right after the command: without that the master socket keeps
 * `show proc` open for ever. Seen on 2.6: the master resets the connection on `reload`, which is no failure
 * of the reload; so what was read until then is the answer. When nothing was, nobody knows whether the command
 * was taken.
 */
import { connect } from 'node:net'
import type { Clock } from '../../shared/ports/clock.ts'

export interface Cli {
  /**
   * @param path - of the unix socket
   * @returns everything HAProxy answered
   * @throws Error with `code` (`ECONNREFUSED`, `ENOENT`, `EAGAIN`, `ETIMEDOUT`, `ECONNRESET`) when nobody is seen to take the
   *   command
   */
  ask(path: string, command: string, timeoutMs: number): Promise<string>
}

const maxAnswerBytes = 64 << 20

/** Real sockets. */
export function systemCli(): Cli {
  return {
    ask: (path, command, timeoutMs) =>
      new Promise((resolve, reject) => {
        const socket = connect({ path, allowHalfOpen: true })
        const chunks: Buffer[] = []
        let bytes = 0
        const finish = (error?: Error) => {
          clearTimeout(timer)
          socket.destroy()
          if (error) reject(error)
          else resolve(Buffer.concat(chunks).toString('utf8'))
        }
        const timer = setTimeout(
          () => finish(socketError('ETIMEDOUT', `no answer from ${path} within ${timeoutMs} ms`)),
          timeoutMs,
        )
        socket.on('connect', () => socket.end(`${command}\n`))
        socket.on('data', (chunk) => {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > maxAnswerBytes) finish(socketError('EMSGSIZE', `${path} answers without end`))
        })
        socket.on('end', () => finish())
        socket.on('error', (error) => finish(bytes > 0 && isReset(error) ? undefined : error))
      }),
  }
}

/** As `cli`, but no command goes on after `deadline`, in milliseconds of the monotonic clock. */
export function untilDeadline(cli: Cli, clock: Pick<Clock, 'monotonic'>, deadline: number): Cli {
  return {
    async ask(path, command, timeoutMs) {
      const leftMs = Math.min(timeoutMs, deadline - clock.monotonic())
      if (leftMs <= 0) throw socketError('ETIMEDOUT', `no time is left to ask ${path}`)
      return await cli.ask(path, command, leftMs)
    },
  }
}

/** Somebody is there and did not answer, or does not even accept any more: `EAGAIN` is a full backlog. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ETIMEDOUT' || error.code === 'EAGAIN')
}

/** Whoever took the connection is gone. */
export function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

function socketError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
