/** Publish events as the wire has them. */
import type { Fault } from '../../shared/errors/fault.ts'
import { faultToWire, stageToWire } from '../../shared/rpc/convert.ts'
import type { NodeOutcome as WireOutcome } from '../../shared/rpc/generated/pgsvc/v1/NodeOutcome.ts'
import type { NodeResult as WireNode } from '../../shared/rpc/generated/pgsvc/v1/NodeResult.ts'
import type { Notice as WireNotice } from '../../shared/rpc/generated/pgsvc/v1/Notice.ts'
import type { PublishEvent as WireEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { NodeOutcome, NodeResult, Notice, PublishEvent } from '../publish/events.ts'

const outcomes = {
  reloaded: 'NODE_OUTCOME_RELOADED',
  unchanged: 'NODE_OUTCOME_UNCHANGED',
  'not-running': 'NODE_OUTCOME_NOT_RUNNING',
  offline: 'NODE_OUTCOME_OFFLINE',
  refused: 'NODE_OUTCOME_REFUSED',
  failed: 'NODE_OUTCOME_FAILED',
  timeout: 'NODE_OUTCOME_TIMEOUT',
  'would-reload': 'NODE_OUTCOME_WOULD_RELOAD',
  aborted: 'NODE_OUTCOME_ABORTED',
  adjusted: 'NODE_OUTCOME_ADJUSTED',
  'would-adjust': 'NODE_OUTCOME_WOULD_ADJUST',
  quarantined: 'NODE_OUTCOME_QUARANTINED',
} as const satisfies Record<NodeOutcome, WireOutcome>

export function eventToWire(event: PublishEvent): WireEvent {
  switch (event.kind) {
    case 'targets':
      return {
        targets: {
          publishId: event.publishId,
          owners: event.owners.map(({ owner, nodes, provider }) => ({ owner, nodes: [...nodes], provider })),
        },
      }
    case 'warning':
      return { warning: noticeToWire(event.notice) }
    case 'progress':
      return {
        progress: {
          node: event.node,
          stage: stageToWire(event.stage),
          elapsedMs: event.elapsedMs,
        },
      }
    case 'diff':
      return { diff: { node: event.node, file: event.file, unified: event.unified } }
    case 'node':
      return { node: nodeToWire(event.result) }
    case 'committed':
      return { committed: { revisions: event.revisions.map((revision) => ({ ...revision })) } }
    case 'result': {
      const { ok, committed, nothingToDo, errors } = event.result
      return { result: { ok, committed, nothingToDo, errors: errors.map(noticeToWire) } }
    }
  }
}

function noticeToWire({ code, message, hint = '', owner = '' }: Notice): WireNotice {
  return { code, message, hint, owner }
}

function nodeToWire({ node, outcome, fault, timings, reasons = [], left }: NodeResult): WireNode {
  return {
    node,
    outcome: outcomes[outcome],
    fault: optionalFault(fault),
    timings: timings ? { ...timings } : null,
    reasons: [...reasons],
    sessionsLeft: left?.sessionsLeft ?? 0,
    oldWorkers: left?.oldWorkers ?? 0,
  }
}

export function optionalFault(fault: Fault | undefined) {
  return fault ? faultToWire(fault) : null
}
