/** Whether a node is sent what its assignments say. */
import type { Snapshot } from '../../shared/model/snapshot.ts'
import type { NodeRecord } from '../store/store.ts'

/** The agent at the other end, as its Hello named it. */
export interface AgentIdentity {
  readonly bootId: string
  readonly agentVersion: string
  readonly haproxyVersion: string
}

/**
 * - `send`
 * - `has-it`: it acknowledged it, or said so in its Hello. What happened to its files since then is for the
 *   operator to see and for the next publish to put right: whoever edits a file by hand has a reason
 * - `parked`: this very agent, with this very HAProxy, failed with this version
 * - `never-assigned`: an empty snapshot takes all files away, and a controller that never heard of the node has
 *   not decided that: it may have lost its state
 */
export type SendDecision = 'send' | 'has-it' | 'parked' | 'never-assigned'

/** @param record - with what the Hello said */
export function decideSend(snapshot: Snapshot, record: NodeRecord, agent: AgentIdentity): SendDecision {
  if (snapshot.version === 0) return 'never-assigned'
  if (record.failed?.version === snapshot.version && failedWith(record, agent)) return 'parked'
  return record.appliedVersion !== snapshot.version ? 'send' : 'has-it'
}

/** The last failure was of this very agent. */
export function failedWith({ failed }: NodeRecord, agent: AgentIdentity): boolean {
  return (
    failed !== undefined &&
    failed.bootId === agent.bootId &&
    failed.agentVersion === agent.agentVersion &&
    failed.haproxyVersion === agent.haproxyVersion
  )
}
