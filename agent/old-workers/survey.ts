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
  let hungBefore: ReadonlyMap<number, Hung> = new Map()
  const ask = async (path: string, pid: number): Promise<readonly ServerStat[] | Hung | undefined> => {
    const before = hungBefore.get(pid)
    if (before !== undefined && clock.monotonic() < before.untilMs) return before
    const answer = await askServers(cli, path, pid)
    if (answer !== 'silent') return answer
    return { untilMs: clock.monotonic() + hungForMs, times: (before?.times ?? 0) + 1 }
  }
  return async (path, proc) => {
    const found: SurveyedWorker[] = []
    const hung = new Map<number, Hung>()
    for (const { pid, oldForS } of ages.of(supersededWorkers(proc), proc)) {
      // One at a time: the master takes few connections at once.
      const answer = await ask(path, pid)
      const isHung = answer !== undefined && 'untilMs' in answer
      if (isHung) hung.set(pid, answer)
      const servers = isHung ? undefined : answer
      const sessions = servers ? sessionsIn(servers) : (sessionsBefore.get(pid) ?? 0)
      const silent = isHung && answer.times > 1 ? ({ silent: true } as const) : {}
      found.push({ worker: { pid, oldForS, sessions, ...silent }, servers: servers ?? [] })
    }
    hungBefore = hung
    sessionsBefore = new Map(found.map(({ worker: { pid, sessions } }) => [pid, sessions]))
    return found
  }
}

/** One that has not answered. */
interface Hung {
  /** Until then it is not asked again. */
  readonly untilMs: number
  /** Questions without an answer, one after the other. */
  readonly times: number
}

function sessionsIn(servers: readonly ServerStat[]): number {
  return servers.reduce((sum, server) => sum + server.sessions, 0)
}
