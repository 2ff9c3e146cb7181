/** New connections at a steady rate, whatever becomes of those before, and who answered them. */
import { connect } from 'node:net'

const EVERY_MS = 5
/** Longer than HAProxy itself keeps a client waiting: what it refuses it ends, and a slow machine refuses nothing. */
const PATIENCE_MS = 30_000

export interface Tally {
  connections: number
  /** Begun and not ended yet. */
  open: number
  /** Answered by another member than the one that leads. */
  stray: number
  /** Not answered at all. */
  refused: number
  /** When the leader answered first, as `performance.now()` says it. */
  firstLedMs: number | undefined
}

export function newTally(): Tally {
  return { connections: 0, open: 0, stray: 0, refused: 0, firstLedMs: undefined }
}

export interface Clients {
  /** What is connected from now on is counted there; connections before keep their place. */
  countIn(tally: Tally): void
  /** Resolves when every connection that is counted there has ended; count in another one before. */
  ended(tally: Tally): Promise<void>
  /** Resolves when the last connection has ended. */
  stop(): Promise<void>
}

/** @param leader - its answer */
export function startClients(port: number, leader: string): Clients {
  let tally = newTally()
  const open = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const mine = tally
    mine.open += 1
    const done = ask(port).then((answer) => {
      mine.open -= 1
      mine.connections += 1
      if (answer === leader) mine.firstLedMs ??= performance.now()
      else if (answer === '') mine.refused += 1
      else mine.stray += 1
      open.delete(done)
    })
    open.add(done)
  }, EVERY_MS)
  return {
    countIn(next) {
      tally = next
    },
    async ended(mine) {
      while (mine.open > 0) await Promise.race(open)
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

/** The server's greeting; '' for none. */
async function ask(port: number): Promise<string> {
  return await new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', timeout: PATIENCE_MS })
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text.trim()))
  })
}
