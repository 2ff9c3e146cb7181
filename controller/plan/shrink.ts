/**
 * What a publish would take away: the last server or half the servers of a service, or a node's last service.
 */
import type { Owner, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { Problem } from './owner-plan.ts'

/** The services of one owner on one node. */
export interface NodeServices {
  readonly owner: Owner
  readonly node: string
  readonly services: readonly ServiceInfo[]
}

/**
 * Compares what is assigned with what would be.
 *
 * @param before - what is assigned now: every owner of every node that the publish touches
 * @param after - the same owners and nodes, as they would be
 */
export function findShrink(before: readonly NodeServices[], after: readonly NodeServices[]): Problem[] {
  throw new Error(`not there yet: ${before.length} ${after.length}`)
}
