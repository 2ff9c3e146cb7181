/** Asks HAProxy's master which processes it has. */
import type { Clock } from '../../shared/ports/clock.ts'
import { type Cli, isSilence } from './cli.ts'
import { parseShowProc, type ShowProc } from './show-proc.ts'

const askMs = 2_000
const pollMs = 10
/** A master that re-executes itself refuses connections for some tens of milliseconds. */
const maxRefusals = 50

/** The state of HAProxy's processes; undefined when the master does not answer. */
export async function showProc(cli: Cli, masterSocket: string): Promise<ShowProc | undefined> {
  return await cli
    .ask(masterSocket, 'show proc', askMs)
    .then(parseShowProc)
    .catch(() => undefined)
}

/**
 * As `showProc`, but with patience for a master that is just re-executing itself for somebody else.
 *
 * @param silenceMs - how long one that takes the question may leave it unanswered; the question is not cut off
 *   then, so it may be up to 2 s more
 * @returns `gone` when nobody takes the question, `silent` when somebody does and does not answer
 */
export async function showProcSoon(
  { cli, clock }: { readonly cli: Cli; readonly clock: Clock },
  masterSocket: string,
  silenceMs: number,
): Promise<ShowProc | 'gone' | 'silent'> {
  const silentAt = clock.monotonic() + silenceMs
  for (let refusals = 0; refusals < maxRefusals; ) {
    const answer = await cli.ask(masterSocket, 'show proc', askMs).then(parseShowProc, silenceOf)
    if (typeof answer === 'object') return answer
    if (answer === undefined) refusals += 1
    else if (clock.monotonic() >= silentAt) return answer
    await clock.sleep(pollMs)
  }
  return 'gone'
}

function silenceOf(error: unknown): 'silent' | undefined {
  return isSilence(error) ? 'silent' : undefined
}
