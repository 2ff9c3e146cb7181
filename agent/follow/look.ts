/**
 * Asks every member of a cluster what HAProxy's checks ask, at the same time.
 *
 * A member that is silent keeps a look waiting once; from then on others' answers do not wait for it again and again.
 * It may be busy and no more than that: what it was asked stays open, as long as HAProxy's own checks wait, and an
 * answer that comes late counts in the next look.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Asker } from '../server-state/ask.ts'
import { type Answer, type Probe, probeKey } from '../server-state/probe.ts'
import type { Routing } from './routing.ts'
import type { GroupAnswers } from './verdict.ts'

/** How long a look waits for a member that may just be slow. */
const usualMs = 1_000
/** For one that was silent the last time. */
const silentMs = 250
/** How long an answer is waited for in all. Source: HAProxy's `timeout check` as Pigsty sets it. */
const openMs = 3_000
/** An answer that came between two looks is as good as one that comes in a look, for so long. */
const freshMs = 1_000

/** Silence of so long ago says nothing about now. */
const forgetMs = 5_000

export interface Looker {
  /** Ends within a second. */
  look(routing: Pick<Routing, 'groups'>): Promise<GroupAnswers>
}

interface Question {
  readonly askedMs: number
  readonly answer: Promise<Answer>
  /** Undefined while it is open. */
  heard: { readonly answer: Answer; readonly atMs: number } | undefined
}

export function createLooker(asker: Asker, clock: Pick<Clock, 'monotonic' | 'sleep'>): Looker {
  /** Newest first. */
  let questions: ReadonlyMap<string, readonly Question[]> = new Map()
  let silent: ReadonlySet<string> = new Set()
  let lookedMs = Number.NEGATIVE_INFINITY
  const ask = (probe: Probe): Question => {
    const question: Question = {
      askedMs: clock.monotonic(),
      answer: asker.ask(probe, openMs),
      heard: undefined,
    }
    void question.answer.then((answer) => {
      question.heard = { answer, atMs: clock.monotonic() }
    })
    return question
  }
  const isOfUse = ({ heard }: Question) =>
    heard === undefined || (heard.answer !== 'silent' && clock.monotonic() - heard.atMs < freshMs)
  /** What was asked before counts while no look has heard an answer; and packets may have been lost. */
  const questionsFor = (key: string, probe: Probe): readonly Question[] => {
    const before = silent.has(key) ? (questions.get(key) ?? []).filter(isOfUse) : []
    const [newest] = before
    const isEnough = newest && (newest.heard || clock.monotonic() - newest.askedMs < usualMs)
    return isEnough ? before : [ask(probe), ...before]
  }
  return {
    async look({ groups }) {
      if (clock.monotonic() - lookedMs >= forgetMs) silent = new Set()
      const probes = new Map(groups.flatMap((group) => [...group.probes.values()].map(keyed)))
      const asked = new Map([...probes].map(([key, probe]) => [key, questionsFor(key, probe)]))
      const hear = async ([key, open]: readonly [string, readonly Question[]]) =>
        [key, await within(silent.has(key) ? silentMs : usualMs, firstOf(open), clock)] as const
      const answers = new Map(await Promise.all([...asked].map(hear)))
      lookedMs = clock.monotonic()
      questions = asked
      silent = new Set([...answers.keys()].filter((key) => answers.get(key) === 'silent'))
      const answerTo = (probe: Probe) => answers.get(probeKey(probe)) ?? 'silent'
      return groups.map((group) => new Map([...group.probes].map(([name, probe]) => [name, answerTo(probe)])))
    },
  }
}

/** Silence of one is no answer for the others. */
async function firstOf(questions: readonly Question[]): Promise<Answer> {
  const answers = questions.map(async ({ answer }) => {
    const said = await answer
    return said === 'silent' ? Promise.reject(new Error(said)) : said
  })
  return await Promise.any(answers).catch(() => 'silent' as const)
}

function keyed(probe: Probe): readonly [string, Probe] {
  return [probeKey(probe), probe]
}

async function within(ms: number, answer: Promise<Answer>, clock: Pick<Clock, 'sleep'>): Promise<Answer> {
  const over = new AbortController()
  const late = clock.sleep(ms, over.signal).then((): Answer => 'silent')
  const first = await Promise.race([answer, late])
  over.abort()
  return first
}
