/** What commands know of the world besides the controller: passed in, so that tests decide it. */
import type { CommandIo } from './io.ts'

export interface Terminal extends CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard output is a terminal. */
  readonly isTty: boolean
  /** 0 for what is not known. */
  size(): { readonly columns: number; readonly rows: number }
  /** Milliseconds; only differences mean something. */
  monotonic(): number
  /** Calls back at Ctrl-C (or SIGTERM, SIGHUP) until the returned function is called. */
  onInterrupt(listener: () => void): () => void
}

/** As much of it as a command needs that neither waits nor draws. */
export type IoAndEnv = CommandIo & Pick<Terminal, 'env'>

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The real one. */
export function processTerminal(io: CommandIo): Terminal {
  return {
    ...io,
    env: process.env,
    isTty: process.stdout.isTTY === true,
    size: () => ({ columns: process.stdout.columns ?? 0, rows: process.stdout.rows ?? 0 }),
    monotonic: () => performance.now(),
    onInterrupt: (listener) => {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    },
  }
}
