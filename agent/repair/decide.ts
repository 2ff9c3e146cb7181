/**
 * What is done about files of ours that others removed or rewrote. Pure.
 *
 * A vanished file comes back. A rewritten one stays or comes back, as the policy says. Whoever does the same again
 * and again must not find an opponent in us: after three times each further one waits, twice as long as the one before.
 */

export type DriftPolicy = 'leave' | 'repair'

export interface BrokenFile {
  readonly name: string
  readonly kind: 'missing' | 'changed'
}

/** How often a file was put back, without a long pause, and when last. */
export interface PastRepairs {
  readonly count: number
  /** Milliseconds of a monotonic clock. */
  readonly lastMs: number
}

export type History = ReadonlyMap<string, PastRepairs>

export interface Fight {
  readonly name: string
  /** When the file may be put back once more. */
  readonly untilMs: number
}

export interface Decision {
  readonly putBack: readonly BrokenFile[]
  /** Rewritten files that the policy leaves alone. */
  readonly left: readonly string[]
  readonly fights: readonly Fight[]
}

/** So many times a file is put back without further ado. */
const freeRepairs = 3
/** The first pause after them; repairs further apart than this have nothing to do with each other. */
const pauseMs = 10 * 60_000
const longestPauseMs = 24 * 3_600_000

/** @param nowMs - of the clock of `history` */
export function decide(
  broken: readonly BrokenFile[],
  policy: DriftPolicy,
  history: History,
  nowMs: number,
): Decision {
  const wanted = broken.filter(({ kind }) => kind === 'missing' || policy === 'repair')
  const until = new Map(wanted.map(({ name }) => [name, freeFromMs(history.get(name), nowMs)]))
  const fights = wanted.flatMap(({ name }): Fight[] => {
    const untilMs = until.get(name) ?? nowMs
    return untilMs > nowMs ? [{ name, untilMs }] : []
  })
  const fought = new Set(fights.map(({ name }) => name))
  return {
    putBack: wanted.filter(({ name }) => !fought.has(name)),
    left: broken.filter((file) => !wanted.includes(file)).map(({ name }) => name),
    fights,
  }
}

/** After files were put back. */
export function withRepairs(history: History, names: readonly string[], nowMs: number): History {
  const next = new Map([...history].filter(([, past]) => !isOver(past, nowMs)))
  for (const name of names) next.set(name, { count: (next.get(name)?.count ?? 0) + 1, lastMs: nowMs })
  return next
}

function freeFromMs(past: PastRepairs | undefined, nowMs: number): number {
  return past === undefined || isOver(past, nowMs) ? nowMs : past.lastMs + waitMs(past.count)
}

/** Nobody has touched the file for so long that the next time is a first one. */
function isOver({ count, lastMs }: PastRepairs, nowMs: number): boolean {
  return nowMs - lastMs >= Math.max(pauseMs, 2 * waitMs(count))
}

function waitMs(count: number): number {
  return count < freeRepairs ? 0 : Math.min(longestPauseMs, pauseMs * 2 ** (count - freeRepairs))
}
