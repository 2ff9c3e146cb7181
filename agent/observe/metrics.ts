/**
 * What the agent knows, as Prometheus reads it. Pure.
 * Source: Prometheus documentation, "Text-based format" (exposition formats, version 0.0.4).
 */
import type { LeaderView } from '../../shared/model/leader.ts'
import type { CertificateStanding } from '../identity/renewer.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { OldWorker } from '../old-workers/survey.ts'
import type { Counts } from './ledger.ts'
import type { Observed } from './observe.ts'

export interface MetricsFacts {
  readonly observed: Observed
  readonly oldWorkers: readonly OldWorker[]
  readonly ended: ReturnType<OldWorkers['ended']>
  readonly counts: Counts
  /** Version of the last snapshot applied in full. */
  readonly appliedVersion: number
  readonly hasFailed: boolean
  readonly leaders: readonly LeaderView[]
  /** Changes of leader since the agent's start, by owner. */
  readonly leaderChanges: ReadonlyMap<string, number>
  readonly certificate: CertificateStanding | undefined
  /** Owners whose newest files the node cannot take. */
  readonly quarantined: number
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

export function metricsText({ observed, oldWorkers, ended, counts, ...facts }: MetricsFacts): string {
  const oldest = Math.max(0, ...oldWorkers.map(({ oldForS }) => oldForS))
  const sessions = oldWorkers.reduce((sum, worker) => sum + worker.sessions, 0)
  return [
    gauge('haproxy_up', 'HAProxy runs and answers', observed.haproxyRunning),
    gauge('serving_applied', 'HAProxy has loaded what was applied last', observed.servingApplied),
    gauge('services_down', 'services without a usable server', observed.servicesDown.length),
    gauge('drifted_files', 'files that are not on disk as they were applied', observed.drift.length),
    gauge('applied_version', 'version of the snapshot applied last', facts.appliedVersion),
    gauge('apply_failed', 'the last apply failed', facts.hasFailed),
    gauge('quarantined_owners', 'owners whose newest files this node cannot take', facts.quarantined),
    gauge('old_workers', 'workers that only finish sessions from before a reload', oldWorkers.length),
    gauge('old_worker_sessions', 'sessions in old workers', sessions),
    gauge('old_worker_age_seconds', 'for how long the oldest of them has been old', oldest),
    counter('old_worker_sessions_ended_total', 'sessions ended in old workers', [
      [{ cause: 'marked-down' }, ended.markedDown],
      [{ cause: 'limit' }, ended.overLimit],
    ]),
    counter('applies_total', 'snapshots applied', samples('change', counts.applies)),
    counter('reloads_total', 'reloads by cause', samples('cause', counts.reloads)),
    counter(
      'reload_failures_total',
      'reloads that HAProxy refused, or that were not seen to go through',
      samples('code', counts.failedReloads),
    ),
    counter(
      'retries_total',
      'times that the agent itself tried again what the node could not take',
      samples('result', counts.retries),
    ),
    counter('apply_failures_total', 'snapshots refused or failed', samples('code', counts.failures)),
    ...leaderMetrics(facts.leaders, facts.leaderChanges),
    ...certificateMetrics(facts.certificate),
  ].join('')
}

function certificateMetrics(certificate: CertificateStanding | undefined): string[] {
  if (certificate === undefined) return []
  const { notAfterMs, authorityNotAfterMs, problem, renewed, failed } = certificate
  return [
    gauge(
      'certificate_expiry_timestamp_seconds',
      'when the certificate of this node ends',
      notAfterMs / 1000,
    ),
    gauge(
      'authority_expiry_timestamp_seconds',
      'when the authority of that certificate ends, and all its certificates with it; 0: not known',
      authorityNotAfterMs / 1000,
    ),
    gauge('certificate_renewal_failing', 'the last attempt to renew the certificate failed', problem !== ''),
    counter('certificate_renewals_total', 'attempts to renew the certificate', [
      [{ result: 'renewed' }, renewed],
      [{ result: 'failed' }, failed],
    ]),
  ]
}

function leaderMetrics(
  leaders: readonly LeaderView[],
  changes: ReadonlyMap<string, number>,
): readonly string[] {
  const followed = leaders.filter(({ sinceMs }) => sinceMs > 0)
  const each = (from: readonly LeaderView[], value: (view: LeaderView) => number): readonly Sample[] =>
    from.map((view) => [{ owner: view.owner }, value(view)])
  return [
    counter(
      'leader_changes_total',
      'changes of leader that live checks confirmed',
      samples('owner', changes),
    ),
    metric(
      'leader_confirmed',
      'gauge',
      'a live check has confirmed who leads',
      each(leaders, ({ confirmed }) => Number(confirmed)),
    ),
    metric(
      'leader_held',
      'gauge',
      'what keeps the agent from following a leader',
      leaders.flatMap(({ owner, held }) => (held ? [[{ owner, code: held.code }, 1]] : [])),
    ),
    metric(
      'leader_confirm_seconds',
      'gauge',
      'from the hint until the last new leader was confirmed',
      each(followed, ({ timings }) => timings.confirmMs / 1_000),
    ),
    metric(
      'leader_tell_seconds',
      'gauge',
      'from there until HAProxy was told',
      each(followed, ({ timings }) => timings.tellMs / 1_000),
    ),
  ]
}

function gauge(name: string, help: string, value: number | boolean): string {
  return metric(name, 'gauge', help, [[{}, Number(value)]])
}

function counter(name: string, help: string, all: readonly Sample[]): string {
  return metric(name, 'counter', help, all)
}

function samples(label: string, counts: ReadonlyMap<string, number>): readonly Sample[] {
  return [...counts].map(([key, value]) => [{ [label]: key }, value] as const)
}

/** Keys and values of ours need no escapes. */
function metric(name: string, type: string, help: string, all: readonly Sample[]): string {
  const full = `pgsvc_agent_${name}`
  const lines = all.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`)
    return `${full}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
  })
  return [`# HELP ${full} ${help}\n`, `# TYPE ${full} ${type}\n`, ...lines].join('')
}
