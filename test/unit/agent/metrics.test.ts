import { expect, test } from 'vitest'
import { createLedger, leftBehind } from '../../../agent/observe/ledger.ts'
import { metricsText } from '../../../agent/observe/metrics.ts'
import type { LeaderView } from '../../../shared/model/leader.ts'

const observed = {
  ...{ haproxyRunning: true, workerPid: 5, servingApplied: false },
  ...{ servicesDown: ['pg-a'], drift: [] },
}
const times = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }
const oldWorkers = [
  { pid: 1, oldForS: 90, sessions: 2 },
  { pid: 2, oldForS: 10, sessions: 3 },
  { pid: 3, oldForS: 1, sessions: 0 },
]

const followed: LeaderView = {
  ...{ owner: 'pg-a', leader: 'pg-a-2', running: 'pg-a-1', confirmed: true, sinceMs: 5, source: 'etcd' },
  ...{ follow: 'on', held: { code: 'FLAPPING', message: 'three times' } },
  timings: { confirmMs: 84, tellMs: 2, moveMs: 0 },
}

test('applies, reloads by cause and failures are counted, and the last reload is kept', () => {
  const ledger = createLedger({ now: () => 7_000 })
  const applied = { kind: 'applied', times, generation: 1 } as const
  ledger.applied(
    { ...applied, change: 'reload', reasons: ['a.cfg added'], causes: ['added', 'changed'] },
    leftBehind(oldWorkers),
  )
  ledger.applied({ ...applied, change: 'runtime', reasons: ['weight'], causes: [] }, leftBehind([]))
  ledger.applied(
    { ...applied, change: 'reload', reasons: ['b.cfg added'], causes: ['added'] },
    leftBehind(oldWorkers),
  )
  ledger.failed({ stage: 'reload', code: 'RELOAD_FAILED', message: '' })
  ledger.failed({ stage: 'confirm', code: 'RESTORE_FAILED', message: '' })
  ledger.failed({ stage: 'swap', code: 'RESTORE_FAILED', message: '' })
  ledger.failed({ stage: 'confirm', code: 'DISK_FULL', message: '' })
  ledger.retried('in-vain')
  ledger.retried('in-vain')
  ledger.retried('gained')

  expect(ledger.lastReload()).toEqual({ atMs: 7_000, reasons: ['b.cfg added'], sessionsLeft: 5 })
  const text = metricsText({
    ...{ observed, oldWorkers, ended: { markedDown: 4, overLimit: 1 }, counts: ledger.counts() },
    ...{ appliedVersion: 12, hasFailed: true, quarantined: 3 },
    leaders: [followed],
    leaderChanges: new Map([['pg-a', 3]]),
    certificate: {
      serial: 'AB',
      notAfterMs: 1_800_000_000_000,
      authorityNotAfterMs: 1_900_000_000_000,
      authorities: [],
      problem: 'NO_ANSWER: x',
      renewed: 2,
      failed: 1,
    },
  })
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'pgsvc_agent_haproxy_up 1',
    'pgsvc_agent_serving_applied 0',
    'pgsvc_agent_services_down 1',
    'pgsvc_agent_drifted_files 0',
    'pgsvc_agent_applied_version 12',
    'pgsvc_agent_apply_failed 1',
    'pgsvc_agent_quarantined_owners 3',
    'pgsvc_agent_old_workers 3',
    'pgsvc_agent_old_worker_sessions 5',
    'pgsvc_agent_old_worker_age_seconds 90',
    'pgsvc_agent_old_worker_sessions_ended_total{cause="marked-down"} 4',
    'pgsvc_agent_old_worker_sessions_ended_total{cause="limit"} 1',
    'pgsvc_agent_applies_total{change="reload"} 2',
    'pgsvc_agent_applies_total{change="runtime"} 1',
    'pgsvc_agent_reloads_total{cause="added"} 2',
    'pgsvc_agent_reloads_total{cause="changed"} 1',
    'pgsvc_agent_reload_failures_total{code="RELOAD_FAILED"} 1',
    'pgsvc_agent_reload_failures_total{code="RESTORE_FAILED"} 1',
    'pgsvc_agent_retries_total{result="in-vain"} 2',
    'pgsvc_agent_retries_total{result="gained"} 1',
    'pgsvc_agent_apply_failures_total{code="RELOAD_FAILED"} 1',
    'pgsvc_agent_apply_failures_total{code="RESTORE_FAILED"} 2',
    'pgsvc_agent_apply_failures_total{code="DISK_FULL"} 1',
    'pgsvc_agent_leader_changes_total{owner="pg-a"} 3',
    'pgsvc_agent_leader_confirmed{owner="pg-a"} 1',
    'pgsvc_agent_leader_held{owner="pg-a",code="FLAPPING"} 1',
    'pgsvc_agent_leader_confirm_seconds{owner="pg-a"} 0.084',
    'pgsvc_agent_leader_tell_seconds{owner="pg-a"} 0.002',
    'pgsvc_agent_certificate_expiry_timestamp_seconds 1800000000',
    'pgsvc_agent_authority_expiry_timestamp_seconds 1900000000',
    'pgsvc_agent_certificate_renewal_failing 1',
    'pgsvc_agent_certificate_renewals_total{result="renewed"} 2',
    'pgsvc_agent_certificate_renewals_total{result="failed"} 1',
    '',
  ])
  expect(text).toMatch(/^# HELP pgsvc_agent_haproxy_up .+\n# TYPE pgsvc_agent_haproxy_up gauge\n/)
})

test('what a reload leaves behind are the workers that still have sessions', () => {
  expect(leftBehind(oldWorkers)).toEqual({ oldWorkers: 2, sessionsLeft: 5 })
})
