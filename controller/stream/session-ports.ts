/** What a session needs of the world. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AuthorityChanges } from '../events/authority-changes.ts'
import type { EventQuota } from '../events/event-quota.ts'
import type { ServiceHealth } from '../events/service-health.ts'
import type { LeaderDesk } from '../leaders/leader-desk.ts'
import type { NodeAnswer, OnProgress } from '../publish/node-links.ts'
import type { Store } from '../store/store.ts'
import type { CertificateOffice } from '../trust/certificate-office.ts'

export interface SessionPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  readonly newNonce: () => string
  readonly heartbeatMs: number
  readonly silenceMs: number
  /** Hears what nodes say of leaders. */
  readonly leaders: Pick<LeaderDesk, 'report' | 'observed' | 'greeted'>
  /** Hears what nodes see of HAProxy and its services. */
  readonly health: Pick<ServiceHealth, 'observed'>
  readonly authorities: AuthorityChanges
  /** Signs a key for the node, and for no other. */
  readonly signer: Pick<CertificateOffice, 'signNode'>
  /** Whether a request of the node may be signed now: of all its streams together. */
  readonly mayHaveSigned: (node: string) => boolean
  /** How many events of each node are kept. */
  readonly quota: EventQuota
  /** A node said what no agent of ours says. */
  readonly distrust: (node: string, why: string) => void
  /** A Snapshot or Commit was answered. */
  readonly onAnswer: (node: string, version: number, answer: NodeAnswer) => void
  /** A step of a Snapshot under way. */
  readonly onStep: (node: string, ...step: Parameters<OnProgress>) => void
}
