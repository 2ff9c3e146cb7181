/**
 * How many events of a node are kept: one that goes round in circles must not push all else out of what is kept. What comes
 * by the hundred, when a node that serves some hundred clusters loses another, leaves the rare things their room.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { EventKind, NewEvent } from './event.ts'

interface Sort {
  /** As people are told. */
  readonly name: string
  readonly perWindow: number
}

const leaderSteps: Sort = { name: 'leader steps', perWindow: 1_000 }
const ofOwners: Sort = { name: 'events of services and owners in quarantine', perWindow: 1_000 }
/** The node itself: that it comes and goes, its HAProxy, its certificate, what it refuses. */
const ofNode: Sort = { name: 'events of the node itself', perWindow: 200 }

const windowMs = 600_000

export interface EventQuota {
  /** Tells people, once in a window of ten minutes, of the first one that is not kept. */
  passes(node: string, kind: EventKind): boolean
}

export interface QuotaPorts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: Logger
  /** Keeps an event; must not throw. */
  readonly add: (event: NewEvent) => void
}

export function createEventQuota({ clock, log, add }: QuotaPorts): EventQuota {
  const windows = new Map<string, { readonly fromMs: number; readonly count: number }>()
  const tell = (node: string, { name, perWindow }: Sort, leftMs: number) => {
    const until = new Date(clock.now() + leftMs).toISOString()
    log.warn({ node, what: name, perWindow, until }, 'events of a node are not kept')
    const message = `further ${name} are not kept until ${until}: there were ${perWindow} within ten minutes`
    add({ atMs: clock.now(), kind: 'controller', node, message })
  }
  return {
    passes: (node, kind) => {
      const sort = sortOf(kind)
      const key = `${sort.name} ${node}`
      const nowMs = clock.monotonic()
      const known = windows.get(key)
      const isOpen = known !== undefined && nowMs - known.fromMs < windowMs
      const { fromMs, count } = isOpen ? known : { fromMs: nowMs, count: 0 }
      windows.set(key, { fromMs, count: count + 1 })
      if (count === sort.perWindow) tell(node, sort, fromMs + windowMs - nowMs)
      return count < sort.perWindow
    },
  }
}

function sortOf(kind: EventKind): Sort {
  if (kind === 'leader') return leaderSteps
  return kind === 'service' || kind === 'quarantined' ? ofOwners : ofNode
}
