/** `pgsvc pki`: the certificate authority, and certificates of nodes, operators and the controller. */
import { Command, InvalidArgumentError } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { type Identity, type Role, roleNamed, roles } from '../../shared/pki/identity.ts'
import { ownAuthorityDir } from '../pki/authority.ts'
import { initAuthority, issueCertificate } from '../pki/pki.ts'
import type { CommandIo } from './io.ts'

const defaultDays = 365

export function pkiCommand(io: CommandIo): Command {
  const command = new Command('pki').description('certificate authority and certificates')
  command
    .command('init')
    .description('make the certificate authority; an existing one is never overwritten')
    .option('--dir <dir>', 'directory of the authority', ownAuthorityDir)
    .action(({ dir }: { dir: string }) =>
      report(io, () => {
        const { cert, key } = initAuthority(dir, Date.now())
        return `certificate ${cert}\nkey         ${key} (keep it on this host)\n`
      }),
    )
  command.addCommand(issueCommand(io))
  return command
}

interface IssueFlags {
  readonly dir: string
  readonly out?: string
  readonly days: number
  readonly role: Role
}

function issueCommand(io: CommandIo): Command {
  return new Command('issue')
    .description('issue a certificate')
    .argument('<kind>', 'node, operator or controller')
    .argument('[name]', 'the node as the inventory names it, or the operator')
    .option('--dir <dir>', 'directory of the authority: its ca.crt and ca.key', ownAuthorityDir)
    .option('--out <dir>', 'where the key and the certificate go (default: the directory of the authority)')
    .option('--days <n>', 'how long it is valid', wholeDays, defaultDays)
    .option('--role <role>', `what an operator may do: ${roles.join(', ')}`, knownRole, 'publish')
    .action((kind: string, name: string | undefined, flags: IssueFlags) =>
      report(io, () => {
        const { dir, out = dir, days, role } = flags
        const identity = identityFor(kind, name, role)
        const { cert, key } = issueCertificate(identity, { dir, out, days, nowMs: Date.now() })
        return `certificate ${cert}\nkey         ${key}\n`
      }),
    )
}

function identityFor(kind: string, name: string | undefined, role: Role): Identity {
  if (kind === 'controller' && name === undefined) return { kind }
  if (kind === 'node' && name !== undefined) return { kind, name }
  if (kind === 'operator' && name !== undefined) return { kind, name, role }
  throw new AppError('USAGE', 'what is the certificate for?', {
    hint: 'pgsvc pki issue controller | node <name> | operator <name>',
  })
}

function knownRole(text: string): Role {
  const role = roleNamed(text)
  if (role !== undefined) return role
  throw new InvalidArgumentError(`one of ${roles.join(', ')}`)
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days > 0 && days <= 36_500) return days
  throw new InvalidArgumentError('a whole number of days from 1 to 36500')
}

function report(io: CommandIo, work: () => string): void {
  try {
    io.stdout(work())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    io.stderr(`${describeError(error)}\n`)
    io.setExitCode(1)
  }
}
