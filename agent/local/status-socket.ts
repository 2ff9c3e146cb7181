/**
 * Where `pgsvc agent status` asks the agent on the same node: a socket in its state directory, for the agent's user alone.
 * Whoever connects is told the status as JSON; nothing can be said to it.
 */

import { chmod, mkdir, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { LocalStatus } from './local-status.ts'

const maxConnections = 4
const patienceMs = 10_000

function socketIn(stateDir: string): string {
  return join(stateDir, 'status.sock')
}

/**
 * Serves until `signal` aborts. What a dead agent left is replaced: there is one agent on a state directory.
 *
 * @throws Error when the socket cannot be made; the agent goes on without it
 */
export async function serveStatus(
  stateDir: string,
  status: () => Promise<LocalStatus>,
  signal: AbortSignal,
): Promise<void> {
  const path = socketIn(stateDir)
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  await rm(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.setTimeout(patienceMs, () => socket.destroy())
    void status().then(
      (found) => socket.end(JSON.stringify(found)),
      () => socket.destroy(),
    )
  })
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
  await chmod(path, 0o600)
  await new Promise<void>((resolve) => {
    const end = () => server.close(() => resolve())
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

/**
 * @returns undefined when no agent answers
 * @throws AppError `STATUS_REFUSED` when it may not be asked; Error when it is silent
 */
export async function askStatus(stateDir: string): Promise<LocalStatus | undefined> {
  try {
    const text = await readAll(connect({ path: socketIn(stateDir) }))
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    if (code !== 'EACCES') throw error
    throw new AppError('STATUS_REFUSED', `${stateDir} is root's: this user may not ask the agent`, {
      hint: 'run the command as root or with sudo',
      cause: error,
    })
  }
}

function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('the agent does not answer')))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('error', reject)
    socket.once('end', () => resolve(text))
  })
}
