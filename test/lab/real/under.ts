/** Something befalls a cluster that is at rest and has clients, and it comes to rest again. */
import type { TrafficTarget } from '../traffic/record.ts'
import { settled } from './cluster.ts'
import { followed } from './followed.ts'
import type { RealSystem } from './real-system.ts'
import { nobodyIsSpared } from './spared.ts'
import { type Seen, type Watch, watchCluster } from './watch.ts'

export interface Befallen extends Seen {
  /** Who led before. */
  readonly from: string
  /** Who leads now. */
  readonly to: string
}

/**
 * Resolves when one member leads, all others stream from it, all nodes follow and all clients are served.
 *
 * @param befall - does it, and undoes what does not undo itself
 */
export async function under(
  system: RealSystem,
  cluster: string,
  befall: (leader: string, watch: Watch) => Promise<unknown>,
  more: readonly TrafficTarget[] = [],
): Promise<Befallen> {
  const members = () => system.cluster(cluster)
  const from = await settled(system.probe, members())
  await followed(system, cluster, from)
  // With three members another replica has the reads.
  if (members().length === 2) await nobodyIsSpared(system, cluster)
  const watch = await watchCluster(system, cluster, more)
  try {
    await befall(from, watch)
    const to = await settled(system.probe, members())
    return { from, to, ...(await watch.end(to)) }
  } finally {
    await watch.stop()
  }
}

/** Acknowledged writes that a member does not have. */
export async function lostBy(
  system: RealSystem,
  member: string,
  { records }: Seen,
): Promise<readonly string[]> {
  const rows = await system.probe.sql(system.lab.host(member).address, 'SELECT note FROM probe')
  const kept = new Set(rows.map(([note]) => note))
  return records.flatMap(({ note }) => (note === '' || kept.has(note) ? [] : [note]))
}
