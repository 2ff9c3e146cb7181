/**
 * The plan of one owner: for every node that carries it, the files for every possible leader.
 *
 * It is data: it becomes a revision as it stands. It holds files and names, never host variables.
 */
import type { FileRef, FollowPolicy, Member, Owner, ServiceInfo } from '../../shared/model/snapshot.ts'

/** An owner's files on one node while `leader` leads. */
export interface PlannedVariant {
  /** Instance that leads; '' for an owner without a leader. */
  readonly leader: string
  /** Sorted by name. */
  readonly files: readonly FileRef[]
  /** In the order of definition. */
  readonly services: readonly ServiceInfo[]
}

export interface NodePlan {
  /** The host as the inventory names it. */
  readonly node: string
  /** One per possible leader, in member order; exactly one, with leader '', for haproxy_services. */
  readonly variants: readonly PlannedVariant[]
}

export interface OwnerPlan {
  readonly owner: Owner
  /** Group whose nodes carry the services; '' when the members do. */
  readonly provider: string
  /** The inventory's leader; '' when there is none. */
  readonly leader: string
  /** In inventory order. */
  readonly members: readonly Member[]
  /** In inventory order. */
  readonly nodes: readonly NodePlan[]
  /** What agents do when the leader changes; absent when the inventory leaves it to them. */
  readonly follow?: Exclude<FollowPolicy, 'default'> | undefined
}

/** Something wrong with, or worth knowing about, one owner. */
export interface Problem {
  readonly owner: Owner
  /** `error`: the owner cannot be published; `warning`: it can. */
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly at?: { readonly file: string; readonly line: number; readonly column: number } | undefined
  readonly hint?: string | undefined
  /** Of a problem that two owners have with each other, each its own half. */
  readonly pair?: Pair | undefined
}

export interface Pair {
  /** Equal for both halves. */
  readonly key: string
  /** This half comes from the role defaults, which are not the ones to mend. */
  readonly isDefault: boolean
}

/** All that was computed from an inventory. Owners with an error are not among `owners`. */
export interface Plan {
  readonly owners: readonly OwnerPlan[]
  /** With `drafts`: what could be planned of clusters that are refused. It is never published. */
  readonly drafts?: readonly OwnerPlan[] | undefined
  readonly problems: readonly Problem[]
  /** Contents of all files of `owners` and `drafts`, by digest. */
  readonly blobs: ReadonlyMap<string, string>
}

/** What came of planning one owner. */
export interface OwnerResult {
  /** Absent when the owner is refused. */
  readonly plan: OwnerPlan | undefined
  /** What could be planned of it, refused or not. */
  readonly draft?: OwnerPlan | undefined
  readonly problems: readonly Problem[]
}
