/**
 * Logs: JSON lines on standard error, or readable lines when it is a terminal.
 *
 * No pino transport: in a bundle its worker file does not exist and the program dies at the first line.
 */
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * JSON, whatever standard error is.
 *
 * @param name - program part, e.g. `controller`
 */
export function createLogger(name: string, level: LogLevel): Logger {
  return writingTo(standardError(), name, level)
}

/**
 * @param name - program part, e.g. `controller`
 * @param format - `auto` is pretty on a terminal, JSON elsewhere
 */
export async function openLogger(
  name: string,
  level: LogLevel,
  format: 'auto' | 'json' | 'pretty',
): Promise<Logger> {
  const asPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY)
  if (!asPretty) return createLogger(name, level)
  // A daemon that writes JSON never needs it, and would keep it in memory.
  const { default: pretty } = await import('pino-pretty')
  const options = { destination: standardError(), ignore: 'pid,hostname,name' }
  return writingTo(pretty({ ...options, translateTime: 'SYS:HH:MM:ss.l' }), name, level)
}

/** What waits at most for a full disk to have room again, bytes; what comes then is lost. */
const maxWaitingBytes = 1 << 20

/** A log that cannot be written (a full disk, a reader that has gone) must not end who writes it. */
function standardError() {
  const sink = pino.destination({ dest: 2, sync: true, maxLength: maxWaitingBytes })
  sink.on('error', () => undefined)
  return sink
}

function writingTo(sink: DestinationStream, name: string, level: LogLevel): Logger {
  return pino({ name, level, redact: ['*.password', '*.key', '*.token'] }, sink)
}
