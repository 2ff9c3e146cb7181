/**
 * From the agent that runs to the one that is staged, and back again when the new one does not prove itself: a node whose
 * agent worked is not left with one that does not.
 */
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { RootShell } from '../ssh/root-shell.ts'
import type { ControllerView } from './controller-view.ts'
import type { NodeFacts } from './facts.ts'
import { programPath } from './paths.ts'
import { lookFor, watchFor } from './presence-watch.ts'
import { failedOn } from './remote-failure.ts'
import { journalScript, putBackScript, switchScript, tidyScript } from './scripts.ts'

export interface Way {
  readonly node: string
  readonly shell: RootShell
  readonly controller: Pick<ControllerView, 'presence'>
  readonly facts: NodeFacts
  /** Final names of what is staged, and of all that an enrolment may replace. */
  readonly staged: readonly string[]
  readonly managed: readonly string[]
  /** SHA-256 of the program that is to run. */
  readonly program: string
  /** Streams that cannot be the new agent's, by when they began. */
  readonly streams: Set<number>
  /** How long an agent may take to be seen. */
  readonly waitMs: number
  readonly signal: AbortSignal
}

const askMs = 60_000
/** The old one may take 60 s to stop (TimeoutStopSec), a start 90 s by systemd's own limit; and a bit to say so. */
const startMs = 180_000

/** @throws AppError, `UPGRADE_UNDONE` when what was there before has been put back */
export async function switchOver(way: Way): Promise<void> {
  const { node, shell, controller, staged, facts, streams, signal } = way
  // The last moment: a stream that began since the node was looked at is not the new agent's either.
  const now = await controller.presence(node)
  if (now?.connected) streams.add(now.sinceMs)
  if (signal.aborted) throw new AppError('CANCELLED', 'given up before anything took its place')
  await orUndone(way, async () => {
    // From here on it is brought to its end, whoever wants it to stop: half-way there may be no agent at all.
    const ended = await shell.run(switchScript(staged, facts.isActive), { timeoutMs: startMs })
    if (ended.status !== 0) throw failedOn(node, 'the agent did not start', ended)
  })
}

/**
 * Waits until the controller has a stream that is the new agent's, and then takes away what was before.
 *
 * @throws AppError `AGENT_SILENT`, `PROGRAM_REPLACED`, `CANCELLED`, that of a controller which refuses; `UPGRADE_UNDONE`
 *   when what was there before has been put back
 */
export async function awaitAgent(way: Way): Promise<void> {
  const { node, controller, streams, waitMs, signal } = way
  await orUndone(way, async () => {
    const isIt = ({ sinceMs }: { sinceMs: number }) => !streams.has(sinceMs)
    const sight = await watchFor(controller, { node, waitMs, isIt }, signal)
    if (sight.kind === 'cancelled')
      throw new AppError('CANCELLED', 'given up while waiting for the agent, which was started')
    if (sight.kind === 'unseen') throw await silent(way, sight.away)
  })
  await expectOurs(way)
}

async function silent({ node, shell, waitMs }: Way, away: AppError | undefined): Promise<AppError> {
  const why = away === undefined ? await lastWords(shell) : `, which could not be asked: ${away.message}`
  return new AppError(
    'AGENT_SILENT',
    `the agent of ${node} was not seen by the controller within ${Math.round(waitMs / 1000)} s${why}`,
    { hint: 'it goes on trying; run the same command again when the cause is mended' },
  )
}

async function expectOurs({ node, shell, managed, program }: Way): Promise<void> {
  const script = tidyScript(managed, { path: programPath, sha256: program })
  const ended = await shell.run(script, { timeoutMs: askMs })
  if (ended.status === 0) return
  throw new AppError('PROGRAM_REPLACED', `${node}: ${ended.stderr.trim()}`, {
    hint: 'does somebody else, a package or configuration management put a program there? Run the same command again when that is settled',
  })
}

/** What fails leaves the agent of before running; except when nobody is there any more to see to it. */
async function orUndone(way: Way, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const isUpgrade =
      way.facts.hasPrevious || (way.facts.program !== '' && way.facts.isActive && way.staged.length > 0)
    const mayPutBack = error instanceof AppError && !['SSH_LOST', 'CANCELLED'].includes(error.code)
    throw isUpgrade && mayPutBack ? await putBack(way, error) : error
  }
}

/** @returns what to tell */
async function putBack(way: Way, cause: AppError): Promise<AppError> {
  const { node, shell, controller, managed, streams } = way
  try {
    const last = await lookFor(controller, node).catch((error: unknown) => asAway(error))
    if (last.kind === 'answer' && last.presence?.connected) streams.add(last.presence.sinceMs)
    const ended = await shell.run(putBackScript(managed), { timeoutMs: startMs })
    const told =
      ended.status === 0
        ? await seenBack(way, last.kind === 'away' ? last.error : undefined)
        : `the one of before was not put back whole: ${ended.stderr.trim().slice(-300)}`
    return new AppError('UPGRADE_UNDONE', `${cause.message}; ${told}`, {
      hint: `see why with "journalctl -u pgsvc-agent" on the node${cause.hint === undefined ? '' : `; ${cause.hint}`}`,
      cause,
    })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return new AppError(
      error.code === 'SSH_LOST' ? error.code : cause.code,
      `${cause.message}; and what was there before is not put back: ${error.message}`,
      {
        hint: 'run the same command again: it goes on from there',
        cause,
      },
    )
  }
}

/** @param unknown - why nobody knows which streams there were before it was put back */
async function seenBack(way: Way, unknown: AppError | undefined): Promise<string> {
  const { node, controller, streams, waitMs, signal } = way
  const unsure = (error: AppError) =>
    `the one of before is back and runs; whether it is connected cannot be told: ${describeError(error).split('\n')[0]}`
  // A stream that the controller has then may be the old one's or the new one's.
  if (unknown) return unsure(unknown)
  try {
    const isIt = ({ sinceMs }: { sinceMs: number }) => !streams.has(sinceMs)
    const sight = await watchFor(controller, { node, waitMs, isIt }, signal)
    if (sight.kind === 'seen') return 'the one of before is back and connected'
    if (sight.kind === 'cancelled') return 'the one of before is back and runs, and was not waited for'
    return sight.away ? unsure(sight.away) : 'the one of before is back, and is not connected either'
  } catch (error) {
    if (error instanceof AppError) return unsure(error)
    throw error
  }
}

function asAway(error: unknown) {
  if (error instanceof AppError) return { kind: 'away', error } as const
  throw error
}

/** The agent's, for whoever has to find out. */
async function lastWords(shell: RootShell): Promise<string> {
  const { stdout } = await shell.run(journalScript, { timeoutMs: askMs }).catch(() => ({ stdout: '' }))
  const lines = stdout.trim().split('\n').slice(-3).map(messageOf)
  return lines[0] === '' ? '' : `; its last words: ${lines.join(' / ').slice(-600)}`
}

/** What a line of the log says: it is JSON where no terminal reads it. */
function messageOf(line: string): string {
  try {
    const { msg, err, ...rest } = JSON.parse(line)
    const detail = err?.message ?? rest.reason ?? rest.message ?? ''
    return typeof msg === 'string' ? [msg, detail].filter((part) => part !== '').join(': ') : line
  } catch {
    return line
  }
}
