/** With --json a failure is JSON too, on standard output. */
import { AppError } from '../../shared/errors/app-error.ts'
import { isUnreachable } from './act-command.ts'
import { verbExit } from './exit.ts'
import type { CommandIo } from './io.ts'

/** Does something; with `json` its failure is printed as `{"error": ...}` in place of being thrown. */
export async function failingAsJson(io: CommandIo, json: boolean, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!json || !(error instanceof AppError)) throw error
    const { code, message, at, hint } = error
    io.stdout(`${JSON.stringify({ error: { code, message, at: at ?? null, hint: hint ?? null } })}\n`)
    io.setExitCode(statusOf(code))
  }
}

function statusOf(code: string): number {
  if (code === 'CONTROLLER_ADDRESS_INVALID') return verbExit.usage
  return isUnreachable(code) ? verbExit.unreachable : verbExit.failed
}
