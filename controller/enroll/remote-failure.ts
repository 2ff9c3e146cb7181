/** What a command on a node said when it failed, as an error of ours. Pure. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Ended } from '../ssh/session.ts'

const maxWords = 600

/** @param what - what was being done, e.g. `the unit did not start` */
export function failedOn(node: string, what: string, { status, stderr, stdout }: Ended): AppError {
  const own = ownError(stderr)
  if (own) return own
  const words = (stderr.trim() || stdout.trim()).slice(-maxWords).replaceAll(/\s*\n\s*/g, '; ')
  const message = `${node}: ${what}: ${words || `exit status ${status ?? 'none, a signal ended it'}`}`
  if (/no space left on device|disk quota exceeded/i.test(stderr)) {
    return new AppError('DISK_FULL', message, {
      hint: 'make room on the node and run the same command again; nothing is half-written under its final name',
    })
  }
  return new AppError('REMOTE_FAILED', message)
}

/** What a program of ours prints when it fails: `pgsvc agent: [file:line:column: ]CODE: message`, and perhaps a hint below. */
export function ownError(stderr: string): AppError | undefined {
  const found = /^pgsvc agent: (\S+:\d+:\d+: )?([A-Z][A-Z_]+): (.*)(?:\n {2}hint: (.*))?$/m.exec(stderr)
  const [, place = '', code, message, hint] = found ?? []
  if (code === undefined || message === undefined) return undefined
  return new AppError(code, `${place}${message}`, { hint })
}
