/**
 * `pgsql-svc <cls> [ip...]`: publishes the services of a cluster.
 *
 * The arguments, their meaning and the exit statuses are those of the script of the same name in Pigsty, so that
 * habits and playbooks go on working; docs/differences.md lists what is better. Like that script it writes
 * everything to standard output.
 */
import { Command, CommanderError } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { addActOptions, publishOptions } from './act-options.ts'
import { type ActPrinter, createActPrinter } from './act-printer.ts'
import { firstBadAddress } from './address.ts'
import { svcExit, svcFailure } from './exit.ts'
import { addInventoryOptions } from './inventory-options.ts'
import { controllerAddress, type OpenClient } from './open-client.ts'
import { createPaint, type Line, paintLine, wantsColour } from './paint.ts'
import { type PublishEnd, succeeded } from './publish-end.ts'
import { noEvents } from './publish-state.ts'
import { runAct } from './run-act.ts'
import { addSshOptions } from './ssh-flags.ts'
import type { OpenBridges, SvcCall, SvcFlags } from './svc-call.ts'
import type { Terminal } from './terminal.ts'

/** Arguments that do not, or --help: what to say and with which status to end. */
interface SvcRefusal {
  readonly exit: number
  readonly code: string
  readonly lines: readonly Line[]
  /** Usage or help, as it is. */
  readonly text: string
}

const help = `
Publishes the services of <cls>: a cluster, an inventory group, a provider group such as "proxy", or a
pattern such as "pg-*". With [ip...] only on those nodes. Editing pigsty.yml changes nothing; this does.

Exit status: 0 done (or nothing to do), 1 no cluster given, 2 <cls> failed, 3 not an ip address,
4 some of the named ip failed.

Examples:
  pgsql-svc pg-test                           publish on all nodes of pg-test
  pgsql-svc pg-test 10.10.10.12 10.10.10.13   on these two
  pgsql-svc pg-test --check --diff            change nothing, show what would change
  pgsql-svc pg-test --ssh                     also on nodes without a running agent
`

/**
 * Runs the command.
 *
 * @param argv - without the program's name
 * @param bridge - what --ssh does
 * @returns the exit status, 0 to 4
 */
export async function runSvc(
  argv: readonly string[],
  terminal: Terminal,
  open: OpenClient,
  bridge: OpenBridges = unbridged,
): Promise<number> {
  const call = readArguments(argv, terminal.env)
  if ('exit' in call) return refuse(call, argv, terminal)
  const { cls, addresses, flags } = call
  const target = addresses.length > 0 ? `${addresses.join(' ')} of ${cls}` : cls
  const doing = 'reload pgsql services for'
  const words = { doing, target, check: flags.check === true, bySsh: flags.ssh === true }
  const colour = wantsColour(flags.color, terminal.isTty, terminal.env)
  const printer: ActPrinter = createActPrinter(terminal, { words, json: flags.json === true, colour })
  printer.begin()
  const request = { pattern: cls, nodes: [...addresses], options: publishOptions(flags, terminal.env) }
  const client = () => open(call.controller, flags, terminal.env)
  const begun = await beginBridges(
    () => (flags.ssh ? bridge(call, client, printer, terminal) : noBridges),
    terminal,
  )
  const { state, end } =
    begun.end === undefined
      ? await runAct({ method: 'Publish', request }, client, printer, terminal)
      : { state: noEvents, end: begun.end }
  await begun.endBridges()
  const exit = exitOf(succeeded(state, end), begun.end, addresses)
  printer.end(state, end, exit)
  return exit
}

const noBridges = Promise.resolve(async () => undefined)

interface BridgesBegun {
  readonly endBridges: () => Promise<void>
  /** Why nothing is published: Ctrl-C means all of it, and wrong arguments nothing at all. */
  readonly end?: PublishEnd
}

async function beginBridges(
  begin: () => ReturnType<OpenBridges>,
  terminal: Pick<Terminal, 'onInterrupt'>,
): Promise<BridgesBegun> {
  let isInterrupted = false
  const stopListening = terminal.onInterrupt(() => {
    isInterrupted = true
  })
  try {
    const endBridges = await begin()
    return isInterrupted ? { endBridges, end: { kind: 'interrupted', committed: 'no' } } : { endBridges }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const end: PublishEnd =
      error.code === 'CANCELLED'
        ? { kind: 'interrupted', committed: 'no' }
        : { kind: 'error', error, committed: 'no' }
    return { endBridges: async () => undefined, end }
  } finally {
    stopListening()
  }
}

