/** `pgsvc history`: the revisions of a cluster and who did what. */
import { Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import { addControllerOptions, type ControllerFlags } from './act-options.ts'
import { historyText } from './history-view.ts'
import { failingAsJson } from './json-failure.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { visible } from './paint.ts'
import { plain } from './publish-json.ts'
import type { Terminal } from './terminal.ts'

interface HistoryFlags extends ControllerFlags {
  readonly json?: boolean
  readonly limit?: number
}

const answerMs = 10_000

/** The command, to be added to the program. */
export function historyCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  const command = new Command('history')
    .description('Shows the revisions of a cluster, newest first, and what was done with them.')
    .argument('<cls>', 'cluster, or node:<ip> for haproxy_services')
    .option('--limit <n>', 'at most this many (default: 20)', toLimit)
    .option('--json', 'one JSON object')
  return addControllerOptions(command).action(async () => {
    const flags = command.opts<HistoryFlags>()
    const owner = command.args[0] ?? ''
    await failingAsJson(terminal, flags.json ?? false, async () => {
      const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
      try {
        const history = await client.history({ owner, limit: flags.limit ?? 0 }, answerMs)
        if (history.revisions.length + history.acts.length === 0) {
          throw new AppError('OWNER_UNKNOWN', `nothing was ever published for ${owner}`, {
            hint: '"pgsvc status" lists what was',
          })
        }
        terminal.stdout(flags.json ? `${JSON.stringify(plain(history))}\n` : visible(historyText(history)))
      } finally {
        client.close()
      }
    })
  })
}

function toLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit === 0) throw new InvalidArgumentError('give a number from 1')
  return limit
}
