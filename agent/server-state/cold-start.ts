/**
 * States for a HAProxy that is about to start: there is no old worker to ask, so they are made from what
 * the servers' own checks answer at that moment. Who does not answer as expected in time starts down: rows
 * for nobody would be a HAProxy that believes in everybody, and sends writes to replicas.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import { readLiveDir } from '../apply/live-dir.ts'
import { type Answers, askAll } from './ask.ts'
import type { StatePorts } from './carried-reload.ts'
import { carryOver, openQuestions } from './carry.ts'
import type { Answer, Probe } from './probe.ts'
import { writeRows } from './rows.ts'
import { statefulSections } from './sections.ts'

export interface ColdStart {
  /** Sections that have states now. */
  readonly sections: number
  readonly asked: number
  /** Of them, those that answered as expected. */
  readonly passed: number
  /** Those to whom there was no way. */
  readonly unreachable: number
}

/** All questions together; HAProxy's start waits for it. */
const askMs = 800
/** When there is no way to anybody the network is not there yet, and gets this long to come. */
const networkMs = 3_000
const againMs = 100
/** Longest time for everything, if disk and clock are sane. */
export const coldStartMs = networkMs + 2 * askMs

export interface ColdStartPorts {
  readonly files: Files
  readonly clock: Clock
  readonly states: StatePorts
}

/**
 * To be called only while HAProxy does not run, and after its files were made whole. The states stay until
 * somebody takes them away, or puts others.
 *
 * @param serviceDir - HAProxy's service files, ours and those of others
 */
export async function writeColdStartRows(ports: ColdStartPorts, serviceDir: string): Promise<ColdStart> {
  const { handOver, dir } = ports.states
  await handOver.clear(dir)
  const { loaded: texts } = await readLiveDir(ports.files, serviceDir)
  const carried = { next: statefulSections(texts.values(), dir), loaded: [], rows: new Map() }
  if (carried.next.length === 0) return { sections: 0, asked: 0, passed: 0, unreachable: 0 }
  const questions = openQuestions(carried)
  const answers = await askWhenThereIsAWay(ports, questions)
  const files = [...carryOver(carried, answers)].map(([name, rows]) => [name, writeRows(rows)] as const)
  await handOver.put(dir, new Map(files), 'lasting')
  return {
    sections: carried.next.length,
    asked: questions.length,
    passed: count(answers, 'passes'),
    unreachable: count(answers, 'unreachable'),
  }
}

async function askWhenThereIsAWay(
  { clock, states: { asker } }: ColdStartPorts,
  questions: readonly Probe[],
): Promise<Answers> {
  const endMs = clock.monotonic() + networkMs
  for (;;) {
    const answers = await askAll(asker, questions, clock, askMs)
    const isCutOff = questions.length > 0 && count(answers, 'unreachable') === questions.length
    if (!isCutOff || clock.monotonic() >= endMs) return answers
    await clock.sleep(againMs)
  }
}

function count(answers: Answers, what: Answer): number {
  return [...answers.values()].filter((answer) => answer === what).length
}
