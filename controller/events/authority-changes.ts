/**
 * Whom the nodes believe, when that changes: whoever brings a node to another authority owns it from then on, so it is told
 * with the fingerprints, also when this controller itself has brought it about.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { NewEvent } from './event.ts'

export interface AuthorityChanges {
  /** @param said - fingerprints as the node has them; none: an agent of before, or a file that it cannot read */
  observed(node: string, said: readonly string[]): void
}

export interface AuthorityChangePorts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: Logger
  /** Keeps an event; must not throw. */
  readonly add: (event: NewEvent) => void
}

/** A change of authority takes three; a node that goes round in circles must not push all else out. */
const perWindow = 10
const windowMs = 3_600_000

interface Known {
  readonly authorities: readonly string[]
  readonly fromMs: number
  readonly told: number
}

export function createAuthorityChanges({ clock, log, add }: AuthorityChangePorts): AuthorityChanges {
  const nodes = new Map<string, Known>()
  return {
    observed: (node, said) => {
      const authorities = shortFingerprints(said)
      const before = nodes.get(node)
      if (authorities.length === 0 || before?.authorities.join() === authorities.join()) return
      const nowMs = clock.monotonic()
      const isSameWindow = before !== undefined && nowMs - before.fromMs < windowMs
      const { fromMs, told } = isSameWindow ? before : { fromMs: nowMs, told: 0 }
      const isTold = before !== undefined && told < perWindow
      nodes.set(node, { authorities, fromMs, told: told + (isTold ? 1 : 0) })
      if (!isTold) return
      log.warn({ node, before: before.authorities, authorities }, 'a node believes other authorities now')
      const message = `the node believes other authorities now: ${authorities.join(', ')}; before: ${before.authorities.join(', ')}`
      add({ atMs: clock.now(), kind: 'certificate', node, message })
    },
  }
}

/** As `pgsvc pki list` shows them: what is none, and more than a node can mean, is left out. */
export function shortFingerprints(said: readonly string[]): readonly string[] {
  return said
    .slice(0, maxAuthorities)
    .filter((one) => fingerprint.test(one))
    .map((one) => one.replaceAll(':', '').slice(0, 16))
}

const maxAuthorities = 16
const fingerprint = /^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/
