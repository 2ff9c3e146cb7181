/**
 * Which sessions of an old worker sit on a server that the current one has marked down. Pure.
 *
 * No memory of changes is needed: a server that is down now must have no session now, whenever it went down.
 */
import { isMarkedDown, type ServerStat } from '../haproxy/server-stats.ts'
import type { ServersBySection } from './marked-down.ts'

export interface StrandedServer {
  readonly section: string
  readonly server: string
  /** What the current worker says of it. */
  readonly status: string
  readonly sessions: number
}

/**
 * @param current - servers as the current worker sees them
 * @param old - as an old worker does
 * @param shutdown - the servers whose service wants their sessions ended
 * @returns only servers that both workers know under the same name and at the same host: of one that was removed, or
 *   moved, nobody says that it is down. Another port of the service is no move: its check has a port of its own
 */
export function findStranded(
  current: readonly ServerStat[],
  old: readonly ServerStat[],
  shutdown: ServersBySection,
): readonly StrandedServer[] {
  const down = new Map(
    current
      .filter((stat) => isMarkedDown(stat) && shutdown.get(stat.section)?.has(stat.server))
      .map((stat) => [keyOf(stat), stat.status] as const),
  )
  return old.flatMap((stat) => {
    const status = down.get(keyOf(stat))
    const { section, server, sessions } = stat
    return status === undefined || sessions === 0 ? [] : [{ section, server, status, sessions }]
  })
}

function keyOf({ section, server, address }: ServerStat): string {
  return `${section}/${server} ${address.replace(/:\d+$/, '')}`
}
