/**
 * Which nodes come and go, as events. A stream that is back within two seconds, of the same run of the agent, was only
 * interrupted, and nothing is said of it.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { NewEvent } from './event.ts'

/** The agent at the other end. */
export interface Visitor {
  readonly bootId: string
  readonly agentVersion: string
  readonly haproxyVersion: string
}

export interface Presence {
  opened(node: string, visitor: Visitor): void
  closed(node: string): void
  /** The controller goes, not the nodes: nothing more is said. */
  stop(): void
}

const interruptionMs = 2_000

/** @param add - keeps an event; must not throw */
export function createPresence(
  clock: Pick<Clock, 'now' | 'sleep'>,
  add: (event: NewEvent) => void,
): Presence {
  const present = new Map<string, string>()
  const leaving = new Map<string, AbortController>()
  let isStopped = false
  const leave = async (node: string, atMs: number) => {
    const returned = new AbortController()
    leaving.set(node, returned)
    await clock.sleep(interruptionMs, returned.signal)
    if (returned.signal.aborted) return
    leaving.delete(node)
    present.delete(node)
    add({ atMs, kind: 'disconnected', node, message: 'the agent is gone' })
  }
  return {
    opened: (node, { bootId, agentVersion, haproxyVersion }) => {
      leaving.get(node)?.abort()
      leaving.delete(node)
      if (isStopped || present.get(node) === bootId) return
      present.set(node, bootId)
      const haproxy = haproxyVersion ? `HAProxy ${haproxyVersion}` : 'no HAProxy'
      const message = `the agent is there: pgsvc ${agentVersion}, ${haproxy}`
      add({ atMs: clock.now(), kind: 'connected', node, message })
    },
    closed: (node) => {
      if (!isStopped) void leave(node, clock.now())
    },
    stop: () => {
      isStopped = true
      for (const returned of leaving.values()) returned.abort()
      leaving.clear()
    },
  }
}
