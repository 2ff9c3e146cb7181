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
  const pid = await answeringWorker(cli, { statsSocket, masterSocket: undefined })
  return pid === undefined ? undefined : { pid, isFirst: false }
}

/**
 * Pid that the worker itself says: over its stats socket or, where there is none, through the master.
 *
 * @param pid - ask the master for this worker; undefined for the current one
 */
export async function answeringWorker(
  cli: Cli,
  { statsSocket, masterSocket }: Pick<Located, 'statsSocket' | 'masterSocket'>,
  pid?: number,
): Promise<number | undefined> {
  const viaMaster = pid === undefined ? '@1 show info' : `@!${pid} show info`
  const path = statsSocket ?? masterSocket
  if (path === undefined) return undefined
  const text = await cli.ask(path, statsSocket === undefined ? viaMaster : 'show info', askMs).catch(() => '')
  const found = /^Pid: (\d+)$/m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
