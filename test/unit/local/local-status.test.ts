import { expect, test } from 'vitest'
import { createLink } from '../../../agent/local/link.ts'
import { liveStatus, rememberedStatus } from '../../../agent/local/local-status.ts'
import { localStatusText } from '../../../agent/local/status-text.ts'
import type { Report } from '../../../agent/observe/report.ts'
import { type AgentState, emptyState } from '../../../agent/state/state-file.ts'
import { noTimings } from '../../../shared/model/leader.ts'
import { snapshotOf } from '../../support/snapshots.ts'

const atMs = Date.UTC(2026, 10, 21, 14, 2, 11)
const member = { instance: 'pg-a-1', address: '10.9.9.1', patroniPort: 8008, patroniTls: false }

function stateOf(more: Partial<AgentState> = {}): AgentState {
  const { snapshot } = snapshotOf(7, { 'pg-a': { 'pg-a-1': {}, 'pg-a-2': {} } })
  const assignments = snapshot.assignments.map((one) => ({ ...one, members: [member] }))
  return {
    ...emptyState('n1'),
    snapshot: { ...snapshot, assignments },
    leaders: { 'pg-a': 'pg-a-1' },
    ...more,
  }
}

const seen: Report = {
  ...{ haproxyRunning: true, workerPid: 1, servicesDown: ['pg-a-offline'], servingApplied: true },
  ...{ lastRepair: undefined, oldWorkers: [], certificate: undefined },
  drift: [{ owner: 'pg-a', name: 'pg-a-replica.cfg', kind: 'changed', diff: '', action: 'left' }],
  lastReload: { atMs, reasons: ['pg-a-replica.cfg changed'], sessionsLeft: 0 },
  leaders: [
    {
      ...{ owner: 'pg-a', leader: 'pg-a-2', confirmed: true, sinceMs: atMs, running: 'pg-a-1' },
      ...{ timings: noTimings, source: 'patroni', follow: 'report' },
      held: { code: 'POLICY_REPORT', message: 'told only' },
    },
  ],
}

test('a running agent tells what it sees, whom it is connected to, and what keeps it from following', () => {
  const link = createLink({ now: () => atMs })
  link.connected('10.10.10.10:9750')
  const self = { pid: 812, version: '0.1.0', startedMs: atMs }

  expect(localStatusText(liveStatus(self, link.state(), stateOf(), seen))).toBe(
    [
      'n1: agent 0.1.0, process 812, since 2026-11-21T14:02:11Z',
      'controller: connected to 10.10.10.10:9750 since 2026-11-21T14:02:11Z',
      'HAProxy: serves what was applied, version 7',
      'no server of pg-a-offline is up',
      'pg-a-replica.cfg is changed',
      'last reload: 2026-11-21T14:02:11Z, pg-a-replica.cfg changed',
      '',
      'pg-a@7: pg-a-2 leads since 2026-11-21T14:02:11Z; the variant of pg-a-1 runs; follow report; POLICY_REPORT: told only',
      '',
    ].join('\n'),
  )
})

test('the time without a controller begins with the end of the stream, not with the last attempt', () => {
  let nowMs = 1
  const link = createLink({ now: () => nowMs })
  link.connected('a:1')
  nowMs = 2
  link.away('a:1', 'closed')
  nowMs = 3
  link.away('b:1', 'refused')

  expect(link.state()).toEqual({ connected: false, address: 'b:1', sinceMs: 2, reason: 'refused' })
})

test('without an agent it is what was remembered, and called so', () => {
  const state = stateOf({ followed: { 'pg-a': { leader: 'pg-a-2', sinceMs: atMs } } })

  expect(localStatusText(rememberedStatus(state))).toContain(
    'pg-a@7: pg-a-2 leads since 2026-11-21T14:02:11Z, by what is remembered, not by a check; the variant of pg-a-1 runs',
  )
})
