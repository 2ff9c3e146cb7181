/** TCP sessions that last, and servers with a health check beside them. */
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { until } from './haproxy-lab.ts'

export interface Session {
  /** What the server said first. */
  readonly greeting: string
  /** Milliseconds since 1970 when it ended; undefined while it is open. */
  endedAtMs(): number | undefined
  close(): void
}

/** Connects and waits for the server's first words. */
export async function openSession(port: number): Promise<Session> {
  let greeting = ''
  let endedAtMs: number | undefined
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('data', (chunk) => {
    greeting += String(chunk)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    endedAtMs = Date.now()
  })
  await until(() => greeting.endsWith('\n') || endedAtMs !== undefined, 5_000)
  return { greeting: greeting.trim(), endedAtMs: () => endedAtMs, close: () => socket.destroy() }
}

/** A database server that keeps its sessions, and a health check of its own, as Patroni is one. */
export interface CheckedServer {
  readonly port: number
  readonly checkPort: number
  /** The check's answer from now on; 0 for none, as after `kill -9` of Patroni alone. */
  answer(code: number): Promise<void>
  close(): Promise<void>
}

export async function startCheckedServer(name: string, code = 200): Promise<CheckedServer> {
  let answer = code
  const database = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write(`${name}\n`)
  })
  const check = createHttpServer((_request, response) => {
    response.writeHead(answer).end()
  })
  const port = await listen(database, 0)
  const checkPort = await listen(check, 0)
  const closeCheck = () =>
    new Promise<void>((resolve) => {
      check.close(() => resolve())
      check.closeAllConnections()
    })
  return {
    port,
    checkPort,
    async answer(next) {
      answer = next
      if (next === 0) await closeCheck()
      else if (!check.listening) await listen(check, checkPort)
    },
    async close() {
      if (check.listening) await closeCheck()
      await new Promise<void>((resolve) => database.close(() => resolve()))
    },
  }
}

async function listen(server: Pick<Server, 'listen' | 'address' | 'once'>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
