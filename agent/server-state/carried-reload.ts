/** A reload that hands the servers' states over to the new worker. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Located } from '../haproxy/locate.ts'
import {
  type ReloadOptions,
  type ReloadPorts,
  type ReloadResult,
  reloadAndConfirm,
} from '../haproxy/reload.ts'
import { type Asker, askAll } from './ask.ts'
import { carryOver, openQuestions } from './carry.ts'
import { dumpStates } from './dump.ts'
import type { HandOver } from './hand-over.ts'
import type { Carried } from './known.ts'
import { writeRows } from './rows.ts'
import { sectionsOf, statefulSections } from './sections.ts'

export interface CarriedReloadPorts extends ReloadPorts {
  readonly states: StatePorts
  readonly log: Pick<Logger, 'warn'>
}

/** What states are found out and handed over with. */
export interface StatePorts {
  readonly asker: Asker
  readonly handOver: HandOver
  /** Where configurations say that states are. */
  readonly dir: string
}

export interface Texts {
  /** HAProxy's service files as they are on disk: what the new worker will load. */
  readonly next: Iterable<string>
  /** Those that the old worker is known to have loaded. */
  readonly loaded: Iterable<string>
}

/** A server that is new must not hold a reload up for long. */
const askMs = 300

/** As `reloadAndConfirm`. States that can't be handed over are no reason not to reload. */
export async function reloadCarrying(
  ports: CarriedReloadPorts,
  located: Located,
  texts: Texts,
  options: ReloadOptions,
): Promise<ReloadResult> {
  const takeAway = await handOver(ports, located, texts).catch((err: unknown) => {
    ports.log.warn({ err }, 'the states of servers could not be handed over to the new worker')
    return () => Promise.resolve()
  })
  try {
    return await reloadAndConfirm(ports, located, options)
  } finally {
    await takeAway().catch((err: unknown) =>
      ports.log.warn({ err, dir: ports.states.dir }, 'states of servers stay behind'),
    )
  }
}

async function handOver(
  { cli, clock, states, log }: CarriedReloadPorts,
  located: Located,
  texts: Texts,
): Promise<() => Promise<void>> {
  const next = statefulSections(texts.next, states.dir)
  if (next.length === 0) return () => Promise.resolve()
  const loaded = sectionsOf(texts.loaded)
  const before: Carried = { next, loaded, rows: await dumpStates(cli, located) }
  if (before.rows === undefined) log.warn('HAProxy does not tell the states of its servers; they are asked')
  const questions = openQuestions(before)
  const answers = await askAll(states.asker, questions, clock, askMs)
  // A check may have gone the other way meanwhile.
  const again = before.rows && questions.length > 0 ? await dumpStates(cli, located) : undefined
  const files = carryOver({ ...before, rows: again ?? before.rows }, answers)
  const written = new Map([...files].map(([name, rows]) => [name, writeRows(rows)]))
  return await states.handOver.put(states.dir, written, 'ours')
}
