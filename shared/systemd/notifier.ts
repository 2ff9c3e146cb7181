/**
 * Tells systemd how a service of `Type=notify` is, by the `systemd-notify` program: Node cannot send datagrams to a
 * unix socket. Without systemd, nothing is said and nothing is started.
 *
 * Source: sd_notify(3), sd_watchdog_enabled(3).
 */
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../ports/clock.ts'
import type { Exec } from '../ports/exec.ts'

export interface Notifier {
  /** The service does what it is there for. */
  ready(status: string): void
  /** One line for `systemctl status`; the same one again is not sent. */
  status(text: string): void
  /** The service comes to its end, as it was asked to. */
  stopping(): void
  /**
   * Says that the service is alive, for as long as it is, until `signal` aborts. systemd kills a service that has not
   * said so for `WatchdogSec=`.
   *
   * @param isAlive - asked three times in that time; that it is asked at all shows that the event loop turns
   */
  watch(isAlive: () => boolean, signal: AbortSignal): Promise<void>
}

interface NotifierPorts {
  readonly exec: Exec
  readonly clock: Clock
  readonly log: Logger
}

/** In `WatchdogSec=`, so that one that is late or lost does no harm. */
const signsPerInterval = 3
const timeoutMs = 10_000

/**
 * @param env - of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`
 * @param pid - of the process
 */
export function createNotifier(
  { exec, clock, log }: NotifierPorts,
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Notifier {
  const isHeard = (env.NOTIFY_SOCKET ?? '') !== ''
  let told = ''
  let last: Promise<unknown> = Promise.resolve()
  const send = async (args: readonly string[]) => {
    const { status, stderr } = await exec.run('systemd-notify', args, { timeoutMs })
    if (status !== 0) throw new Error(stderr.trim() || `systemd-notify: status ${status}`)
  }
  /** One after the other: the last word has to be the last that systemd hears. */
  const say = (...args: readonly string[]) => {
    if (!isHeard) return
    last = last
      .then(() => send(args))
      .catch((err: unknown) => log.warn({ err, args }, 'systemd could not be told'))
  }
  return {
    ready(status) {
      told = status
      say('--ready', `--status=${status}`)
    },
    status(text) {
      if (text === told) return
      told = text
      say(`--status=${text}`)
    },
    stopping: () => say('STOPPING=1'),
    async watch(isAlive, signal) {
      const intervalMs = watchdogMs(env, pid)
      if (!isHeard || intervalMs === undefined) return
      let wasAlive = true
      while (!signal.aborted) {
        const alive = isAlive()
        if (alive) say('WATCHDOG=1')
        else if (wasAlive) log.error('the watchdog is not told any more that this process is alive')
        wasAlive = alive
        await clock.sleep(intervalMs / signsPerInterval, signal)
      }
    },
  }
}

/** Milliseconds; undefined when systemd expects no sign of life of this process. */
function watchdogMs(env: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const microseconds = Number(env.WATCHDOG_USEC)
  const isMeant = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === pid
  return isMeant && microseconds > 0 ? microseconds / 1_000 : undefined
}
