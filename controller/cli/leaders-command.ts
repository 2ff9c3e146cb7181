/** `pgsvc leaders`: who leads each cluster, and what each node makes of it. */
import { Command } from 'commander'
import { addControllerOptions, type ControllerFlags } from './act-options.ts'
import { failingAsJson } from './json-failure.ts'
import { leadersText } from './leaders-view.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { visible } from './paint.ts'
import { plain } from './publish-json.ts'
import type { Terminal } from './terminal.ts'

interface LeadersFlags extends ControllerFlags {
  readonly json?: boolean
}

const answerMs = 10_000

/** The command, to be added to the program. */
export function leadersCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  const command = new Command('leaders')
    .description(
      'Shows who leads each cluster: by the inventory, by what was followed, and by what each node sees.',
    )
    .argument('[cls...]', 'only these clusters')
    .option('--json', 'one JSON object')
  return addControllerOptions(command).action(async () => {
    const flags = command.opts<LeadersFlags>()
    await failingAsJson(terminal, flags.json ?? false, async () => {
      const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
      try {
        const leaders = await client.leaders({ owners: [...command.args] }, answerMs)
        terminal.stdout(flags.json ? `${JSON.stringify(plain(leaders))}\n` : visible(leadersText(leaders)))
      } finally {
        client.close()
      }
    })
  })
}
