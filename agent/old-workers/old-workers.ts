/**
 * Watches the workers that a reload has left behind.
 *
 * They keep their established sessions, for a day by Pigsty's time-outs, and check no server any more. So what
 * a service's `on-marked-down` asks for is done for them here, as soon as the current worker has marked a
 * server down, for whatever cause; and they are counted.
 */
import type { Logger } from '../../shared/log/logger.ts'
import { untilBeat } from '../../shared/ports/beat.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNap } from '../../shared/ports/nap.ts'
import { showProc } from '../haproxy/ask-master.ts'
import type { Cli } from '../haproxy/cli.ts'
import type { Located } from '../haproxy/locate.ts'
import type { ServerStat } from '../haproxy/server-stats.ts'
import { currentWorker, supersededWorkers } from '../haproxy/show-proc.ts'
import { endSessions } from './end-sessions.ts'
import { type OldWorkerLimits, overLimit } from './limits.ts'
import type { ServersBySection } from './marked-down.ts'
import { findStranded } from './stranded.ts'
import { askServers, createSurvey, type OldWorker, type SurveyedWorker } from './survey.ts'

type Where = Pick<Located, 'running' | 'masterSocket' | 'layout'>

export interface OldWorkersPorts {
  readonly cli: Cli
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly locate: () => Promise<Where>
  /** The servers whose service wants their sessions ended when they are marked down. */
  readonly shutdown: (where: Where) => Promise<ServersBySection>
  /**
   * Ends a process at once.
   *
   * @throws Error when that is not to be had
   */
  readonly terminate: (pid: number) => Promise<void>
}

export interface OldWorkers {
  /** Looks once; ends nothing. Empty also when nobody answers. */
  count(): Promise<readonly OldWorker[]>
  /** As they were seen last. */
  known(): readonly OldWorker[]
  /** Sessions ended so far because their server was down, and because of a limit. */
  ended(): { readonly markedDown: number; readonly overLimit: number }
  /** Looks, and ends what is to be ended. */
  look(): Promise<void>
  /** Goes on looking until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

interface Seen {
  readonly where: Where
  /** The master socket. */
  readonly path: string
  /** Pid of the worker that serves. */
  readonly current: number | undefined
  readonly found: readonly SurveyedWorker[]
}

/** While there are old workers; at most this long a session outlives its server's being marked down. */
const pollMs = 200
/**
 * Each of our own reloads, and each change of leader, wakes it up; a reload by others leaves workers that are found so late.
 */
const idlePollMs = 2_000
export function createOldWorkers(ports: OldWorkersPorts, limits: OldWorkerLimits): OldWorkers {
  const { cli, clock, log } = ports
  const survey = createSurvey(ports)
  const total = { markedDown: 0, overLimit: 0 }
  const terminated = new Set<number>()
  const nap = createNap(clock)
  let known: readonly OldWorker[] = []

  const endStranded = async (
    { path, where }: Seen,
    { worker, servers }: SurveyedWorker,
    current: readonly ServerStat[],
  ) => {
    const { pid } = worker
    const stranded = findStranded(current, servers, await ports.shutdown(where))
    if (stranded.length === 0) return 0
    const ended = await endSessions(cli, path, pid, stranded)
    total.markedDown += ended.length
    for (const { section, server, status } of stranded) {
      const sessions = ended.filter((row) => row.section === section && row.server === server).length
      if (sessions > 0) log.info({ worker: pid, section, server, status, sessions }, 'sessions ended')
    }
    return ended.length
  }
  const endAllStranded = async (seen: Seen, serving: number) => {
    let current: Awaited<ReturnType<typeof askServers>>
    for (const found of seen.found.filter(({ worker }) => worker.sessions > 0)) {
      current ??= await askServers(cli, seen.path, serving)
      if (typeof current !== 'object') return
      const ended = await endStranded(seen, found, current)
      // That took a while: the next worker's are judged by the servers as they are then.
      if (ended > 0) current = undefined
    }
  }
  const endOverLimit = async (path: string) => {
    for (const { pid, oldForS, sessions } of overLimit(known, limits)) {
      // Its pid could be another process's by now.
      const proc = terminated.has(pid) ? undefined : await showProc(cli, path)
      if (!proc || !supersededWorkers(proc).some((worker) => worker.pid === pid)) continue
      await ports.terminate(pid)
      terminated.add(pid)
      total.overLimit += sessions
      log.warn({ worker: pid, oldForS, sessions, ...limits }, 'old worker ended, with its sessions')
    }
    for (const pid of terminated) if (!known.some((worker) => worker.pid === pid)) terminated.delete(pid)
  }
  const count = async (): Promise<Seen | undefined> => {
    const where = await ports.locate()
    const path = where.running === undefined ? undefined : where.masterSocket
    if (path === undefined) known = []
    const proc = path === undefined ? undefined : await showProc(cli, path)
    // A master that is just re-executing itself does not answer: then nothing is known anew.
    if (path === undefined || proc === undefined) return undefined
    const found = await survey(path, proc)
    const hadNone = known.length === 0
    known = found.map(({ worker }) => worker)
    if (hadNone && known.length > 0) nap.wake()
    return { where, path, current: currentWorker(proc), found }
  }
  const look = async () => {
    const seen = await count()
    if (seen?.current === undefined || seen.found.length === 0) return
    await endAllStranded(seen, seen.current)
    await endOverLimit(seen.path)
  }
  return {
    count: async () => (await count())?.found.map(({ worker }) => worker) ?? [],
    known: () => known,
    ended: () => total,
    look,
    async run(signal) {
      let wasWell = true
      while (!signal.aborted) {
        const problem = await look().then(
          () => undefined,
          (err: unknown) => ({ err }),
        )
        if (problem && wasWell) log.warn(problem, 'old workers could not be looked at')
        wasWell = problem === undefined
        await nap.sleep(known.length > 0 ? pollMs : untilBeat(clock, idlePollMs), signal)
      }
    },
  }
}
