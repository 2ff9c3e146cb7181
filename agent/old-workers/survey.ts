/** What the workers that a reload has left behind say of their servers. */
import type { Clock } from '../../shared/ports/clock.ts'
import { type Cli, isSilence } from '../haproxy/cli.ts'
import { parseServerStats, type ServerStat, serverStatsCommand } from '../haproxy/server-stats.ts'
import { type ShowProc, supersededWorkers } from '../haproxy/show-proc.ts'
import { createAges } from './ages.ts'
import type { AgedWorker } from './limits.ts'

export interface OldWorker extends AgedWorker {
  /** Sessions that it has with servers; those that it had, while it does not answer. */
  readonly sessions: number
  /** It has not answered twice in a row, some seconds apart. */
  readonly silent?: true
}

export interface SurveyedWorker {
  readonly worker: OldWorker
  /** None while it does not answer. */
  readonly servers: readonly ServerStat[]
}

/**
 * @param path - the master socket
 * @returns the oldest first
 */
export type Survey = (path: string, proc: ShowProc) => Promise<readonly SurveyedWorker[]>

const askMs = 2_000
/** One that hangs would take the time of the others at every look. */
const hungForMs = 10_000

/** Servers as one worker sees them; undefined when it does not say. */
export async function askServers(
  cli: Cli,
  path: string,
  pid: number,
): Promise<readonly ServerStat[] | 'silent' | undefined> {
  return await cli
    .ask(path, `@!${pid} ${serverStatsCommand}`, askMs)
    .then(parseServerStats, (error: unknown) => (isSilence(error) ? 'silent' : undefined))
}

export function createSurvey({ cli, clock }: { readonly cli: Cli; readonly clock: Clock }): Survey {
  const ages = createAges(clock)
  let sessionsBefore: ReadonlyMap<number, number> = new Map()
  let hungUntilMs: ReadonlyMap<number, number> = new Map()
  /** @returns until when it is not asked again, too, when it hangs */
  const ask = async (path: string, pid: number) => {
    const untilMs = hungUntilMs.get(pid)
    if (untilMs !== undefined && clock.monotonic() < untilMs) return { untilMs }
    const answer = await askServers(cli, path, pid)
    if (answer === 'silent') return { untilMs: clock.monotonic() + hungForMs }
    return { servers: answer }
  }
  return async (path, proc) => {
    const found: SurveyedWorker[] = []
    const hung = new Map<number, number>()
    for (const { pid, oldForS } of ages.of(supersededWorkers(proc), proc)) {
      // One at a time: the master takes few connections at once.
      const { servers, untilMs } = await ask(path, pid)
      if (untilMs !== undefined) hung.set(pid, untilMs)
      const sessions = servers ? sessionsIn(servers) : (sessionsBefore.get(pid) ?? 0)
      const isSilent = untilMs !== undefined && hungUntilMs.has(pid)
      found.push({
        worker: { pid, oldForS, sessions, ...(isSilent ? { silent: true } : {}) },
        servers: servers ?? [],
      })
    }
    hungUntilMs = hung
    sessionsBefore = new Map(found.map(({ worker: { pid, sessions } }) => [pid, sessions]))
    return found
  }
}

function sessionsIn(servers: readonly ServerStat[]): number {
  return servers.reduce((sum, server) => sum + server.sessions, 0)
}
