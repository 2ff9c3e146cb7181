/** Has HAProxy's current worker tell the states of its servers. */
import type { Cli } from '../haproxy/cli.ts'
import type { Located } from '../haproxy/locate.ts'
import { parseServersState, type StateRow } from './rows.ts'

const askMs = 2_000

/**
 * By the stats socket, which is the one that the files on disk name and may not be there before the next reload; else
 * by the master.
 *
 * @returns by `section/server`; undefined when nobody tells
 */
export async function dumpStates(
  cli: Cli,
  { statsSocket, masterSocket }: Pick<Located, 'statsSocket' | 'masterSocket'>,
): Promise<ReadonlyMap<string, StateRow> | undefined> {
  const dump = async (path: string | undefined, command: string) =>
    path === undefined
      ? undefined
      : await cli.ask(path, command, askMs).then(parseServersState, () => undefined)
  return (
    (await dump(statsSocket, 'show servers state')) ?? (await dump(masterSocket, '@1 show servers state'))
  )
}
