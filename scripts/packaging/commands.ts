/** All commands and what they take, as plain values: read from the definitions that the program itself parses with. */
import type { Command, Option } from 'commander'
import { agentCommand } from '../../agent/main.ts'
import { svcCommand } from '../../controller/cli/svc-command.ts'
import { processTerminal } from '../../controller/cli/terminal.ts'
import { wholeProgram } from '../../controller/main.ts'

export interface OptionText {
  /** `-h, --help`, `--config <file>`. */
  readonly term: string
  /** `-h`, `--help`. */
  readonly words: readonly string[]
  /** Placeholder of the value without brackets; undefined when it takes none. */
  readonly value: string | undefined
  /** The only values there are. */
  readonly choices: readonly string[]
  readonly text: string
}

export interface CommandText {
  /** `pgsvc pki issue`. */
  readonly path: string
  readonly usage: string
  readonly summary: string
  readonly text: string
  /** Examples and the like, which stand below the options in --help. */
  readonly more: string
  readonly args: readonly {
    readonly term: string
    readonly text: string
    readonly choices: readonly string[]
  }[]
  readonly options: readonly OptionText[]
  readonly children: readonly CommandText[]
}

/** `pgsvc` with every verb, and `pgsql-svc`. */
export async function allCommands(): Promise<{ readonly pgsvc: CommandText; readonly svc: CommandText }> {
  const silent = { stdout: () => undefined, stderr: () => undefined, setExitCode: () => undefined }
  const pgsvc = textOf(await wholeProgram(processTerminal(silent)), '')
  const agent = textOf(agentCommand().name('agent'), 'pgsvc')
  const notify: CommandText = {
    ...{ path: 'pgsvc notify', usage: 'pgsvc notify [--socket PATH] <event> <role> <cluster>' },
    ...{
      summary: "called by Patroni's callbacks",
      text: '',
      more: '',
      args: [],
      options: [help],
      children: [],
    },
  }
  const children = pgsvc.children.map((child) =>
    child.path === agent.path ? { ...agent, summary: child.summary } : child,
  )
  return { pgsvc: { ...pgsvc, children: [...children, notify] }, svc: textOf(svcCommand(), '') }
}

const help: OptionText = {
  ...{ term: '-h, --help', words: ['-h', '--help'], value: undefined, choices: [] },
  text: 'what it does and takes',
}

function textOf(command: Command, parent: string): CommandText {
  const path = `${parent} ${command.name()}`.trim()
  const shown = command.createHelp()
  return {
    path,
    usage: `${path} ${command.usage()}`,
    summary: command.summary(),
    text: command.description(),
    more: moreOf(command),
    args: command.registeredArguments.map((argument) => ({
      ...{ term: shown.argumentTerm(argument), text: argument.description },
      choices: argument.argChoices ?? [],
    })),
    options: [
      ...command.options
        .filter(({ hidden }) => !hidden)
        .map((one) => optionText(one, shown.optionDescription(one))),
      help,
    ],
    children: command.commands.map((child) => textOf(child, path)),
  }
}

function optionText(option: Option, text: string): OptionText {
  const value = /[<[](.*)[\]>]/.exec(option.flags)?.[1]
  const words = [option.short, option.long].filter((word) => word !== undefined)
  return { term: option.flags, words, value, choices: option.argChoices ?? [], text }
}

/** commander keeps it as a listener; it is what --help prints beyond what it makes itself. */
function moreOf(command: Command): string {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  command.configureOutput({ writeOut: print, writeErr: print }).outputHelp()
  return printed.slice(command.helpInformation().length).trim()
}
