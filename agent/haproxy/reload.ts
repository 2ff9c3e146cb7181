/**
 * Reloads HAProxy and sees from HAProxy itself that a new worker serves.
 *
 * Never concluded from an exit status: a reload that passed `-c` can still fail to bind. Before 2.7 the
 * master answers nothing to `reload`, and refuses connections for some tens of milliseconds while it
 * re-executes itself; so its `show proc` is read before, and then until the reload has been counted.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import { showProc, showProcSoon } from './ask-master.ts'
import { type Cli, untilDeadline } from './cli.ts'
import { answeringWorker } from './current-worker.ts'
import type { Located } from './locate.ts'
import type { ShowProc } from './show-proc.ts'
import { judgeReload, parseReloadAnswer, type ReloadAnswer } from './version.ts'

export interface ReloadPorts {
  readonly cli: Cli
  readonly exec: Exec
  readonly clock: Clock
}

export interface ReloadOptions {
  /** Program and arguments for a HAProxy without master socket; empty sends SIGUSR2 to the master. */
  readonly command: readonly string[]
  readonly timeoutMs: number
}

export type ReloadResult =
  | { readonly kind: 'reloaded'; readonly workerPid: number }
  | {
      readonly kind: 'failed'
      /** `reload`: the worker from before goes on as before; `confirm`: it is not known what runs. */
      readonly step: 'reload' | 'confirm'
      readonly code: string
      readonly message: string
      /** HAProxy's own words. */
      readonly words?: string | undefined
    }

const pollMs = 10
const askMs = 2_000
/** A master that answers and has not counted the reload for this long never got it. */
const askAgainMs = 1_000

/** Ends within `timeoutMs`, whoever does not answer. */
export async function reloadAndConfirm(
  world: ReloadPorts,
  located: Located,
  options: ReloadOptions,
): Promise<ReloadResult> {
  const deadline = world.clock.monotonic() + options.timeoutMs
  const ports = { ...world, cli: untilDeadline(world.cli, world.clock, deadline) }
  const { masterSocket } = located
  // The other half is for the reload itself.
  const before = masterSocket && (await showProcSoon(ports, masterSocket, options.timeoutMs / 2))
  if (!masterSocket || !before || before === 'gone')
    return await reloadBlind(ports, located, options, deadline)
  if (before === 'silent') return silent(masterSocket)
  const answer = await ports.cli
    .ask(masterSocket, 'reload', options.timeoutMs)
    .then(parseReloadAnswer)
    .catch(() => undefined)
  if (answer?.success === false) return refused(answer)
  const found = await awaitNewWorker(ports, masterSocket, before, deadline)
  if (typeof found !== 'number') return found
  return await awaitAnswer(ports, located, (pid) => pid === found, found, deadline)
}

/** A signal is no way round: one that is stopped would act on it when it goes on, whatever the files say then. */
function silent(masterSocket: string): ReloadResult {
  const message = `HAProxy's master takes commands on ${masterSocket} and does not answer; it was not asked to reload`
  return { kind: 'failed', step: 'reload', code: 'HAPROXY_UNREACHABLE', message }
}

function refused({ words }: ReloadAnswer): ReloadResult {
  const message = 'HAProxy could not load the new set and goes on with the old one'
  return { kind: 'failed', step: 'reload', code: 'RELOAD_FAILED', message, words }
}

async function awaitNewWorker(
  { cli, clock }: ReloadPorts,
  masterSocket: string,
  before: ShowProc,
  deadline: number,
): Promise<number | ReloadResult> {
  let askedAt = clock.monotonic()
  while (clock.monotonic() < deadline) {
    const now = await showProc(cli, masterSocket)
    if (now?.reloads === before.reloads && clock.monotonic() - askedAt >= askAgainMs) {
      // Seen on 2.6.12: a reload asked for right after the start, or while somebody else's is under way, is lost.
      askedAt = clock.monotonic()
      await cli.ask(masterSocket, 'reload', askMs).catch(() => '')
    }
    const judged = now && judgeReload(before, now)
    if (typeof judged === 'number') return judged
    if (judged === 'failed') {
      const message =
        'HAProxy could not load the new set and goes on with the old one; its log has the reason'
      return { kind: 'failed', step: 'reload', code: 'RELOAD_FAILED', message }
    }
    await clock.sleep(pollMs)
  }
  return timedOut('no new worker appeared')
}

/** No master socket: the only witness is the pid that the stats socket answers with. */
async function reloadBlind(
  ports: ReloadPorts,
  located: Located,
  options: ReloadOptions,
  deadline: number,
): Promise<ReloadResult> {
  const before = await answeringWorker(ports.cli, located)
  if (before === undefined) {
    const message =
      'neither the master socket nor the stats socket of HAProxy answers, so a reload cannot be seen'
    return { kind: 'failed', step: 'reload', code: 'HAPROXY_UNREACHABLE', message }
  }
  // Without a master nobody takes SIGUSR2, and it would end the process.
  if (options.command.length === 0 && located.running?.masterWorker !== true) {
    const message = 'HAProxy runs without a master process (-W), so the agent needs a reload_command'
    return { kind: 'failed', step: 'reload', code: 'HAPROXY_UNREACHABLE', message }
  }
  const [file = 'kill', ...args] =
    options.command.length > 0 ? options.command : ['kill', '-USR2', String(located.running?.pid ?? 0)]
  const leftMs = Math.max(1, Math.ceil(deadline - ports.clock.monotonic()))
  const ended = await ports.exec.run(file, args, { timeoutMs: leftMs })
  if (ended.status !== 0) {
    const words = `${ended.stdout}${ended.stderr}`.trim()
    const message = `${[file, ...args].join(' ')} failed`
    return { kind: 'failed', step: 'reload', code: 'RELOAD_FAILED', message, words }
  }
  return await awaitAnswer(ports, located, (pid) => pid !== before, undefined, deadline)
}

/** @param fresh - the new worker, when the master has named it */
async function awaitAnswer(
  { cli, clock }: ReloadPorts,
  located: Located,
  isNew: (pid: number) => boolean,
  fresh: number | undefined,
  deadline: number,
): Promise<ReloadResult> {
  while (clock.monotonic() < deadline) {
    const pid = await answeringWorker(cli, located, fresh)
    if (pid !== undefined && isNew(pid)) return { kind: 'reloaded', workerPid: pid }
    await clock.sleep(pollMs)
  }
  return timedOut('the new worker does not answer')
}

function timedOut(what: string): ReloadResult {
  return {
    kind: 'failed',
    step: 'confirm',
    code: 'RELOAD_NOT_CONFIRMED',
    message: `${what} in time`,
  }
}
