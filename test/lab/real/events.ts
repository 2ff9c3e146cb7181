/** What the controller says that happened to a cluster. */
import { mustShell } from '../pgsvc.ts'
import type { RealSystem } from './real-system.ts'

export interface LabEvent {
  readonly id: number
  readonly kind: string
  readonly node: string
  readonly message: string
  /** Of a step in following a leader. */
  readonly leader: {
    readonly step: string
    readonly leader: string
    readonly source: string
    readonly code: string
  } | null
}

/** Events of a cluster, the oldest first; all that are still kept. */
export async function eventsOf(
  { admin }: Pick<RealSystem, 'admin'>,
  cluster: string,
): Promise<readonly LabEvent[]> {
  const text = await mustShell(admin, `pgsvc events ${cluster} --json --limit 10000`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): LabEvent => JSON.parse(line))
}
