/** One stream, from Hello to its end. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNap } from '../../shared/ports/nap.ts'
import { leaderHintFromWire, leaderReportToWire } from '../../shared/rpc/convert-leader.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { LeaderChannel } from '../follow/leader-channel.ts'
import type { IdentityChannel } from '../identity/renewer.ts'
import type { Report } from '../observe/report.ts'
import type { AgentState } from '../state/state-file.ts'
import type { OpenStream } from './connect.ts'
import { observationMessage, orderOf, standingOf } from './messages.ts'
import type { Worker } from './worker.ts'

export interface StreamPorts {
  readonly clock: Clock
  readonly log: Logger
  readonly worker: Worker
  readonly leaders: Pick<LeaderChannel, 'attach' | 'detach' | 'hint'>
  readonly identity: IdentityChannel
  readonly observe: () => Promise<Report>
  /** What is remembered now. */
  readonly state: () => AgentState
}

export interface StreamOptions {
  readonly node: string
  /** Of the controller, host:port. */
  readonly address: string
  readonly hello: AgentMessage
  /** How long a Welcome may take. */
  readonly welcomeTimeoutMs: number
  readonly onWelcome?: () => void
  /** Again and again while the stream lives; told in how many milliseconds the next time will be. */
  readonly onTurn?: (nextInMs: number) => void
}

export interface StreamEnd {
  /** The controller took us in. */
  readonly welcomed: boolean
  readonly reason: string
}

/** @returns when the stream is over, whoever ended it; never rejects */
export async function runStream(
  ports: StreamPorts,
  { stream, close }: OpenStream,
  options: StreamOptions,
  signal: AbortSignal,
): Promise<StreamEnd> {
  const { clock, worker, log } = ports
  const over = new AbortController()
  const nap = createNap(clock)
  let reason = ''
  let welcomed = false
  let lastHeard = clock.monotonic()
  let silenceMs = options.welcomeTimeoutMs
  const end = (why: string) => {
    if (over.signal.aborted) return
    reason = why
    over.abort()
  }
  const send = (message: AgentMessage) => {
    if (!over.signal.aborted) stream.write(message)
  }
  const stop = () => end('the agent is stopping')
  signal.addEventListener('abort', stop, { once: true })
  stream.on('error', (error) => end(error.message))
  stream.on('end', () => end('the controller ended the stream'))
  stream.on('close', () => end('the connection closed'))
  stream.on('data', (message: ControllerMessage__Output) => {
    lastHeard = clock.monotonic()
    if (!message.welcome) return take(message)
    const { node, heartbeatMs, controllerVersion } = message.welcome
    if (node !== options.node) return end(`the controller knows this node as ${node}, not ${options.node}`)
    log.info({ controllerVersion }, 'connected')
    silenceMs = message.welcome.silenceMs || silenceMs
    nap.wake()
    if (welcomed) return
    welcomed = true
    options.onWelcome?.()
    void beat(heartbeatMs || 5_000)
    ports.leaders.attach((report) => send({ leaderReport: leaderReportToWire(report) }))
    ports.identity.attach(send, options.address)
  })
  const take = (message: ControllerMessage__Output) => {
    if (message.certificate) return ports.identity.answered(message.certificate)
    if (message.renewCertificate) return ports.identity.renewNow()
    if (message.leaderHint) return ports.leaders.hint(leaderHintFromWire(message.leaderHint))
    try {
      const order = orderOf(message)
      if (order) worker.receive(order)
    } catch (error) {
      end(
        `the controller sent what cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  let told = ''
  const news = () => {
    const standing = standingOf(ports.state())
    const text = JSON.stringify(standing)
    const isNew = text !== told
    told = text
    return isNew ? standing : null
  }
  const observe = async () => {
    // In the middle of an apply files and workers are neither old nor new.
    if (worker.isBusy()) return
    const observed = await ports.observe()
    if (!worker.isBusy()) send(observationMessage(observed, news()))
  }
  const observeQuietly = () =>
    observe().catch((err: unknown) => log.warn({ err }, 'HAProxy and its files could not be looked at'))
  const beat = async (heartbeatMs: number) => {
    while (!over.signal.aborted) {
      options.onTurn?.(heartbeatMs)
      send({ heartbeat: {} })
      worker.sweep()
      await observe().catch((err: unknown) =>
        log.warn({ err }, 'HAProxy and its files could not be looked at'),
      )
      await clock.sleep(heartbeatMs, over.signal)
    }
  }
  const watch = async () => {
    while (!over.signal.aborted) {
      const leftMs = lastHeard + silenceMs - clock.monotonic()
      options.onTurn?.(leftMs)
      if (leftMs > 0) await nap.sleep(leftMs, over.signal)
      else end(`nothing heard for ${silenceMs} ms`)
    }
  }
  worker.attach(send, () => void observeQuietly())
  send(options.hello)
  if (signal.aborted) stop()
  await watch()
  signal.removeEventListener('abort', stop)
  worker.detach()
  ports.leaders.detach()
  ports.identity.detach()
  close()
  return { welcomed, reason }
}
