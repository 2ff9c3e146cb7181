/** A fault on its way from the step that found it to the engine, which turns it into a value again. */
import type { Fault, Stage } from '../../shared/errors/fault.ts'

export class FaultError extends Error {
  readonly fault: Fault
  /** All that were found, when several were found at once; `fault` is the first. */
  readonly all: readonly Fault[]

  constructor(fault: Fault, cause?: unknown, others: readonly Fault[] = []) {
    super(fault.message, cause === undefined ? undefined : { cause })
    this.name = 'FaultError'
    this.fault = fault
    this.all = [fault, ...others]
  }
}

/**
 * What a thrown thing means as a fault. A disk that is full or read-only is the operator's to mend, so the
 * system's own words go along.
 */
export function toFault(error: unknown, stage: Stage): Fault {
  if (error instanceof FaultError) return error.fault
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return { stage, code: 'DISK_FULL', message }
  return { stage, code: code.startsWith('E') ? 'DISK_FAILED' : 'AGENT_FAILED', message }
}
