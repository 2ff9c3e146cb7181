/** Composition root of `pgsvc`: finds the verb, loads it and nothing else, turns failures into an exit status. */
import { Command, CommanderError } from 'commander'
import { AppError, describeError } from '../shared/errors/app-error.ts'
import { version } from '../shared/version.ts'
import { isUnreachable } from './cli/act-command.ts'
import { verbExit } from './cli/exit.ts'
import { processIo } from './cli/io.ts'
import { tellLostOutput } from './cli/lost-output.ts'
import { processTerminal, type Terminal } from './cli/terminal.ts'

interface Verb {
  readonly name: string
  readonly summary: string
  /** Loads the verb; undefined for one that another program part runs. */
  readonly load: ((terminal: Terminal) => Promise<Command>) | undefined
}

const verbs: readonly Verb[] = [
  {
    name: 'status',
    summary: 'what is assigned, what runs, what failed',
    load: async (terminal) => (await import('./cli/status-command.ts')).statusCommand(terminal),
  },
  {
    name: 'history',
    summary: 'revisions of a cluster and who did what',
    load: async (terminal) => (await import('./cli/history-command.ts')).historyCommand(terminal),
  },
  {
    name: 'leaders',
    summary: 'who leads each cluster, and what each node makes of it',
    load: async (terminal) => (await import('./cli/leaders-command.ts')).leadersCommand(terminal),
  },
  {
    name: 'events',
    summary: 'what happened, and with --follow what happens',
    load: async (terminal) => (await import('./cli/events-command.ts')).eventsCommand(terminal),
  },
  {
    name: 'rollback',
    summary: 'go back to an earlier revision',
    load: async (terminal) => (await import('./cli/rollback-command.ts')).rollbackCommand(terminal),
  },
  {
    name: 'remove',
    summary: "take a cluster's files off nodes",
    load: async (terminal) => (await import('./cli/remove-command.ts')).removeCommand(terminal),
  },
  {
    name: 'forget',
    summary: 'strike nodes that are gone for good',
    load: async (terminal) => (await import('./cli/forget-command.ts')).forgetCommand(terminal),
  },
  {
    name: 'node',
    summary: 'publish haproxy_services of nodes',
    load: async (terminal) => (await import('./cli/node-command.ts')).nodeCommand(terminal),
  },
  {
    name: 'render',
    summary: 'write the files of an inventory into a directory',
    load: async (terminal) => (await import('./cli/render-command.ts')).renderCommand(terminal),
  },
  {
    name: 'explain',
    summary: 'why a member is in a service, out of it, or a backup',
    load: async (terminal) => (await import('./cli/explain-command.ts')).explainCommand(terminal),
  },
  {
    name: 'lint',
    summary: 'what is wrong with an inventory, why it matters, what would be right',
    load: async (terminal) => (await import('./cli/lint-command.ts')).lintCommand(terminal),
  },
  {
    name: 'inventory',
    summary: "a host's variables and where each comes from",
    load: async (terminal) => (await import('./cli/inventory-command.ts')).inventoryCommand(terminal),
  },
  {
    name: 'audit',
    summary: 'who asked what of the controller, and how it came out',
    load: async (terminal) => (await import('./cli/audit-command.ts')).auditCommand(terminal),
  },
  {
    name: 'enroll',
    summary: 'bring agents to nodes over SSH, or bring them up to date',
    load: async (terminal) => (await import('./cli/enroll-command.ts')).enrollCommand(terminal),
  },
  {
    name: 'unenroll',
    summary: 'take agents off nodes; HAProxy and its files stay',
    load: async (terminal) => (await import('./cli/enroll-command.ts')).unenrollCommand(terminal),
  },
  {
    name: 'pki',
    summary: 'certificate authority and certificates',
    load: async (terminal) => (await import('./cli/pki-command.ts')).pkiCommand(terminal),
  },
  {
    name: 'controller',
    summary: 'the daemon on the admin node',
    load: async (terminal) => (await import('./cli/controller-command.ts')).controllerCommand(terminal),
  },
  // bin/pgsvc runs these from program parts of their own; here they are only listed.
  { name: 'agent', summary: 'the daemon on every node', load: undefined },
  {
    name: 'notify',
    summary: "on a node, in Patroni's callbacks: the agent looks who leads",
    load: undefined,
  },
]

/**
 * @param argv - arguments without the program's name
 * @returns exit status, see docs/exit-codes.md
 */
export async function main(argv: readonly string[]): Promise<number> {
  // `pgsql-svc --ssh` comes here, where SSH and inventories are at hand; without --ssh it starts without all that.
  if (argv[0] === svcVerb) return await overSsh(argv.slice(1))
  tellLostOutput(process)
  let status: number = verbExit.ok
  const setExitCode = (asked: number) => {
    status = asked
  }
  const io = { ...processIo(), setExitCode }
  try {
    await run(argv, processTerminal(io))
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? verbExit.ok : verbExit.usage
    if (!(error instanceof AppError)) throw error
    io.stderr(`${describeError(error)}\n`)
    if (['USAGE', 'CONTROLLER_ADDRESS_INVALID'].includes(error.code)) return verbExit.usage
    return isUnreachable(error.code) ? verbExit.unreachable : verbExit.failed
  }
}

/** Not listed: its name is pgsql-svc. */
const svcVerb = 'svc'

async function overSsh(argv: readonly string[]): Promise<number> {
  const [svc, { openBridges }] = await Promise.all([import('./svc-main.ts'), import('./cli/svc-bridges.ts')])
  return await svc.main(argv, openBridges)
}

async function run(argv: readonly string[], terminal: Terminal): Promise<void> {
  const program = new Command('pgsvc')
    .description(
      'Publishes PostgreSQL services to HAProxy on every node. To publish a cluster: pgsql-svc <cls>.',
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: terminal.stdout, writeErr: terminal.stderr })
  const asked = argv[0] === 'help' ? argv[1] : argv[0]
  for (const verb of verbs) {
    if (verb.name === asked && verb.load) {
      const command = (await verb.load(terminal)).summary(verb.summary)
      inheritSettings(command, program)
      program.addCommand(command)
    } else program.command(verb.name).summary(verb.summary)
  }
  if (argv.length === 0) return program.help()
  await program.parseAsync(argv, { from: 'user' })
}

/** `pgsvc` with all its verbs, but for those that other program parts run. */
export async function wholeProgram(terminal: Terminal): Promise<Command> {
  const program = new Command('pgsvc')
  for (const { name, summary, load } of verbs) {
    program.addCommand(load ? (await load(terminal)).summary(summary) : new Command(name).summary(summary))
  }
  return program
}

/** A command made on its own would end the process at a wrong argument. */
function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheritSettings(child, command)
}
