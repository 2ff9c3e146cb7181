/** `pgsvc pki`: the certificate authority, and certificates of nodes, operators and the controller. */
import { Command, InvalidArgumentError } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import { initAuthority, issueCertificate, type Subject } from '../pki/pki.ts'
import type { CommandIo } from './io.ts'

const defaultDir = '/etc/pgsvc/pki'
const defaultDays = 365

export function pkiCommand(io: CommandIo, exec: Exec): Command {
  const command = new Command('pki').description('certificate authority and certificates')
  command
    .command('init')
    .description('make the certificate authority; an existing one is never overwritten')
    .option('--dir <dir>', 'directory of the authority', defaultDir)
    .action(({ dir }: { dir: string }) =>
      report(io, async () => {
        const { cert, key } = await initAuthority(exec, dir)
        return `certificate ${cert}\nkey         ${key} (keep it on this host)\n`
      }),
    )
  command.addCommand(issueCommand(io, exec))
  return command
}

interface IssueFlags {
  readonly dir: string
  readonly out?: string
  readonly days: number
}

function issueCommand(io: CommandIo, exec: Exec): Command {
  return new Command('issue')
    .description('issue a certificate')
    .argument('<kind>', 'node, operator or controller')
    .argument('[name]', 'the node as the inventory names it, or the operator')
    .option('--dir <dir>', 'directory of the authority', defaultDir)
    .option('--out <dir>', 'where the key and the certificate go (default: the directory of the authority)')
    .option('--days <n>', 'how long it is valid', wholeDays, defaultDays)
    .action((kind: string, name: string | undefined, flags: IssueFlags) =>
      report(io, async () => {
        const { dir, out = dir, days } = flags
        const { cert, key } = await issueCertificate(exec, subjectOf(kind, name), { dir, out, days })
        return `certificate ${cert}\nkey         ${key}\n`
      }),
    )
}

function subjectOf(kind: string, name: string | undefined): Subject {
  if (kind === 'controller' && name === undefined) return { kind }
  if ((kind === 'node' || kind === 'operator') && name !== undefined) return { kind, name }
  throw new AppError('USAGE', 'what is the certificate for?', {
    hint: 'pgsvc pki issue controller | node <name> | operator <name>',
  })
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days > 0 && days <= 36_500) return days
  throw new InvalidArgumentError('a whole number of days from 1 to 36500')
}

async function report(io: CommandIo, work: () => Promise<string>): Promise<void> {
  try {
    io.stdout(await work())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    io.stderr(`${describeError(error)}\n`)
    io.setExitCode(1)
  }
}
