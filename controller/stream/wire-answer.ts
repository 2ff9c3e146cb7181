/** Ack and Nack as the rest of the controller knows them. */

import type { Fault } from '../../shared/errors/fault.ts'
import type { AppliedOwner } from '../../shared/model/snapshot.ts'
import { faultFromWire, quarantinedFromWire } from '../../shared/rpc/convert.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AppliedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/AppliedOwner.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { NodeAnswer } from '../publish/node-links.ts'

const changes: Readonly<Partial<Record<string, Extract<NodeAnswer, { kind: 'ack' }>['change']>>> = {
  CHANGE_NONE: 'none',
  CHANGE_RUNTIME: 'runtime',
  CHANGE_NOT_RUNNING: 'not-running',
}

/** An unknown change counts as a reload: rather one line too many for the operator. */
export function answerOfAck(ack: Ack__Output): NodeAnswer {
  const { timings } = ack
  return {
    kind: 'ack',
    change: changes[ack.change] ?? 'reload',
    reasons: ack.reasons,
    left: { sessionsLeft: ack.sessionsLeft, oldWorkers: ack.oldWorkers },
    timings: {
      stageMs: timings?.stageMs ?? 0,
      validateMs: timings?.validateMs ?? 0,
      swapMs: timings?.swapMs ?? 0,
      reloadMs: timings?.reloadMs ?? 0,
    },
    liveFiles: ack.liveFiles.map(({ name, exists, content }) => ({
      name,
      exists,
      content: content.toString('utf8'),
    })),
    quarantined: quarantinedFromWire(ack.quarantined),
    edits: ack.replacedEdits,
    filesToWrite: ack.filesToWrite,
  }
}

export function answerOfNack(nack: Nack__Output): Extract<NodeAnswer, { kind: 'nack' }> {
  return { kind: 'nack', fault: faultOfNack(nack), faults: nack.faults.map(faultFromWire) }
}

/** The agent was found to have it; its answer was lost with a stream, and whether it reloaded with that. */
export const foundApplied: NodeAnswer = {
  kind: 'ack',
  change: 'none',
  reasons: ['had been applied when the node was heard again'],
  timings: { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 },
  liveFiles: [],
}

function faultOfNack(nack: Nack__Output): Fault {
  if (nack.fault) return faultFromWire(nack.fault)
  return { stage: 'receive', code: 'AGENT_INVALID', message: 'the agent refused without a reason' }
}

export function appliedFromWire(applied: readonly AppliedOwner__Output[]): AppliedOwner[] {
  return applied.map(({ owner, revision, leader }) => ({ owner, revision, leader }))
}
