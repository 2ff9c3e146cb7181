/** `pgsvc events`: what happened, and with --follow what happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import { isUnreachable } from './act-command.ts'
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
/** To a controller that is gone, while somebody follows. */
const againMs = 1_000
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
  let afterId = 0
  const show = (event: Event__Output) => {
    afterId = event.id
    terminal.stdout(json ? `${JSON.stringify(plain(event))}\n` : visible(eventLine(event)))
  }
  // A controller that is not there at first is an error; one that goes later comes back.
  for await (const event of client.events({ names: [...names], limit }, answerMs, signal)) show(event)
  let isToldOf = false
  while (follow && !signal.aborted) {
    try {
      const request = { names: [...names], limit, follow, afterId }
      for await (const event of client.events(request, Number.POSITIVE_INFINITY, signal)) {
        isToldOf = false
        show(event)
      }
      return
    } catch (error) {
      if (!(error instanceof AppError && isUnreachable(error.code))) throw error
    }
    if (!isToldOf) terminal.stderr('the controller is gone; waiting until it is back\n')
    isToldOf = true
    await sleep(againMs, undefined, { signal }).catch(() => undefined)
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
