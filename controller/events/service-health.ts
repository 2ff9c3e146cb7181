/**
 * HAProxy of a node that goes or comes back, and services that lose their last usable server or get one again, as events.
 *
 * What lasts for less than some seconds (a reload, a failover that goes as it should) is none; what goes up and down is
 * told more and more rarely. What is not seen (the agent away, HAProxy away) is left as it was told last.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { NewEvent } from './event.ts'

/** What an agent sees. Source: Observation in proto/pgsvc/v1/agent.proto. */
export interface SeenHealth {
  readonly haproxyRunning: boolean
  readonly servicesDown: readonly string[]
}

export interface ServiceHealth {
  observed(node: string, seen: SeenHealth): void
  /** The node's stream is over. */
  closed(node: string): void
  /** The controller goes, not the nodes: nothing more is said. */
  stop(): void
}

export interface HealthPorts {
  readonly clock: Clock
  /** Keeps an event; must not throw. */
  readonly add: (event: NewEvent) => void
  /** The owner of a service that the node is assigned; undefined when it is assigned none of that name. */
  readonly ownerOf: (node: string, service: string) => Promise<string | undefined>
  /** What was told as down before the controller started, by node; see `toldDown`. */
  readonly before?: ReadonlyMap<string, ReadonlySet<string>> | undefined
}

const settleMs = 5_000
const longestMs = 5 * 60_000
/** After this long without a word a subject counts as quiet. */
const quietMs = 10 * 60_000

/** By far more services than a node has: what a node says costs the controller no more than that. */
const maxSubjects = 5_000

/** HAProxy itself, among the services of a node; no section is named so. */
const haproxy = ''

/** One service of one node, or its HAProxy. */
interface Subject {
  /** As it was told last. */
  isDown: boolean
  holdMs: number
  toldMs: number
  /** A change that has not lasted long enough yet. */
  pending: AbortController | undefined
}

const haproxyGone = 'HAProxy is not running'
const serviceGone = (name: string) => `no server of ${name} is up`
const serviceBack = (name: string) => `a server of ${name} is up again`

/**
 * What stands as down in the events: a controller that has just started must not tell an old outage as a new one, nor
 * miss the end of it.
 *
 * @param events - the oldest first
 */
export function toldDown(events: readonly NewEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const nodes = new Map<string, Set<string>>()
  for (const { kind, node = '', message } of events) {
    if (kind !== 'haproxy' && kind !== 'service') continue
    const [name = ''] = kind === 'haproxy' ? [haproxy] : (/(?<= server of )\S+/.exec(message) ?? [])
    const down = nodes.get(node) ?? new Set()
    nodes.set(node, down)
    if (message === haproxyGone || message === serviceGone(name)) down.add(name)
    else down.delete(name)
  }
  return nodes
}

export function createServiceHealth({ clock, add, ownerOf, before }: HealthPorts): ServiceHealth {
  const nodes = new Map<string, Map<string, Subject>>()
  const tell = async (node: string, name: string, isDown: boolean, atMs: number) => {
    if (name === haproxy) {
      const message = isDown ? haproxyGone : 'HAProxy is running again'
      add({ atMs, kind: 'haproxy', node, message })
      return
    }
    const owner = await ownerOf(node, name)
    // One that was taken away has not got a server again.
    if (owner === undefined) return
    const message = isDown ? serviceGone(name) : serviceBack(name)
    add({ atMs, kind: 'service', node, owner, message })
  }
  const change = async (node: string, name: string, subject: Subject, isDown: boolean) => {
    const atMs = clock.now()
    const pending = new AbortController()
    subject.pending = pending
    if (clock.monotonic() - subject.toldMs > quietMs) subject.holdMs = settleMs
    await clock.sleep(subject.holdMs, pending.signal)
    if (pending.signal.aborted) return
    subject.pending = undefined
    subject.isDown = isDown
    subject.toldMs = clock.monotonic()
    subject.holdMs = Math.min(2 * subject.holdMs, longestMs)
    await tell(node, name, isDown, atMs)
  }
  const subjectsOf = (node: string): Map<string, Subject> => {
    const known = nodes.get(node)
    if (known) return known
    const subjects = new Map([...(before?.get(node) ?? [])].map((name) => [name, startOf(true)] as const))
    nodes.set(node, subjects)
    return subjects
  }
  const see = (node: string, name: string, isDown: boolean) => {
    const subjects = subjectsOf(node)
    const fresh = startOf(false)
    const subject = subjects.get(name) ?? fresh
    if (subject === fresh && subjects.size >= maxSubjects) return
    subjects.set(name, subject)
    if (subject.isDown === isDown) forget(subject)
    else if (!subject.pending) void change(node, name, subject, isDown)
  }
  return {
    observed: (node, { haproxyRunning, servicesDown }) => {
      see(node, haproxy, !haproxyRunning)
      const down = new Set(haproxyRunning ? servicesDown : [])
      for (const name of nodes.get(node)?.keys() ?? []) {
        if (name === haproxy || down.has(name)) continue
        if (haproxyRunning) see(node, name, false)
        else forget(nodes.get(node)?.get(name))
      }
      for (const name of down) see(node, name, true)
    },
    closed: (node) => {
      for (const subject of nodes.get(node)?.values() ?? []) forget(subject)
    },
    stop: () => {
      for (const subjects of nodes.values()) for (const subject of subjects.values()) forget(subject)
    },
  }
}

function startOf(isDown: boolean): Subject {
  return { isDown, holdMs: settleMs, toldMs: Number.NEGATIVE_INFINITY, pending: undefined }
}

function forget(subject: Subject | undefined): void {
  subject?.pending?.abort()
  if (subject) subject.pending = undefined
}
