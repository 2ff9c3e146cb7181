/** Asks every member of a cluster what HAProxy's checks ask, at the same time. */
import type { Asker } from '../server-state/ask.ts'
import type { Answer, Probe } from '../server-state/probe.ts'
import type { Routing } from './routing.ts'
import type { GroupAnswers } from './verdict.ts'

/** A member that may just be slow. */
const usualMs = 1_000
/** One that was silent the last time: the others' answers must not wait for it again and again. */
const silentMs = 250

export interface Looker {
  /** Ends within a second. */
  look(routing: Pick<Routing, 'groups'>): Promise<GroupAnswers>
}

export function createLooker(asker: Asker): Looker {
  let silent: ReadonlySet<string> = new Set()
  return {
    async look({ groups }) {
      const wasSilent = silent
      const isSilent = new Set<string>()
      const ask = async (instance: string, probe: Probe): Promise<readonly [string, Answer]> => {
        const answer = await asker.ask(probe, wasSilent.has(instance) ? silentMs : usualMs)
        if (answer === 'silent') isSilent.add(instance)
        return [instance, answer]
      }
      const answers = await Promise.all(
        groups.map(async ({ probes }) => new Map(await Promise.all([...probes].map((one) => ask(...one))))),
      )
      silent = isSilent
      return answers
    },
  }
}
