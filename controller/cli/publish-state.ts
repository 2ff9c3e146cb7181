/** What is known of a publish from the events so far. */
import type { FileDiff__Output } from '../../shared/rpc/generated/pgsvc/v1/FileDiff.ts'
import type { NodeResult__Output } from '../../shared/rpc/generated/pgsvc/v1/NodeResult.ts'
import type { Notice__Output } from '../../shared/rpc/generated/pgsvc/v1/Notice.ts'
import type { OwnerRevision__Output } from '../../shared/rpc/generated/pgsvc/v1/OwnerRevision.ts'
import type { OwnerTarget__Output } from '../../shared/rpc/generated/pgsvc/v1/OwnerTarget.ts'
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishResult__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishResult.ts'
import type { Stage } from '../../shared/rpc/generated/pgsvc/v1/Stage.ts'

export interface NodeState {
  readonly node: string
  /** The step finished last. */
  readonly step: { readonly stage: Stage; readonly elapsedMs: number } | undefined
  readonly result: NodeResult__Output | undefined
}

export interface PublishState {
  /** '' until the targets are known. */
  readonly publishId: string
  readonly owners: readonly OwnerTarget__Output[]
  readonly warnings: readonly Notice__Output[]
  /** In the order of the targets. */
  readonly nodes: ReadonlyMap<string, NodeState>
  readonly diffs: readonly FileDiff__Output[]
  /** Undefined until the commit point was passed. */
  readonly revisions: readonly OwnerRevision__Output[] | undefined
  readonly result: PublishResult__Output | undefined
}

export const noEvents: PublishState = {
  publishId: '',
  owners: [],
  warnings: [],
  nodes: new Map(),
  diffs: [],
  revisions: undefined,
  result: undefined,
}

/** The state after one more event; an event that this version does not know changes nothing. */
export function afterEvent(state: PublishState, event: PublishEvent__Output): PublishState {
  if (event.targets) {
    const { publishId, owners } = event.targets
    const names = owners.flatMap((owner) => owner.nodes)
    return { ...state, publishId, owners, nodes: new Map(names.map((node) => [node, nodeOf(state, node)])) }
  }
  if (event.warning) return { ...state, warnings: [...state.warnings, event.warning] }
  if (event.progress) {
    const { node, stage, elapsedMs } = event.progress
    return withNode(state, { ...nodeOf(state, node), step: { stage, elapsedMs } })
  }
  if (event.diff) return { ...state, diffs: [...state.diffs, event.diff] }
  if (event.node) return withNode(state, { ...nodeOf(state, event.node.node), result: event.node })
  if (event.committed) return { ...state, revisions: event.committed.revisions }
  if (event.result) return { ...state, result: event.result }
  return state
}

function nodeOf(state: PublishState, node: string): NodeState {
  return state.nodes.get(node) ?? { node, step: undefined, result: undefined }
}

function withNode(state: PublishState, node: NodeState): PublishState {
  return { ...state, nodes: new Map(state.nodes).set(node.node, node) }
}

/** True once the controller has said that the commit point was passed. */
export function isCommitted(state: PublishState): boolean {
  return state.revisions !== undefined || state.result?.committed === true
}
