/**
 * Where Patroni's callbacks are heard: one line `<event> <role> <scope>` per connection on a unix socket.
 *
 * Anybody on the node may speak here, because Patroni runs as postgres: all that a line does is to make the agent look.
 * Source: Patroni documentation, "callbacks" (on_role_change, on_start, on_stop, on_restart, on_reload).
 */
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { closedDir, makeRunDir } from '../../shared/ports/run-dir.ts'
import { type Callback, parseCallback } from './callback.ts'

const maxLineBytes = 1_024
const maxConnections = 16
const patienceMs = 1_000

export interface NotifyListener {
  readonly onCallback: (callback: Callback) => void
  /** Others than the agent's user cannot get to the socket: this directory lets them not through. */
  readonly onClosedDir: (dir: string) => void
}

/**
 * Serves until `signal` aborts. A socket that a dead agent left is replaced.
 *
 * @throws Error when the socket cannot be made; the agent goes on without it
 */
export async function serveNotifySocket(
  path: string,
  { onCallback, onClosedDir }: NotifyListener,
  signal: AbortSignal,
): Promise<void> {
  await makeRunDir(dirname(path))
  const closed = await closedDir(path)
  if (closed !== undefined) onClosedDir(closed)
  await rm(path, { force: true })
  const server = createServer((socket) => receive(socket, onCallback))
  server.maxConnections = maxConnections
  await listening(server, path)
  await chmod(path, 0o666)
  await new Promise<void>((resolve) => {
    const end = () => server.close(() => resolve())
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}

function receive(socket: Socket, onCallback: (callback: Callback) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(patienceMs, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    text += chunk
    if (text.length > maxLineBytes) return socket.destroy()
    if (!text.includes('\n')) return
    const [line = ''] = text.split('\n')
    const callback = parseCallback(line)
    if (callback) onCallback(callback)
    socket.end(callback ? 'ok\n' : 'not understood: on_role_change <role> <cluster> is expected\n')
  })
}
