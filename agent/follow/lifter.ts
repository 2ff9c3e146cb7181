/** Lifts limits of connections while servers come up, and puts them back. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { type Lifted, type LiftedFile, withLifted } from './lifted.ts'
import { isHeldBack, type ToTell } from './server-rows.ts'

export interface LifterPorts {
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly file: LiftedFile
  /** @returns the first complaint, undefined when all were taken */
  readonly tell: (commands: readonly string[]) => Promise<string | undefined>
}

export interface Lifter {
  /** Remembers what is about to be lifted. */
  note(servers: readonly ToTell[]): Promise<void>
  /** Puts limits back when their time has come, until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const pollMs = 1_000

export function createLifter({ clock, log, file, tell }: LifterPorts): Lifter {
  let lifted: readonly Lifted[] = []
  const remember = async (next: readonly Lifted[]) => {
    lifted = next
    await file.write(next).catch((err: unknown) => log.warn({ err }, 'lifted limits could not be remembered'))
  }
  const putBack = async () => {
    const due = lifted.filter(({ untilMs }) => untilMs <= clock.now())
    if (due.length === 0) return
    const commands = due.map(
      ({ section, server, maxconn }) => `set maxconn server ${section}/${server} ${maxconn}`,
    )
    const complaint = await tell(commands)
    // A server that is gone has no limit to put back, and a HAProxy that is gone starts with its files'.
    if (complaint !== undefined) log.warn({ complaint, due }, 'a limit of connections was not put back')
    await remember(lifted.filter((one) => !due.includes(one)))
  }
  return {
    async note(servers) {
      const more = servers
        .filter(({ server, health }) => health === 'up' && isHeldBack(server))
        .map(({ section, server }) => ({
          section: section.name,
          server: server.name,
          maxconn: server.maxconn,
          untilMs: clock.now() + server.slowstartMs,
        }))
      if (more.length > 0) await remember(withLifted(lifted, more))
    },
    async run(signal) {
      lifted = withLifted(await file.read().catch(() => []), lifted)
      while (!signal.aborted) {
        await putBack().catch((err: unknown) =>
          log.warn({ err }, 'limits of connections could not be put back'),
        )
        await clock.sleep(pollMs, signal)
      }
    },
  }
}
