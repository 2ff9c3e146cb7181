/** A log that is kept, to see what an operator would. */
import { pino } from 'pino'
import type { Logger } from '../../shared/log/logger.ts'

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

export const warnLevel = 40

export function recordingLog(): { readonly log: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ level: 'debug' }, { write: (text: string) => void lines.push(JSON.parse(text)) })
  return { log, lines }
}
