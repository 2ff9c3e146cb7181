/** `pgsvc events`: what happened, and with --follow what happens. */
import { Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import { addControllerOptions, type ControllerFlags } from './act-options.ts'
import type { AdminClient } from './admin-client.ts'
import { failingAsJson } from './json-failure.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { visible } from './paint.ts'
import { plain } from './publish-json.ts'
import type { Terminal } from './terminal.ts'

interface EventsFlags extends ControllerFlags {
  readonly json?: boolean
  readonly follow?: boolean
  readonly limit?: number
}

const answerMs = 30_000
/** As many as the controller keeps. */
const maxLimit = 10_000

/**
 * The command, to be added to the program.
 *
 * @param onOutputGone - calls back when nobody reads what is printed any more (`| head`)
 */
export function eventsCommand(
  terminal: Terminal,
  open: OpenClient = openClient,
  onOutputGone: (listener: () => void) => void = (listener) => void process.stdout.once('error', listener),
): Command {
  const command = new Command('events')
    .description('Shows what happened, oldest first: leaders, publishes, nodes that come and go.')
    .argument('[name...]', 'only of these clusters and nodes')
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .option('--limit <n>', `at most this many of the past (default: 50, at most ${maxLimit})`, toLimit)
    .option('--json', 'one JSON object per line')
  return addControllerOptions(command).action(async () => {
    const flags = command.opts<EventsFlags>()
    await failingAsJson(terminal, flags.json ?? false, () => listen(command.args, flags))
  })

  async function listen(names: readonly string[], flags: EventsFlags): Promise<void> {
    const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
    const end = new AbortController()
    const stopListening = terminal.onInterrupt(() => end.abort())
    onOutputGone(() => end.abort())
    try {
      await print(client, names, flags, terminal, end.signal)
    } catch (error) {
      // Ctrl-C is how one leaves.
      if (!(end.signal.aborted && error instanceof AppError && error.code === 'CANCELLED')) throw error
    } finally {
      stopListening()
      client.close()
    }
  }
}

async function print(
  client: AdminClient,
  names: readonly string[],
  { follow = false, limit = 0, json }: EventsFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = follow ? Number.POSITIVE_INFINITY : answerMs
  for await (const event of client.events({ names: [...names], limit, follow }, deadlineMs, signal)) {
    terminal.stdout(json ? `${JSON.stringify(plain(event))}\n` : visible(eventLine(event)))
  }
}

/** Columns that hold for names of usual length: what is still to come cannot be measured. */
function eventLine({ atMs, kind, owner, node, message }: Event__Output): string {
  const time = new Date(atMs).toISOString()
  return `${time}  ${kind.padEnd(12)}  ${(owner || '-').padEnd(12)}  ${(node || '-').padEnd(13)}  ${message}\n`
}

function toLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxLimit) throw new InvalidArgumentError(`give a number from 1 to ${maxLimit}`)
  return limit
}
