/** The agents' service: from gRPC calls to sessions. Identity comes from the certificate alone. */
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { AgentServiceHandlers } from '../../shared/rpc/generated/pgsvc/v1/AgentService.ts'
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import { version } from '../../shared/version.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import type { AuditLog } from '../trust/audit-log.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import type { GuestBook } from '../trust/guest-book.ts'
import { type Peer, peerOf } from '../trust/peer.ts'
import { permissionDenied, unauthenticated } from '../trust/refusals.ts'
import type { TurnedAway } from '../trust/turned-away.ts'
import type { AgentStream } from './agent-stream.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { excessText, takeIn } from './bounded-service.ts'
import type { Session } from './session.ts'
import type { SessionHub } from './session-hub.ts'

export interface AgentServiceOptions {
  readonly heartbeatMs: number
  readonly silenceMs: number
  /** A stream that has not said Hello by then is ended. */
  readonly helloMs?: number
  readonly log: Logger
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly book: CertificateBook
  readonly guests: GuestBook
  readonly audit: AuditLog
  readonly turnedAway: Pick<TurnedAway, 'refused'>
  /** Messages of one stream; more end it. */
  readonly messages?: Parameters<typeof createAllowance>[0]
  /** Streams that one node may open; more are refused. */
  readonly streams?: Parameters<typeof createAllowance>[0]
}

/**
 * An agent of a node with some hundred clusters, all of whose leaders change at once, says a few thousand things in
 * some seconds, and next to nothing at rest.
 */
const usualMessages = { atOnce: 20_000, perSecond: 500 }
/** An agent that cannot stay dials every 30 s at last; one that was restarted by hand, again and again, more often. */
const usualStreams = { atOnce: 100, perSecond: 1 }

type Call = ServerDuplexStream<AgentMessage__Output, ControllerMessage>

export function agentService(hub: SessionHub, options: AgentServiceOptions): AgentServiceHandlers {
  const { clock, book, audit, log, turnedAway, streams = usualStreams } = options
  const allowances = new Map<string, Allowance>()
  const mayOpen = (node: string) => {
    const allowance = allowances.get(node) ?? createAllowance(streams)
    allowances.set(node, allowance)
    return allowance.take(clock.monotonic())
  }
  const refusalOf = (peer: Peer | undefined) => {
    if (peer?.identity.kind !== 'node')
      return permissionDenied('only a node certificate may connect as an agent')
    if (book.isRevoked(peer.certificate)) return unauthenticated('this certificate was revoked')
    if (peer.certificate.notAfterMs <= clock.now()) return unauthenticated('this certificate has expired')
    const { name } = peer.identity
    if (mayOpen(name)) return undefined
    return {
      code: status.RESOURCE_EXHAUSTED,
      details: `${name} opens streams again and again; are there two of it?`,
    }
  }
  return {
    Connect: (call) => {
      const peer = peerOf(call.getAuthContext().sslPeerCertificate)
      // Without it a stream that only half-closes would stay for ever.
      call.on('end', () => call.end())
      const refusal = refusalOf(peer)
      if (refusal || !peer) {
        const { kind, name } = peer?.certificate ?? { kind: 'nobody', name: '' }
        const origin = call.getPeer().replace(/:\d+$/, '')
        const details = refusal?.details ?? ''
        log.info({ kind, name, origin, reason: details }, 'stream refused')
        audit.note(
          { kind: 'refused', who: `${kind} ${name}`.trim(), origin, what: 'Connect' },
          `refused: ${details}`,
        )
        turnedAway.refused(call.getPeer(), peer?.certificate)
        call.emit('error', refusal)
        return
      }
      book.seen(peer.certificate, clock.now())
      serveNode(call, peer.certificate, hub, options)
    },
  }
}

function serveNode(
  call: Call,
  certificate: CertificateRecord,
  hub: SessionHub,
  options: AgentServiceOptions,
): void {
  const { log, clock, guests, helloMs = 10_000, messages = usualMessages } = options
  const node = certificate.name
  const allowance = createAllowance(messages)
  let session: Session | undefined
  /** It was ended from our side: what was on its way is not heard any more. */
  let isOver = false
  const late = setTimeout(
    () => call.emit('error', { code: status.DEADLINE_EXCEEDED, details: 'no Hello' }),
    helloMs,
  )
  const leave = guests.enter({
    certificate,
    untilMs: () => session?.certificateEndsMs ?? certificate.notAfterMs,
    end: (why) => {
      isOver = true
      if (session) session.fail(status.UNAUTHENTICATED, why)
      else call.emit('error', unauthenticated(why))
    },
  })
  call.on('data', (message: AgentMessage__Output) => {
    if (isOver) return
    if (!allowance.take(clock.monotonic())) {
      isOver = true
      log.warn({ node }, 'a node says more than anybody has to say')
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'too many messages' })
      return
    }
    const taken = takeIn(message)
    if ('excess' in taken) {
      isOver = true
      hub.distrust(node, excessText(taken.excess))
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: excessText(taken.excess) })
      return
    }
    if (session) return session.receive(taken.message)
    clearTimeout(late)
    session = greet(call, certificate, taken.message.hello ?? undefined, hub, options)
    isOver = session === undefined
  })
  call.on('error', (error: Error) => log.debug({ node, err: error }, 'stream error'))
  call.on('close', () => {
    clearTimeout(late)
    leave()
    if (!session) return
    hub.closed(session)
    log.info({ node }, 'agent disconnected')
  })
}

function greet(
  call: Call,
  certificate: CertificateRecord,
  hello: Hello__Output | undefined,
  hub: SessionHub,
  { heartbeatMs, silenceMs, log }: AgentServiceOptions,
): Session | undefined {
  const node = certificate.name
  if (!hello) {
    call.emit('error', { code: status.INVALID_ARGUMENT, details: 'the first message must be a Hello' })
    return undefined
  }
  if (hello.node !== node) {
    call.emit('error', permissionDenied(`the certificate is for ${node}, the Hello says ${hello.node}`))
    return undefined
  }
  const session = hub.open(node, hello, streamOf(call), certificate.notAfterMs)
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
