/** All that is told between applies: to the controller, and to whoever reads the metrics. */
import type { LeaderView } from '../../shared/model/leader.ts'
import type { CertificateStanding } from '../identity/renewer.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { OldWorker } from '../old-workers/survey.ts'
import type { DriftAction, LastRepair, Repairer } from '../repair/repairer.ts'
import type { AgentState } from '../state/state-file.ts'
import type { DriftedFile } from './drift.ts'
import type { LastReload, Ledger } from './ledger.ts'
import { metricsText } from './metrics.ts'
import type { Observed } from './observe.ts'

export interface ReportedDrift extends DriftedFile {
  readonly action: DriftAction
}

export interface Report extends Observed {
  readonly drift: readonly ReportedDrift[]
  readonly lastRepair: LastRepair | undefined
  readonly oldWorkers: readonly OldWorker[]
  readonly lastReload: LastReload | undefined
  /** Who leads each cluster that the node serves, as far as the agent knows. */
  readonly leaders: readonly LeaderView[]
  /** undefined as long as there is no certificate that can be read. */
  readonly certificate: CertificateStanding | undefined
}

export interface ReportPorts {
  readonly observe: () => Promise<Observed>
  readonly oldWorkers: OldWorkers
  readonly ledger: Ledger
  readonly repairer: Pick<Repairer, 'action' | 'lastRepair'>
  readonly state: () => AgentState
  readonly leaders: () => readonly LeaderView[]
  /** Changes of leader since the agent's start, by owner. */
  readonly leaderChanges: () => ReadonlyMap<string, number>
  readonly certificate: () => CertificateStanding | undefined
}

export async function report({
  observe,
  oldWorkers,
  ledger,
  repairer,
  leaders,
  certificate,
}: ReportPorts): Promise<Report> {
  const observed = await observe()
  return {
    ...observed,
    drift: observed.drift.map((file) => ({ ...file, action: repairer.action(file) })),
    oldWorkers: oldWorkers.known(),
    lastReload: ledger.lastReload(),
    lastRepair: repairer.lastRepair(),
    leaders: leaders(),
    certificate: certificate(),
  }
}

/** @param seen - of this moment */
export function metricsOf({ oldWorkers, ledger, state, leaderChanges }: ReportPorts, seen: Report): string {
  const { snapshot, failed, quarantined } = state()
  return metricsText({
    observed: seen,
    oldWorkers: seen.oldWorkers,
    ended: oldWorkers.ended(),
    counts: ledger.counts(),
    appliedVersion: snapshot.version,
    hasFailed: failed !== undefined,
    leaders: seen.leaders,
    certificate: seen.certificate,
    leaderChanges: leaderChanges(),
    quarantined: quarantined.length,
  })
}
