/** One SSH connection to a node: commands on it, and its end. */
import type { Duplex, Readable } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { AppError } from '../../shared/errors/app-error.ts'

export interface Ended {
  /** Exit status; null when a signal ended the command or the connection was lost. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs on the other side. */
export interface RemoteCommand {
  /** Its standard input and output. */
  readonly channel: Duplex
  readonly stderr: Readable
  /** What it has said on standard error before it was handed out. */
  readonly said: string
  /** Exit status; null when a signal ended it. Rejects with `SSH_LOST` when the connection was lost before it ended. */
  readonly ended: Promise<number | null>
}

export interface SshSession {
  /** For messages: `user@host:port`. */
  readonly peer: string
  /** Account on the other side. */
  readonly user: string
  /** @throws AppError `SSH_LOST`, `SSH_FAILED` */
  start(command: string): Promise<RemoteCommand>
  close(): void
}

/** A connection that has been made. */
export function sessionOver(client: Client, peer: string, user: string, alsoClose: () => void): SshSession {
  let lost: string | undefined
  client.on('error', (error) => {
    lost ??= error.message
  })
  client.on('close', () => {
    lost ??= 'the other side closed it'
  })
  const lostError = () =>
    new AppError('SSH_LOST', `the connection to ${peer} was lost: ${lost ?? 'no reason is known'}`, {
      hint: 'nothing is half-written under its final name: run the same command again',
    })
  return {
    peer,
    user,
    start: (command) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lostError())
        // A connection that dies while the channel is opened calls nobody back.
        const onClose = () => reject(lostError())
        client.once('close', onClose)
        try {
          client.exec(command, (error, channel) => {
            client.off('close', onClose)
            if (error && lost !== undefined) reject(lostError())
            else if (error)
              reject(new AppError('SSH_FAILED', `${peer} does not start a command: ${error.message}`))
            else resolve(commandOver(channel, lostError))
          })
        } catch {
          reject(lostError())
        }
      }),
    close: () => {
      client.end()
      alsoClose()
    },
  }
}

function commandOver(channel: ClientChannel, lostError: () => AppError): RemoteCommand {
  const ended = new Promise<number | null>((resolve, reject) => {
    let status: number | null | undefined
    channel.on('exit', (code: number | null) => {
      status = code
    })
    channel.on('close', () => (status === undefined ? reject(lostError()) : resolve(status)))
    // Input that nobody reads any more: the end says why.
    channel.on('error', () => undefined)
  })
  ended.catch(() => undefined)
  return { channel, stderr: channel.stderr, said: '', ended }
}
