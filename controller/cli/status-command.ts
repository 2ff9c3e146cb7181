/** `pgsvc status`: what is assigned, what runs, what failed. */
import { Command } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import { addColourOptions, addControllerOptions, type ControllerFlags } from './act-options.ts'
import { verbExit } from './exit.ts'
import { failingAsJson } from './json-failure.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { createPaint, wantsColour } from './paint.ts'
import { plain } from './publish-json.ts'
import { statusText, statusTroubles } from './status-view.ts'
import type { Terminal } from './terminal.ts'

interface StatusFlags extends ControllerFlags {
  readonly json?: boolean
  readonly color?: boolean
}

const answerMs = 10_000

/** The command, to be added to the program. */
export function statusCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  const command = new Command('status')
    .description(
      'Shows what each cluster and node should have and has. Exit status 1 when something is not as it should be.',
    )
    .argument('[name...]', 'only these clusters and nodes')
    .option('--json', 'one JSON object')
  return addControllerOptions(addColourOptions(command)).action(async () => {
    const flags = command.opts<StatusFlags>()
    const names = command.args
    await failingAsJson(terminal, flags.json ?? false, async () => {
      const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
      try {
        const status = await client.status({ names: [...names] }, answerMs)
        if (names.length > 0 && status.owners.length + status.nodes.length === 0) {
          throw new AppError('NAME_UNKNOWN', `nothing is known of ${names.join(' ')}`, {
            hint: '"pgsvc status" without a name lists everything',
          })
        }
        const troubles = statusTroubles(status)
        const paint = createPaint(wantsColour(flags.color, terminal.isTty, terminal.env))
        terminal.stdout(
          flags.json
            ? `${JSON.stringify({ ok: troubles.length === 0, troubles, ...(plain(status) as object) })}\n` // a message is an object
            : statusText(status, paint),
        )
        terminal.setExitCode(troubles.length === 0 ? verbExit.ok : verbExit.failed)
      } finally {
        client.close()
      }
    })
  })
}
