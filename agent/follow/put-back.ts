/** Puts back what was changed in the running HAProxy for a while. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNap } from '../../shared/ports/nap.ts'
import { type Owed, type OwedFile, withOwed } from './owed.ts'
import type { Rows } from './server-rows.ts'

export interface PutBackPorts {
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly file: OwedFile
  /** What the running worker has. */
  readonly rows: () => Promise<Rows | undefined>
  /** @returns the first complaint, undefined when all were taken */
  readonly tell: (commands: readonly string[]) => Promise<string | undefined>
}

export interface PutBack {
  /** Remembers what is about to be changed. */
  note(owed: readonly Owed[]): Promise<void>
  /** Puts the weights of these servers back now, where they are owed one. Never rejects. */
  weightsNow(servers: readonly Pick<Owed, 'section' | 'server'>[]): Promise<void>
  /** Puts things back when their time has come, until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** While nothing is owed; a note wakes it up. */
const idleMs = 60_000
/** No more often, whatever was noted. */
const leastMs = 200

export function createPutBack({ clock, log, file, rows, tell }: PutBackPorts): PutBack {
  const nap = createNap(clock)
  let all: readonly Owed[] = []
  const failed = (err: unknown) => log.warn({ err }, 'limits and weights could not be put back')
  const remember = async (next: readonly Owed[]) => {
    all = next
    await file
      .write(next)
      .catch((err: unknown) => log.warn({ err }, 'what is to be put back could not be remembered'))
  }
  const putBack = async (isDue: (owed: Owed) => boolean) => {
    const due = all.filter(isDue)
    if (due.length === 0) return
    const commands = commandsFor(due, (await rows()) ?? new Map())
    const complaint = commands.length === 0 ? undefined : await tell(commands)
    // A server that is gone lacks nothing, and a HAProxy that is gone starts with what its files say.
    if (complaint !== undefined) log.warn({ complaint, due }, 'a limit or weight was not put back')
    await remember(all.filter((one) => !due.includes(one)))
  }
  return {
    async note(owed) {
      if (owed.length === 0) return
      await remember(withOwed(all, owed))
      nap.wake()
    },
    async weightsNow(servers) {
      const isMeant = ({ what, section, server }: Owed) =>
        what === 'weight' && servers.some((one) => one.section === section && one.server === server)
      await putBack(isMeant).catch(failed)
    },
    async run(signal) {
      all = withOwed(await file.read().catch(() => []), all)
      while (!signal.aborted) {
        await putBack(({ untilMs }) => untilMs <= clock.now()).catch(failed)
        const dueMs = Math.min(...all.map(({ untilMs }) => untilMs - clock.now()), idleMs)
        await nap.sleep(Math.max(dueMs, leastMs), signal)
      }
    },
  }
}

/** A weight that is not 0 any more was set by somebody else since, or by a reload. Pure. */
export function commandsFor(due: readonly Owed[], rows: Rows): readonly string[] {
  return due.flatMap(({ section, server, what, value }) => {
    const name = `${section}/${server}`
    if (what === 'maxconn') return [`set maxconn server ${name} ${value}`]
    return rows.get(name)?.weight === 0 ? [`set server ${name} weight ${value}`] : []
  })
}