function exitOf(isDone: boolean, early: PublishEnd | undefined, addresses: readonly string[]): number {
  if (isDone) return svcExit.ok
  return early?.kind === 'error' && early.error.code === 'USAGE' ? svcExit.usage : svcFailure(addresses)
}

/** What `pgsql-svc` takes. */
export function svcCommand(): Command {
  return addSshOptions(addInventoryOptions(addActOptions(new Command('pgsql-svc'))))
    .option('--ssh', 'reach targets without a running agent over SSH, for this one time')
    .argument('[cls]', 'cluster, group or pattern')
    .argument('[ip...]', 'only these nodes')
    .addHelpText('after', help)
    .usage('<cls> [ip...] [options]')
}

/** --ssh is for the part of the program that can (bin/pgsql-svc chooses it): this one starts fast because it cannot. */
const unbridged: OpenBridges = () => {
  throw new Error('--ssh is not for this part of the program')
}

/** Pure: from the words on the command line to a call, or to what is wrong with them. */
export function readArguments(argv: readonly string[], env: Terminal['env']): SvcCall | SvcRefusal {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  const command = svcCommand()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .configureHelp({ helpWidth: 100 })
    .exitOverride()
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { exit: svcExit.ok, code: '', lines: [], text: printed }
    return wrong(svcExit.usage, 'USAGE', error.message.replace(/^error: /, ''), usageText(command))
  }
  return checkArguments(command, env)
}

/** Without --ssh nobody would look at them, and whoever wrote them would not know. */
const sshOnly = [
  { key: 'inventory', name: '--inventory' },
  { key: 'pigstyHome', name: '--pigsty-home' },
  { key: 'defaults', name: '--defaults' },
  { key: 'acceptNew', name: '--accept-new' },
  { key: 'user', name: '--user' },
  { key: 'privateKey', name: '--private-key' },
  { key: 'askBecomePass', name: '--ask-become-pass' },
  { key: 'becomePasswordFile', name: '--become-password-file' },
  { key: 'sshConfig', name: '--ssh-config' },
  { key: 'program', name: '--program' },
  { key: 'forks', name: '--forks' },
] as const satisfies readonly { readonly key: keyof SvcFlags; readonly name: string }[]

function checkArguments(command: Command, env: Terminal['env']): SvcCall | SvcRefusal {
  const [cls = '', ...addresses] = command.args
  const flags = command.opts<SvcFlags>()
  if (cls.trim() === '') return wrong(svcExit.usage, 'USAGE', 'pg_cluster is empty', usageText(command))
  const idle = flags.ssh ? undefined : sshOnly.find(({ key }) => flags[key] !== undefined)
  if (idle) {
    const message = `${idle.name} is for --ssh alone: what is published is the controller's inventory, by agents`
    return wrong(svcExit.usage, 'USAGE', message, usageText(command))
  }
  const bad = firstBadAddress(addresses)
  if (bad !== undefined)
    return wrong(svcExit.badAddress, 'ADDRESS_INVALID', `invalid ip address given: ${bad}`, '')
  try {
    return { cls, addresses: [...new Set(addresses)], flags, controller: controllerAddress(flags, env) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return wrong(svcExit.usage, error.code, describeError(error), usageText(command))
  }
}

function wrong(exit: number, code: string, message: string, text: string): SvcRefusal {
  return { exit, code, lines: [{ sign: 'fail', text: message }], text }
}

function usageText(command: Command): string {
  return `usage: pgsql-svc ${command.usage()}\n       pgsql-svc --help\n`
}

function refuse(refusal: SvcRefusal, argv: readonly string[], terminal: Terminal): number {
  const paint = createPaint(wantsColour(askedColour(argv), terminal.isTty, terminal.env))
  // The arguments could not be read, but whoever wrote --json among them reads JSON.
  if (argv.includes('--json') && refusal.exit !== svcExit.ok) {
    const errors = refusal.lines.map(({ text }) => ({
      code: refusal.code,
      message: text,
      hint: '',
      owner: '',
    }))
    const summary = { event: 'summary', ok: false, committed: false, exit: refusal.exit, nodes: [], errors }
    terminal.stdout(`${JSON.stringify(summary)}\n`)
    return refusal.exit
  }
  terminal.stdout(refusal.lines.map((line) => `${paintLine(line, paint)}\n`).join('') + refusal.text)
  return refusal.exit
}

function askedColour(argv: readonly string[]): boolean | undefined {
  if (argv.includes('--no-color')) return false
  return argv.includes('--color') ? true : undefined
}
