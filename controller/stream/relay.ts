/**
 * A node's stream that an operator's command carries (`pgsql-svc --ssh`), for the length of a publish.
 *
 * It is that node on the operator's word, so it can answer orders and nothing else: it gets no certificate, and is not
 * believed about leaders.
 */
import { type Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js'
import type { Logger } from '../../shared/log/logger.ts'
import { identityName } from '../../shared/pki/identity.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { version } from '../../shared/version.ts'
import { createAllowance } from './allowance.ts'
import { excessText, takeIn } from './bounded-service.ts'
import type { Session } from './session.ts'
import type { SessionHub } from './session-hub.ts'

export interface RelayOptions {
  readonly log: Logger
  readonly clock: Pick<Clock, 'monotonic'>
  readonly beat: { readonly heartbeatMs: number; readonly silenceMs: number }
}

type Call = ServerDuplexStream<AgentMessage__Output, ControllerMessage>

const helloMs = 10_000
/** As for agents, by far enough for one publish. */
const usualMessages = { atOnce: 20_000, perSecond: 500 }

/** The node that a call is about. */
export function relayedNode(metadata: Metadata): string {
  return String(metadata.get('pgsvc-node')[0] ?? '')
}

/**
 * Serves it until either side ends.
 *
 * @param signal - aborts when the caller is gone, or withdrawn
 * @returns how it came out, for the record
 */
export function serveRelay(
  call: Call,
  node: string,
  hub: SessionHub,
  options: RelayOptions,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const allowance = createAllowance(usualMessages)
  let session: Session | undefined
  let isOver = false
  const refuse = (code: number, details: string) => {
    isOver = true
    call.emit('error', { code, details })
    resolve(`refused: ${details}`)
  }
  const late = setTimeout(() => refuse(status.DEADLINE_EXCEEDED, 'no Hello'), helloMs)
  const over = (outcome: string) => {
    isOver = true
    clearTimeout(late)
    resolve(outcome)
    if (session) hub.closed(session)
    session = undefined
  }
  call.on('data', (message: AgentMessage__Output) => {
    if (isOver) return
    if (!allowance.take(options.clock.monotonic()))
      return refuse(status.RESOURCE_EXHAUSTED, 'too many messages')
    const taken = takeIn(message)
    if ('excess' in taken) return refuse(status.RESOURCE_EXHAUSTED, excessText(taken.excess))
    if (session) return isAnswer(taken.message) ? session.receive(withoutLeaders(taken.message)) : undefined
    clearTimeout(late)
    session = greet(call, node, taken.message, hub, options, refuse)
  })
  call.on('error', (error: Error) => options.log.debug({ node, err: error }, 'relay error'))
  // Without it a stream that only half-closes would stay for ever.
  call.on('end', () => call.end())
  call.on('close', () => over('ok'))
  signal.addEventListener('abort', () => over('ok'), { once: true })
  return promise
}

/** A certificate, or what is said of leaders, is for the node's own stream. */
function isAnswer({ certificateRequest, leaderReport }: AgentMessage__Output): boolean {
  return !certificateRequest && !leaderReport
}

/** What a node sees of leaders counts as its word, too. */
function withoutLeaders(message: AgentMessage__Output): AgentMessage__Output {
  const { observation } = message
  return observation ? { ...message, observation: { ...observation, leaders: [] } } : message
}

function greet(
  call: Call,
  node: string,
  { hello }: AgentMessage__Output,
  hub: SessionHub,
  { log, beat }: RelayOptions,
  refuse: (code: number, details: string) => void,
): Session | undefined {
  if (!identityName.test(node) || hello?.node !== node) {
    refuse(status.INVALID_ARGUMENT, 'the first message must be a Hello of the node that the call is about')
    return undefined
  }
  const present = hub.session(node)
  if (present) {
    const who = present.isRelayed
      ? `RELAY_BUSY: another command is at work on ${node}`
      : `NODE_CONNECTED: ${node} has an agent that is connected`
    refuse(status.ALREADY_EXISTS, who)
    return undefined
  }
  const session = hub.open(node, hello, streamOf(call))
  call.write({ nonce: '', welcome: { controllerVersion: version, node, ...beat } })
  log.info({ node, haproxyVersion: hello.haproxyVersion }, 'node connected by way of a command')
  session.start()
  return session
}

function streamOf(call: Call) {
  return {
    write: (message: ControllerMessage) => {
      if (!call.cancelled && !call.writableEnded) call.write(message)
    },
    fail: (code: number, details: string) => void call.emit('error', { code, details }),
  }
}
