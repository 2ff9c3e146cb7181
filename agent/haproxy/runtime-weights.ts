/**
 * Tells the running worker new weights of servers.
 *
 * The files say the same already. A worker that somebody else's reload starts meanwhile may have read them
 * before or after, so nothing counts unless the same worker was the current one all the time.
 */

import { showProc } from './ask-master.ts'
import type { Cli } from './cli.ts'
import type { Located } from './locate.ts'
import { currentWorker } from './show-proc.ts'

export interface ServerWeight {
  readonly section: string
  readonly server: string
  /** 0 to 256. */
  readonly to: number
}

/** Which worker is current, and how often the master has reloaded. */
export interface WorkerMark {
  readonly pid: number
  readonly reloads: number
}

const askMs = 2_000
/** HAProxy takes lines of up to 16 KiB on its sockets. */
const commandsAtOnce = 50

/** @returns undefined when nobody can say which worker is the current one */
export async function markWorker(
  cli: Cli,
  { masterSocket }: Pick<Located, 'masterSocket'>,
): Promise<WorkerMark | undefined> {
  const proc = masterSocket === undefined ? undefined : await showProc(cli, masterSocket)
  const pid = proc && currentWorker(proc)
  return proc === undefined || pid === undefined ? undefined : { pid, reloads: proc.reloads }
}

/**
 * @param mark - taken before the files were put in place
 * @returns why it did not work, in HAProxy's words; undefined when the worker has all of them
 */
export async function setWeights(
  cli: Cli,
  located: Pick<Located, 'masterSocket'>,
  mark: WorkerMark | undefined,
  weights: readonly ServerWeight[],
): Promise<string | undefined> {
  const { masterSocket } = located
  if (masterSocket === undefined || mark === undefined) return 'the master of HAProxy does not answer'
  for (let at = 0; at < weights.length; at += commandsAtOnce) {
    const commands = weights
      .slice(at, at + commandsAtOnce)
      .map(({ section, server, to }) => `@!${mark.pid} set server ${section}/${server} weight ${to}`)
    const answer = await cli.ask(masterSocket, commands.join(';'), askMs).catch(wordsOf)
    if (answer.trim() !== '') return answer.trim().split('\n')[0]
  }
  const after = await markWorker(cli, located)
  const isSame = after?.pid === mark.pid && after.reloads === mark.reloads
  return isSame ? undefined : 'HAProxy was reloaded by somebody else meanwhile'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
