/** What `pgsvc node`, `rollback` and `remove` have in common: options, printing, exit statuses. */
import type { Command } from 'commander'
import { type ActFlags, addActOptions, publishOptions } from './act-options.ts'
import { createActPrinter } from './act-printer.ts'
import type { Act } from './admin-client.ts'
import { verbExit } from './exit.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { wantsColour } from './paint.ts'
import { type PublishEnd, succeeded } from './publish-end.ts'
import type { PublishState } from './publish-state.ts'
import { runAct } from './run-act.ts'
import type { Terminal } from './terminal.ts'

/** An act without its options, and what to call it. */
export interface NamedAct {
  readonly act: Act
  readonly doing: string
  readonly target: string
}

/**
 * Adds the options of an act to a command and carries it out.
 *
 * @param toAct - from the command's arguments to the act
 */
export function actCommand(
  command: Command,
  terminal: Terminal,
  toAct: (args: readonly string[]) => NamedAct,
  { open = openClient, mayShrink = true }: { readonly open?: OpenClient; readonly mayShrink?: boolean } = {},
): Command {
  return addActOptions(command, mayShrink).action(async () => {
    const flags = command.opts<ActFlags>()
    const { act, doing, target } = toAct(command.args)
    const address = controllerAddress(flags, terminal.env)
    const words = { doing, target, check: flags.check === true, ofNodes: act.method === 'PublishNode' }
    const colour = wantsColour(flags.color, terminal.isTty, terminal.env)
    const printer = createActPrinter(terminal, { words, json: flags.json === true, colour })
    printer.begin()
    const full = { ...act, request: { ...act.request, options: publishOptions(flags, terminal.env) } } as Act // options only added
    const { state, end } = await runAct(full, () => open(address, flags, terminal.env), printer, terminal)
    const exit = verbStatus(state, end)
    printer.end(state, end, exit)
    terminal.setExitCode(exit)
  })
}

/** Exit status of an act of `pgsvc`. */
export function verbStatus(state: PublishState, end: PublishEnd): number {
  if (succeeded(state, end)) return verbExit.ok
  return end.kind === 'error' && isUnreachable(end.error.code) ? verbExit.unreachable : verbExit.failed
}

/** True for the codes that say that no controller answered. */
export function isUnreachable(code: string): boolean {
  return code === 'CONTROLLER_UNREACHABLE' || code === 'CONTROLLER_SILENT'
}
