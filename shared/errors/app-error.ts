/**
 * Failures an operator can cause or mend: what, where, and how to mend it.
 *
 * A broken invariant of ours is a plain Error and is allowed to crash. The codes are stable and documented
 * in docs/faults.md.
 */

/** A place in a text file. */
export interface Location {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

interface Detail {
  readonly at?: Location | undefined
  /** How to mend it, one sentence without a full stop. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

export class AppError extends Error {
  /** Stable, upper case with underscores, e.g. `PORT_CLASH`. */
  readonly code: string
  readonly at: Location | undefined
  readonly hint: string | undefined

  /**
   * @param code - stable code, listed in docs/faults.md
   * @param message - what happened, one sentence without a full stop
   */
  constructor(code: string, message: string, detail: Detail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'AppError'
    this.code = code
    this.at = detail.at
    this.hint = detail.hint
  }
}

/**
 * One line for people: `pigsty.yml:118:15: PORT_CLASH: port 5433 is taken twice`, and the hint on the next.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error)
  const place = error.at ? `${error.at.file}:${error.at.line}:${error.at.column}: ` : ''
  const hint = error.hint ? `\n  hint: ${error.hint}` : ''
  return `${place}${error.code}: ${error.message}${hint}`
}
