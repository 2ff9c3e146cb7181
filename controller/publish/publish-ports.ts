/** What a publish needs of the world. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Problem } from '../plan/owner-plan.ts'
import type { NodeServices } from '../plan/shrink.ts'
import type { Store } from '../store/store.ts'
import type { NodeLinks } from './node-links.ts'

export interface PublishPorts {
  readonly store: Store
  readonly links: NodeLinks
  readonly clock: Clock
  readonly log: Logger
  /** What `after` takes away of `before`, beyond what goes without being allowed. */
  readonly findShrink: (before: readonly NodeServices[], after: readonly NodeServices[]) => readonly Problem[]
  /** A new publish id. */
  readonly newId: () => string
  /** What an act was about is assigned now. */
  readonly onCommitted?: ((owners: readonly Owner[]) => void) | undefined
  /** Until then, by the monotonic clock, nodes may still be coming back to a controller that has just started. */
  readonly settledAtMs?: number | undefined
}

/** How one publish is to be carried out. */
export interface PublishOptions {
  /** Change nothing, say what would happen. */
  readonly check: boolean
  readonly diff: boolean
  readonly allowShrink: boolean
  /** For the answers of the first phase, and again for those of the second. */
  readonly timeoutMs: number
  /** How long a node keeps a prepared set without a word from us. */
  readonly leaseMs: number
  readonly operator: string
}
