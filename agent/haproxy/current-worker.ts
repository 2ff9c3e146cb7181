/** The worker of HAProxy that serves now, by its own or its master's word. */

import { showProc } from './ask-master.ts'
import type { Cli } from './cli.ts'
import type { Located } from './locate.ts'
import { currentWorker } from './show-proc.ts'

export interface ServingWorker {
  readonly pid: number
  /** The master has never reloaded: it read the files after its own start. */
  readonly isFirst: boolean
}

const askMs = 2_000

/** @returns undefined when HAProxy does not run, or nobody answers */
export async function findWorker(
  cli: Cli,
  { running, masterSocket, statsSocket }: Located,
): Promise<ServingWorker | undefined> {
  if (running === undefined) return undefined
  const proc = masterSocket === undefined ? undefined : await showProc(cli, masterSocket)
  if (proc) {
    const pid = currentWorker(proc)
    return pid === undefined ? undefined : { pid, isFirst: proc.reloads === 0 && proc.failed === 0 }
  }
  if (statsSocket === undefined) return undefined
  const info = await cli.ask(statsSocket, 'show info', askMs).catch(() => '')
  const pid = /^Pid: (\d+)$/m.exec(info)?.[1]
  return pid === undefined ? undefined : { pid: Number(pid), isFirst: false }
}
