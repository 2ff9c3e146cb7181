/** What came of trying again what the node could not take. Pure. */
import type { AgentState } from '../state/state-file.ts'
import type { PreparedSet, PrepareOutcome } from './outcome.ts'
import { sameAssignments } from './quarantine.ts'

/** More of what was asked for would be in place, or all of it. */
export function gains({ snapshot, quarantined }: PreparedSet, state: AgentState): boolean {
  const isAll = quarantined.length === 0 && snapshot.version !== state.snapshot.version
  return isAll || !sameAssignments(snapshot, state.snapshot)
}

/** @returns the state as it was, but with the reasons of now; the same object when they are the same */
export function refusedAgain(prepared: PrepareOutcome, state: AgentState): AgentState {
  const found = prepared.kind === 'prepared' ? prepared.set.quarantined : prepared.quarantined
  const quarantined = found ?? state.quarantined
  const failed =
    prepared.kind === 'failed' && state.failed ? { ...state.failed, fault: prepared.fault } : state.failed
  const next = { ...state, quarantined, failed }
  return reasonsOf(next) === reasonsOf(state) ? state : next
}

/** HAProxy's own words have the number of its process in them. */
function reasonsOf({ quarantined, failed }: AgentState): string {
  const faults = [failed?.fault, ...quarantined.map(({ fault }) => fault)]
  return JSON.stringify([
    quarantined.map(({ owner }) => owner),
    faults.map((fault) => ({ ...fault, haproxy: '' })),
  ])
}
