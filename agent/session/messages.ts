/** Our values as messages to the controller, and its messages as orders. Nothing is decided here. */
import type { Fault, Stage } from '../../shared/errors/fault.ts'
import type { AppliedOwner } from '../../shared/model/snapshot.ts'
import { faultToWire, quarantinedToWire, snapshotFromWire, stageToWire } from '../../shared/rpc/convert.ts'
import { leaderViewToWire } from '../../shared/rpc/convert-leader.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { Repair } from '../../shared/rpc/generated/pgsvc/v1/Repair.ts'
import type { Standing } from '../../shared/rpc/generated/pgsvc/v1/Standing.ts'
import { toldReasons } from '../../shared/rpc/told-reasons.ts'
import { version as agentVersion } from '../../shared/version.ts'
import type { Applied, ChangeKind, PreparedSet, StepTimes } from '../apply/outcome.ts'
import type { LeftBehind } from '../observe/ledger.ts'
import type { Report } from '../observe/report.ts'
import type { LastRepair } from '../repair/repairer.ts'
import { type AgentState, appliedOwners } from '../state/state-file.ts'
import type { Order } from './mailbox.ts'
import { toldFaults, toldQuarantine } from './told-faults.ts'

/** Larger live files are named in a dry run, without their bytes. */
const maxLiveBytes = 256 << 10

const changes = {
  none: 'CHANGE_NONE',
  runtime: 'CHANGE_RUNTIME',
  reload: 'CHANGE_RELOAD',
  'not-running': 'CHANGE_NOT_RUNNING',
} as const satisfies Record<ChangeKind, string>

/** To the controller; does nothing once the stream is over. */
export type Send = (message: AgentMessage) => void

export interface HelloFacts {
  readonly state: AgentState
  readonly haproxyVersion: string
  readonly bootId: string
  readonly heldDigests: readonly string[]
  readonly layout: string
}

export function helloMessage({ state, ...facts }: HelloFacts): AgentMessage {
  return {
    hello: {
      node: state.node,
      agentVersion,
      haproxyVersion: facts.haproxyVersion,
      bootId: facts.bootId,
      applied: wireOwners(appliedOwners(state)),
      appliedVersion: state.snapshot.version,
      lastFailed: state.failed ? faultToWire(state.failed.fault) : null,
      failedVersion: state.failed?.version ?? 0,
      heldDigests: [...facts.heldDigests],
      layout: facts.layout,
    },
  }
}

function wireOwners(owners: readonly AppliedOwner[]): AppliedOwner[] {
  return owners.map((owner) => ({ ...owner }))
}

function wireTimes(times: StepTimes): StepTimes {
  return { ...times }
}

export function appliedMessage(
  nonce: string,
  outcome: Applied,
  left: LeftBehind,
  state: AgentState,
): AgentMessage {
  return {
    ack: {
      nonce,
      version: state.snapshot.version,
      prepared: false,
      change: changes[outcome.change],
      reasons: toldReasons(outcome.reasons),
      timings: wireTimes(outcome.times),
      generation: outcome.generation,
      applied: wireOwners(appliedOwners(state)),
      ...left,
      quarantined: quarantinedToWire(toldQuarantine(state.quarantined)),
      replacedEdits: [...(outcome.overwritten ?? [])].map(([name, copy]) => ({ name, copy })),
    },
  }
}

/** What is told of a prepared set. */
type ToldSet = Pick<
  PreparedSet,
  'change' | 'comparison' | 'edited' | 'liveFiles' | 'quarantined' | 'snapshot' | 'times'
>

export function preparedMessage(
  nonce: string,
  set: ToldSet,
  state: AgentState,
  withLiveFiles: boolean,
): AgentMessage {
  return {
    ack: {
      nonce,
      version: set.snapshot.version,
      prepared: true,
      change: changes[set.change],
      reasons: toldReasons(set.comparison.reasons),
      timings: wireTimes(set.times),
      generation: 0,
      liveFiles: withLiveFiles ? set.liveFiles.map(({ name, text }) => wireFile(name, text)) : [],
      applied: wireOwners(appliedOwners(state)),
      quarantined: quarantinedToWire(toldQuarantine(set.quarantined)),
      replacedEdits: set.edited.map((name) => ({ name })),
      filesToWrite: set.comparison.write.length + set.comparison.remove.length,
    },
  }
}

function wireFile(name: string, text: string | undefined) {
  const content = Buffer.from(text ?? '', 'utf8')
  return {
    name,
    exists: text !== undefined,
    content: content.length > maxLiveBytes ? Buffer.alloc(0) : content,
  }
}

export function nackMessage(
  answered: { readonly nonce: string; readonly version: number; readonly prepared: boolean },
  fault: Fault,
  state: AgentState,
  faults: readonly Fault[] = [],
): AgentMessage {
  const applied = wireOwners(appliedOwners(state))
  return {
    nack: { ...answered, fault: faultToWire(fault), applied, faults: toldFaults(faults).map(faultToWire) },
  }
}

export function progressMessage(nonce: string, stage: Stage, elapsedMs: number): AgentMessage {
  return { progress: { nonce, stage: stageToWire(stage), elapsedMs } }
}

/** @param standing - null when there is nothing new to say of it */
export function observationMessage(
  { lastReload, lastRepair, leaders, certificate, ...observed }: Report,
  standing: Standing | null,
): AgentMessage {
  return {
    observation: {
      ...observed,
      servicesDown: [...observed.servicesDown],
      drift: observed.drift.map((file) => ({ ...file })),
      oldWorkers: observed.oldWorkers.map((worker) => ({ ...worker })),
      leaders: leaders.map(leaderViewToWire),
      lastReload: lastReload ? { ...lastReload, reasons: toldReasons(lastReload.reasons) } : null,
      lastRepair: lastRepair ? repairToWire(lastRepair) : null,
      standing,
      certificate: certificate
        ? {
            serial: certificate.serial,
            notAfterMs: certificate.notAfterMs,
            problem: certificate.problem,
            authorities: [...certificate.authorities],
          }
        : null,
    },
  }
}

export function standingOf(state: AgentState): Standing {
  return {
    appliedVersion: state.snapshot.version,
    failedVersion: state.failed?.version ?? 0,
    applied: wireOwners(appliedOwners(state)),
    quarantined: quarantinedToWire(toldQuarantine(state.quarantined)),
  }
}

function repairToWire({ change, fault, ...repair }: LastRepair): Repair {
  return {
    atMs: repair.atMs,
    restored: [...repair.restored],
    repaired: [...repair.repaired],
    othersVanished: [...repair.othersVanished],
    change: change ? changes[change] : 'CHANGE_UNSPECIFIED',
    fault: fault ? faultToWire(fault) : null,
  }
}

/**
 * @returns undefined for a message that is no order
 * @throws AppError `VERSION_OUT_OF_RANGE`; Error for a message without its contents
 */
export function orderOf(message: ControllerMessage__Output): Order | undefined {
  const { nonce } = message
  if (message.snapshot) return { kind: 'snapshot', nonce, ...snapshotFromWire(message.snapshot) }
  if (message.prepare) {
    const { publishId, snapshot, leaseMs, dryRun } = message.prepare
    if (!snapshot) throw new Error('a prepare without a snapshot')
    return { kind: 'prepare', nonce, publishId, ...snapshotFromWire(snapshot), leaseMs, dryRun }
  }
  if (message.commit) return { kind: 'commit', nonce, ...message.commit }
  return message.abort ? { kind: 'abort', publishId: message.abort.publishId } : undefined
}
