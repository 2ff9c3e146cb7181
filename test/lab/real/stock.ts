/** A HAProxy beside ours, with the files that Pigsty writes and nobody who helps: what ours is compared with. */
import { cp, mkdir, readdir } from 'node:fs/promises'
import { signalReload, startHaproxy } from '../haproxy.ts'
import { INVENTORY_FILE, mustShell } from '../pgsvc.ts'
import type { RealSystem } from './real-system.ts'

/** Starts it on the admin host, with the services of clusters whose ports do not clash. */
export async function startStock(
  { admin }: Pick<RealSystem, 'admin'>,
  clusters: readonly string[],
): Promise<void> {
  const directory = '/run/stock'
  await mustShell(admin, `pgsvc render ${clusters.join(' ')} --strict -i ${INVENTORY_FILE} -o ${directory}`)
  await startHaproxy(admin)
  const live = admin.file('/etc/haproxy/conf.d')
  await mkdir(live, { recursive: true })
  // The files of a cluster are the same on all its nodes.
  for (const node of await readdir(admin.file(directory)))
    await cp(admin.file(`${directory}/${node}`), live, { recursive: true })
  await signalReload(admin)
}
