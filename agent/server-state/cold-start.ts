/**
 * States for a HAProxy that is about to start: there is no old worker to ask, so they are made from what
 * the servers' own checks answer at that moment. Who does not answer as expected in time starts down.
 */

import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import { readLiveDir } from '../apply/live-dir.ts'
import { askAll } from './ask.ts'
import type { StatePorts } from './carried-reload.ts'
import { carryOver, openQuestions } from './carry.ts'
import { writeRows } from './rows.ts'
import { statefulSections } from './sections.ts'

export interface ColdStart {
  /** Sections that have states now. */
  readonly sections: number
  readonly asked: number
  /** Of them, those that answered as expected. */
  readonly passed: number
}

/** All questions together; HAProxy's start waits for it. */
export const coldStartAskMs = 800

/**
 * To be called only while HAProxy does not run, and after its files were made whole. The states stay until
 * `clearStates`, or until somebody puts others.
 *
 * @param serviceDir - HAProxy's service files, ours and those of others
 */
export async function writeColdStartRows(
  ports: { readonly files: Files; readonly clock: Clock; readonly states: StatePorts },
  serviceDir: string,
  timeoutMs: number = coldStartAskMs,
): Promise<ColdStart> {
  const { asker, handOver, dir } = ports.states
  await handOver.clear(dir)
  const { loaded: texts } = await readLiveDir(ports.files, serviceDir)
  const carried = { next: statefulSections(texts.values(), dir), loaded: [], rows: new Map() }
  if (carried.next.length === 0) return { sections: 0, asked: 0, passed: 0 }
  const questions = openQuestions(carried)
  const answers = await askAll(asker, questions, ports.clock, timeoutMs)
  const files = [...carryOver(carried, answers)].map(([name, rows]) => [name, writeRows(rows)] as const)
  await handOver.put(dir, new Map(files), 'lasting')
  return {
    sections: carried.next.length,
    asked: questions.length,
    passed: [...answers.values()].filter(Boolean).length,
  }
}
