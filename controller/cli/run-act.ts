/** Carries out an act at the controller and follows it to its end. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { ActPrinter } from './act-printer.ts'
import type { Act, AdminClient } from './admin-client.ts'
import type { Certainty, PublishEnd } from './publish-end.ts'
import { afterEvent, isCommitted, noEvents, type PublishState } from './publish-state.ts'
import type { Terminal } from './terminal.ts'

/** How long a command waits in all when no --timeout is given. The controller's own limits are far below. */
const longestMs = 10 * 60_000
/** On top of twice --timeout (the controller has two phases): reading the inventory, writing the commit. */
const slackMs = 10_000
/** For asking, after an interruption, whether the commit point was passed. */
const askMs = 2_000
/** For the end of the stream after its result. */
const endMs = 500

export interface ActOutcome {
  readonly state: PublishState
  readonly end: PublishEnd
}

/**
 * @param open - makes the client; called after the printer has begun
 * @returns for every ending, failures of the controller included; the caller makes an exit status of it
 */
export async function runAct(
  act: Act,
  open: () => Promise<AdminClient>,
  printer: Pick<ActPrinter, 'event'>,
  terminal: Pick<Terminal, 'onInterrupt'>,
): Promise<ActOutcome> {
  const interrupt = new AbortController()
  const stopListening = terminal.onInterrupt(() => interrupt.abort())
  let state = noEvents
  let client: AdminClient | undefined
  let lastWord: NodeJS.Timeout | undefined
  try {
    client = await open()
    for await (const event of client.act(act, deadlineMs(act), interrupt.signal)) {
      state = afterEvent(state, event)
      printer.event(event, state)
      // The result is the last word. The stream's own end follows at once; leaving before it would look to the
      // controller like a cancelled call, but nobody waits long for it either.
      if (event.result) lastWord = setTimeout(() => interrupt.abort(), endMs)
    }
    if (state.result) return { state, end: { kind: 'result' } }
    throw new AppError('CONTROLLER_FAILED', 'the controller ended the call without a result')
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (state.result) return { state, end: { kind: 'result' } }
    const committed = act.request.options?.check ? 'no' : await learnCommit(client, state, error)
    if (interrupt.signal.aborted) return { state, end: { kind: 'interrupted', committed } }
    return { state, end: { kind: 'error', error, committed } }
  } finally {
    clearTimeout(lastWord)
    stopListening()
    client?.close()
  }
}

function deadlineMs(act: Act): number {
  const timeoutMs = act.request.options?.timeoutMs ?? 0
  return timeoutMs > 0 ? 2 * timeoutMs + slackMs : longestMs
}

/**
 * Whether the commit point was passed when the events stopped before they said so. A cancelled call may have been
 * committed in the moment before: the record of acts has the truth, and the publish's own identifier.
 */
async function learnCommit(
  client: AdminClient | undefined,
  state: PublishState,
  error: AppError,
): Promise<Certainty> {
  if (isCommitted(state)) return 'yes'
  // Refused or never reached: there was no publish. Without targets there was none to commit either.
  if (!client || error.code === 'OPERATOR_REFUSED') return 'no'
  if (state.owners.length === 0) return error.code === 'CONTROLLER_SILENT' ? 'unknown' : 'no'
  const answers = new Set<Certainty>()
  // An owner may have been refused by itself: only the records of all of them say no.
  for (const { owner } of state.owners) answers.add(await askHistory(client, owner, state.publishId))
  if (answers.has('yes')) return 'yes'
  return answers.has('unknown') ? 'unknown' : 'no'
}

async function askHistory(client: AdminClient, owner: string, publishId: string): Promise<Certainty> {
  try {
    const { acts } = await client.history({ owner, limit: 20 }, askMs)
    return acts.some((act) => act.publishId === publishId) ? 'yes' : 'no'
  } catch (failure) {
    // An owner of whom nothing was ever published: this was to be the first time, and is not.
    return failure instanceof AppError && failure.code === 'OWNER_UNKNOWN' ? 'no' : 'unknown'
  }
}
