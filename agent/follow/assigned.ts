/** What a node is assigned of one cluster, as far as following its leader needs it. */
import { policyOf } from '../../shared/model/follow-policy.ts'
import type { Assignment, FollowPolicy, Owner } from '../../shared/model/snapshot.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type Routing, routingOf } from './routing.ts'

export interface Assigned {
  readonly assignment: Assignment
  /** Leader whose variant is in place. */
  readonly running: string
  readonly routing: Routing
}

export interface AssignedPorts {
  readonly blobs: Pick<BlobStore, 'read'>
  readonly state: () => AgentState
}

export interface AssignedReader {
  /** Undefined for an owner without members, or that is not assigned any more. */
  read(owner: Owner): Promise<Assigned | undefined>
}

/** The routing is made anew only when other files are in place. */
export function createAssignedReader({ blobs, state }: AssignedPorts): AssignedReader {
  const cache = new Map<Owner, Assigned>()
  return {
    async read(owner) {
      const { snapshot, leaders } = state()
      const assignment = snapshot.assignments.find((one) => one.owner === owner)
      if (assignment === undefined || assignment.members.length === 0) {
        cache.delete(owner)
        return undefined
      }
      const running = leaders[owner] ?? assignment.leader
      const known = cache.get(owner)
      // The state is replaced and never changed.
      if (known?.assignment === assignment && known.running === running) return known
      const files = assignment.variants.find(({ leader }) => leader === running)?.files ?? []
      const texts = await blobs.read(files.map(({ digest }) => digest))
      const assigned = { assignment, running, routing: routingOf(assignment.members, texts.values()) }
      cache.set(owner, assigned)
      return assigned
    },
  }
}

/** Owners whose leader can change, in the snapshot's order. Pure. */
export function followable({ snapshot }: AgentState, usual: FollowPolicy): readonly Owner[] {
  return snapshot.assignments
    .filter((one) => one.members.length > 0 && one.variants.length > 0 && policyOf(one, usual) !== 'off')
    .map(({ owner }) => owner)
}
