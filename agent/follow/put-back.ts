/**
 * Puts back what was changed in the running HAProxy for a while.
 *
 * A debt ends when the worker is seen not to have it any more, never because somebody was silent: a weight of 0 that
 * is forgotten goes over every later reload as one that was set by hand.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNap } from '../../shared/ports/nap.ts'
import { type Owed, type OwedFile, withOwed } from './owed.ts'
import { createRestraint } from './restraint.ts'
import type { Rows } from './server-rows.ts'

export interface PutBackPorts {
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly file: OwedFile
  /** What the running worker has; undefined when nobody answers. */
  readonly rows: () => Promise<Rows | undefined>
  /** @returns the first complaint, undefined when all were taken */
  readonly tell: (commands: readonly string[]) => Promise<string | undefined>
  /** While this agent does not reload HAProxy; undefined when there was no time. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T | undefined>
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
/** While something is due: until it is seen to be put back. */
const againMs = 1_000
const complainEveryMs = 60_000

export function createPutBack(ports: PutBackPorts): PutBack {
  const { clock, log, file, rows, tell, exclusively } = ports
  const nap = createNap(clock)
  const restraint = createRestraint(clock, complainEveryMs)
  let all: readonly Owed[] = []
  let loaded: Promise<void> | undefined
  const failed = (err: unknown) => log.warn({ err }, 'limits and weights could not be put back')
  /** What an agent before this one owed; also for those who note something before it was read. */
  const load = () => {
    loaded ??= file
      .read()
      .catch(() => [])
      .then((old) => {
        all = withOwed(old, all)
      })
    return loaded
  }
  const remember = async (next: readonly Owed[]) => {
    all = next
    await file
      .write(next)
      .catch((err: unknown) => log.warn({ err }, 'what is to be put back could not be remembered'))
  }
  const isDue = ({ untilMs }: Owed) => untilMs <= clock.now()
  /** @returns what is due and over */
  const putBack = async (): Promise<readonly Owed[]> => {
    const due = all.filter(isDue)
    const seen = due.length > 0 ? await rows() : undefined
    if (seen === undefined) return []
    const commands = commandsFor(due, seen)
    const complaint = commands.length > 0 ? await tell(commands) : undefined
    if (complaint !== undefined && restraint.allows(complaint)) {
      log.warn({ complaint, due }, 'a limit or weight was not put back; it is tried again')
    }
    return due.filter((owed) => isOver(owed, seen, complaint === undefined))
  }
  /** A worker that is just being replaced proves nothing: the next one may start with what it had before. */
  const settle = async () => {
    const over = await exclusively(putBack)
    if (over === undefined) await putBack()
    else if (over.length > 0) await remember(all.filter((one) => !over.includes(one)))
  }
  return {
    async note(owed) {
      if (owed.length === 0) return
      await load()
      await remember(withOwed(all, owed))
      nap.wake()
    },
    async weightsNow(servers) {
      await load()
      const isMeant = ({ what, section, server }: Owed) =>
        what === 'weight' && servers.some((one) => one.section === section && one.server === server)
      const meant = all.filter(isMeant)
      if (meant.length === 0) return
      await remember(
        withOwed(
          all,
          meant.map((one) => ({ ...one, untilMs: 0 })),
        ),
      )
      await putBack().catch(failed)
      nap.wake()
    },
    async run(signal) {
      await load()
      while (!signal.aborted) {
        if (all.some(isDue)) await settle().catch(failed)
        const dueMs = Math.min(...all.map(({ untilMs }) => untilMs - clock.now()), idleMs)
        await nap.sleep(Math.max(dueMs, againMs), signal)
      }
    },
  }
}

function nameOf({ section, server }: Owed): string {
  return `${section}/${server}`
}

/**
 * What is to be said about debts that are due. Pure.
 *
 * A server that is gone lacks nothing, and a weight that is not 0 any more was set by somebody else since, or by a reload.
 */
export function commandsFor(due: readonly Owed[], rows: Rows): readonly string[] {
  return due.flatMap((owed) => {
    const row = rows.get(nameOf(owed))
    if (row === undefined) return []
    if (owed.what === 'maxconn') return [`set maxconn server ${nameOf(owed)} ${owed.value}`]
    return row.weight === 0 ? [`set server ${nameOf(owed)} weight ${owed.value}`] : []
  })
}

/**
 * Whether nothing is owed any more. Pure.
 *
 * @param rows - as they were before anything was said
 * @param wasTaken - what was said then
 */
export function isOver(owed: Owed, rows: Rows, wasTaken: boolean): boolean {
  const row = rows.get(nameOf(owed))
  // No limit stands in a row, and none goes over a reload.
  return row === undefined || (owed.what === 'maxconn' ? wasTaken : row.weight !== 0)
}
