/** The agents' service: from gRPC calls to sessions. Identity comes from the certificate alone. */
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import type { Logger } from '../../shared/log/logger.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { AgentServiceHandlers } from '../../shared/rpc/generated/pgsvc/v1/AgentService.ts'
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import { version } from '../../shared/version.ts'
import type { AgentStream } from './agent-stream.ts'
import { identityOf, permissionDenied } from './identity.ts'
import type { Session } from './session.ts'
import type { SessionHub } from './session-hub.ts'

export interface AgentServiceOptions {
  readonly heartbeatMs: number
  readonly silenceMs: number
  /** A stream that has not said Hello by then is ended. */
  readonly helloMs?: number
  readonly log: Logger
}

type Call = ServerDuplexStream<AgentMessage__Output, ControllerMessage>

export function agentService(hub: SessionHub, options: AgentServiceOptions): AgentServiceHandlers {
  return {
    Connect: (call) => {
      const identity = identityOf(call)
      // Without it a stream that only half-closes would stay for ever.
      call.on('end', () => call.end())
      if (identity?.kind !== 'node') {
        call.emit('error', permissionDenied('only a node certificate may connect as an agent'))
        return
      }
      serveNode(call, identity.name, hub, options)
    },
  }
}

function serveNode(call: Call, node: string, hub: SessionHub, options: AgentServiceOptions): void {
  const { log, helloMs = 10_000 } = options
  let session: Session | undefined
  const late = setTimeout(
    () => call.emit('error', { code: status.DEADLINE_EXCEEDED, details: 'no Hello' }),
    helloMs,
  )
  call.on('data', (message: AgentMessage__Output) => {
    if (session) return session.receive(message)
    clearTimeout(late)
    session = greet(call, node, message.hello ?? undefined, hub, options)
  })
  call.on('error', (error: Error) => log.debug({ node, err: error }, 'stream error'))
  call.on('close', () => {
    clearTimeout(late)
    if (!session) return
    hub.closed(session)
    log.info({ node }, 'agent disconnected')
  })
}

function greet(
  call: Call,
  node: string,
  hello: Hello__Output | undefined,
  hub: SessionHub,
  { heartbeatMs, silenceMs, log }: AgentServiceOptions,
): Session | undefined {
  if (!hello) {
    call.emit('error', { code: status.INVALID_ARGUMENT, details: 'the first message must be a Hello' })
    return undefined
  }
  if (hello.node !== node) {
    call.emit('error', permissionDenied(`the certificate is for ${node}, the Hello says ${hello.node}`))
    return undefined
  }
  const session = hub.open(node, hello, streamOf(call))
  call.write({ nonce: '', welcome: { controllerVersion: version, node, heartbeatMs, silenceMs } })
  log.info(
    { node, agentVersion: hello.agentVersion, haproxyVersion: hello.haproxyVersion },
    'agent connected',
  )
  session.start()
  return session
}

function streamOf(call: Call): AgentStream {
  return {
    write: (message) => {
      if (!call.cancelled && !call.writableEnded) call.write(message)
    },
    fail: (code, details) => void call.emit('error', { code, details }),
  }
}
