/** Clients of a service through HAProxy: short connections at a steady rate, and some that stay for a while. */
import { connect, createServer } from 'node:net'

const EVERY_MS = 10
/** Each so many-th stays. */
const STAYING = 20
const STAY_MS = 2_000
const PATIENCE_MS = 5_000

export interface Counts {
  connections: number
  /** Nothing was there, or it hung up on us before a word. */
  refused: number
  /** No answer in time. */
  silent: number
  /** Broken in the middle of a session. */
  cut: number
}

export function newCounts(): Counts {
  return { connections: 0, refused: 0, silent: 0, cut: 0 }
}

export interface Traffic {
  /** What is connected from now on is counted there. */
  countIn(counts: Counts): void
  /** Resolves when the last session has ended. */
  stop(): Promise<void>
}

export function startTraffic(port: number): Traffic {
  let counts = newCounts()
  let number = 0
  const open = new Set<Promise<void>>()
  const timer = setInterval(() => {
    number += 1
    const done: Promise<void> = session(port, number % STAYING === 0 ? STAY_MS : 0, counts).finally(() =>
      open.delete(done),
    )
    open.add(done)
  }, EVERY_MS)
  return {
    countIn(next) {
      counts = next
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

async function session(port: number, stayMs: number, counts: Counts): Promise<void> {
  counts.connections += 1
  await new Promise<void>((resolve) => {
    let isGreeted = false
    let isOurEnd = false
    const socket = connect({ port, host: '127.0.0.1', timeout: PATIENCE_MS })
    socket.once('data', () => {
      isGreeted = true
      setTimeout(() => {
        isOurEnd = true
        socket.end()
      }, stayMs)
    })
    socket.on('timeout', () => {
      if (!isGreeted) counts.silent += 1
      isOurEnd = true
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (!isOurEnd) counts[isGreeted ? 'cut' : 'refused'] += 1
      resolve()
    })
  })
}

/** A server that greets and stays until its client goes. */
export async function startGreeter(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.write('hello\n')
    socket.on('error', () => undefined)
    socket.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => void server.close(),
  }
}
