/** Keeps a stream up: any of the controllers, again and again, with full jitter. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { backoffMs } from '../../shared/retry/backoff.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { Report } from '../observe/report.ts'
import type { AgentState } from '../state/state-file.ts'
import type { OpenStream } from './connect.ts'
import { runStream, type StreamPorts } from './stream.ts'
import type { Worker } from './worker.ts'

export interface SessionPorts {
  readonly clock: Clock
  readonly log: Logger
  readonly worker: Worker
  readonly leaders: StreamPorts['leaders']
  readonly identity: StreamPorts['identity']
  readonly observe: () => Promise<Report>
  /** What is remembered now. */
  readonly state: () => AgentState
  /** What to say first on a new stream. */
  readonly hello: () => Promise<AgentMessage>
  readonly open: (address: string) => Promise<OpenStream>
  /** In [0, 1). */
  readonly random: () => number
  /** Who wants to know how the session is. */
  readonly onTurn?: (nextInMs: number) => void
  readonly onConnected?: (address: string) => void
  readonly onAway?: (address: string, reason: string) => void
}

export interface SessionOptions {
  readonly node: string
  /** host:port, tried in turn. */
  readonly controllers: readonly string[]
  readonly welcomeTimeoutMs: number
  /** A stream that lived this long was good: the next attempt comes soon again. */
  readonly stableMs: number
}

/** @returns when `signal` aborts, with nothing of the session left running but an apply in hand */
export async function runSession(
  ports: SessionPorts,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<void> {
  let attempt = 0
  for (let turn = 0; !signal.aborted; turn += 1) {
    const address = options.controllers[turn % options.controllers.length] ?? ''
    const startedAt = ports.clock.monotonic()
    const { welcomed, reason } = await oneStream(ports, options, address, signal)
    if (signal.aborted) return
    ports.onAway?.(address, reason)
    if (welcomed && ports.clock.monotonic() - startedAt >= options.stableMs) attempt = 0
    const delayMs = backoffMs(attempt, ports.random())
    ports.log.warn({ address, reason, attempt, delayMs }, 'no stream to the controller')
    attempt += 1
    await ports.clock.sleep(delayMs, signal)
  }
}

async function oneStream(
  ports: SessionPorts,
  { node, welcomeTimeoutMs }: SessionOptions,
  address: string,
  signal: AbortSignal,
): Promise<{ welcomed: boolean; reason: string }> {
  ports.onTurn?.(welcomeTimeoutMs)
  try {
    // An apply that outlived the stream before: the Hello must say what came of it.
    await ports.worker.idle()
    const hello = await ports.hello()
    const open = await ports.open(address)
    const told = { onWelcome: () => ports.onConnected?.(address), onTurn: (ms: number) => ports.onTurn?.(ms) }
    return await runStream(ports, open, { node, address, hello, welcomeTimeoutMs, ...told }, signal)
  } catch (error) {
    return { welcomed: false, reason: error instanceof Error ? error.message : String(error) }
  }
}
