/** All sessions: one per node, the newer ends the older; and what a publish may ask of them. */
import { status } from '@grpc/grpc-js'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { Presence } from '../events/presence.ts'
import type { ServiceHealth } from '../events/service-health.ts'
import type { LeaderNodes } from '../leaders/leader-nodes.ts'
import type { NodeAnswer, NodeLinks, OnProgress } from '../publish/node-links.ts'
import type { AgentStream } from './agent-stream.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { Session } from './session.ts'
import type { SessionPorts } from './session-ports.ts'
import { foundApplied } from './wire-answer.ts'

export interface SessionHub extends NodeLinks, LeaderNodes {
  /**
   * A node said Hello.
   *
   * @param certificateEndsMs - milliseconds since 1970; undefined when an operator's command carries the stream
   */
  open(node: string, hello: Hello__Output, stream: AgentStream, certificateEndsMs?: number): Session
  /** The session's stream is over. */
  closed(session: Session): void
  /** The node's session; undefined also for one that has been given up and whose stream is not closed yet. */
  session(node: string): Session | undefined
  /** Tells a node to renew its certificate. @returns false when it is not connected */
  renewCertificate(node: string): boolean
  /** A node said what no agent of ours says: people are told. */
  distrust(node: string, why: string): void
  /** Ends all streams: the controller stops. */
  closeAll(): void
}

/** An agent asks once in weeks; more often when its disk fails, or when an operator says so. */
const certificateRequests = { atOnce: 10, perSecond: 3 / 3_600 }

interface Waiter {
  readonly node: string
  readonly version: number
  readonly onProgress: OnProgress
  readonly resolve: (answer: NodeAnswer) => void
}

export interface HubPorts extends Omit<SessionPorts, 'onAnswer' | 'onStep' | 'mayHaveSigned'> {
  readonly presence: Presence
  readonly health: ServiceHealth
}

export function createSessionHub(ports: HubPorts): SessionHub {
  const sessions = new Map<string, Session>()
  const waiters = new Set<Waiter>()
  const closing = new AbortController()
  const signing = new Map<string, Allowance>()
  const sessionPorts: SessionPorts = {
    ...ports,
    onAnswer: (node, version, answer) => {
      for (const waiter of waiters) {
        if (waiter.node === node && version >= waiter.version) waiter.resolve(answer)
      }
    },
    mayHaveSigned: (node) => {
      const allowance = signing.get(node) ?? createAllowance(certificateRequests)
      signing.set(node, allowance)
      return allowance.take(ports.clock.monotonic())
    },
    onStep: (node, ...step) => {
      for (const waiter of waiters) if (waiter.node === node) waiter.onProgress(...step)
    },
  }
  return {
    open: (node, hello, stream, certificateEndsMs) => {
      sessions.get(node)?.fail(status.ABORTED, 'a newer stream of the same node took over')
      const session = new Session(node, hello, stream, sessionPorts, certificateEndsMs)
      sessions.set(node, session)
      ports.presence.opened(node, hello)
      return session
    },
    closed: (session) => {
      session.close()
      if (sessions.get(session.node) !== session) return
      sessions.delete(session.node)
      ports.presence.closed(session.node)
      ports.health.closed(session.node)
      // Since when it is offline; for people only, so a store that is closed already does not matter.
      ports.store.recordNode(session.node, { lastSeenMs: ports.clock.now() }).catch((err: unknown) => {
        ports.log.debug({ node: session.node, err }, 'the end of a stream was not recorded')
      })
    },
    session: (node) => liveSession(sessions, node),
    connected: () => [...sessions.keys()].filter((node) => liveSession(sessions, node)),
    link: (node) => liveSession(sessions, node),
    hint: (node, hint) => liveSession(sessions, node)?.hint(hint),
    views: (node) => liveSession(sessions, node)?.views,
    push: (node) => liveSession(sessions, node)?.push(),
    converge: async (node, version, onProgress, caller) => {
      const signal = AbortSignal.any([caller, closing.signal])
      const { promise, resolve } = Promise.withResolvers<NodeAnswer>()
      const waiter = { node, version, onProgress, resolve }
      const onAbort = () => resolve({ kind: 'gone' })
      waiters.add(waiter)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      try {
        const known = await answeredAlready(ports, node, version)
        if (known) return known
        liveSession(sessions, node)?.push()
        return await promise
      } finally {
        waiters.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
    },
    renewCertificate: (node) => {
      const session = liveSession(sessions, node)
      session?.renewCertificate()
      return session !== undefined
    },
    distrust: ports.distrust,
    closeAll: () => {
      closing.abort()
      ports.presence.stop()
      ports.health.stop()
      for (const session of sessions.values()) session.fail(status.UNAVAILABLE, 'the controller stops')
    },
  }
}

function liveSession(sessions: ReadonlyMap<string, Session>, node: string): Session | undefined {
  const session = sessions.get(node)
  return session && !session.ended ? session : undefined
}

/** The node may have come back, been sent the version and answered, before anybody asked. */
async function answeredAlready(
  { store }: Pick<SessionPorts, 'store'>,
  node: string,
  version: number,
): Promise<NodeAnswer | undefined> {
  const record = await store.node(node)
  if (record.failed && record.failed.version >= version) return { kind: 'nack', fault: record.failed.fault }
  return record.appliedVersion < version ? undefined : foundApplied
}
