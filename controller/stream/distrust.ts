/** Tells people of a node that says what no agent of ours says: once a minute, and within what is kept of a node. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { NewEvent } from '../events/event.ts'
import type { EventQuota } from '../events/event-quota.ts'
import { createRepeatGuard } from '../leaders/repeat-guard.ts'

export interface DistrustPorts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: Logger
  readonly quota: EventQuota
  /** Keeps an event; must not throw. */
  readonly add: (event: NewEvent) => void
}

/** @returns to be told of a node and what it did */
export function createDistrust({
  clock,
  log,
  quota,
  add,
}: DistrustPorts): (node: string, why: string) => void {
  const guard = createRepeatGuard()
  return (node, why) => {
    if (!guard.passes(node, '', clock.monotonic())) return
    log.warn({ node, why }, 'what a node says is not believed')
    if (!quota.passes(node, 'refused')) return
    add({ atMs: clock.now(), kind: 'refused', node, message: `what the node says is not believed: ${why}` })
  }
}
