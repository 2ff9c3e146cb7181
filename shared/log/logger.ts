/**
 * Logs: JSON lines on standard error, or readable lines when it is a terminal.
 *
 * No pino transport: in a bundle its worker file does not exist and the program dies at the first line.
 */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type { Logger } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * @param name - program part, e.g. `controller`
 * @param format - `auto` is pretty on a terminal, JSON elsewhere
 */
export function createLogger(
  name: string,
  level: LogLevel,
  format: 'auto' | 'json' | 'pretty' = 'auto',
): Logger {
  const asPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY)
  const sink = asPretty
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l' })
    : pino.destination({ dest: 2, sync: true })
  return pino({ name, level, redact: ['*.password', '*.key', '*.token'] }, sink)
}
