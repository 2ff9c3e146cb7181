/** `pgsvc pki`: the certificate authority, and certificates of nodes, operators and the controller. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import { type Identity, type Role, roles } from '../../shared/pki/identity.ts'
import type { CertificatesResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import { ownAuthorityDir } from '../pki/authority.ts'
import { initAuthority, issueCertificate } from '../pki/pki.ts'
import { addControllerOptions, type ControllerFlags } from './act-options.ts'
import type { AdminClient } from './admin-client.ts'
import { certificatesText, renewText, revokeText } from './certificates-view.ts'
import { verbExit } from './exit.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { visible } from './paint.ts'
import { plain } from './publish-json.ts'
import { isoTime } from './table.ts'
import type { Terminal } from './terminal.ts'

/** A controller renews its own where it can; a key of its that is stolen is believed until its certificate ends. */
const defaultDays = { node: 365, operator: 365, controller: 90 } as const
const answerMs = 30_000

export function pkiCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  return new Command('pki')
    .description('certificate authority and certificates')
    .addCommand(initCommand(terminal))
    .addCommand(issueCommand(terminal))
    .addCommand(signCommand(terminal, open))
    .addCommand(listCommand(terminal, open))
    .addCommand(revokeCommand(terminal, open))
    .addCommand(renewCommand(terminal, open))
}

function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('make a certificate authority; an existing one is never overwritten')
    .option('--dir <dir>', 'directory of the authority', ownAuthorityDir)
    .action(({ dir }: { dir: string }) => {
      const { cert, key } = initAuthority(dir, Date.now())
      terminal.stdout(`certificate ${cert}\nkey         ${key} (keep it on this host)\n`)
    })
}

interface IssueFlags {
  readonly dir: string
  readonly out?: string
  readonly days?: number
  readonly role: Role
}

function issueCommand(terminal: Terminal): Command {
  return new Command('issue')
    .description('issue a certificate and its key, without a controller')
    .addArgument(new Argument('<kind>', 'whose').choices(['node', 'operator', 'controller']))
    .argument('[name]', 'the node as the inventory names it, or the operator')
    .option('--dir <dir>', 'directory of the authority: its ca.crt and ca.key', ownAuthorityDir)
    .option('--out <dir>', 'where the key and the certificate go (default: the directory of the authority)')
    .option('--days <n>', 'how long it is valid (default: 365, a controller 90)', wholeDays)
    .addOption(new Option('--role <role>', 'what an operator may do').choices(roles).default('publish'))
    .action((kind: string, name: string | undefined, flags: IssueFlags) => {
      const { dir, out = dir, role } = flags
      const identity = identityFor(kind, name, role)
      const { days = defaultDays[identity.kind] } = flags
      const { cert, key, ca } = issueCertificate(identity, { dir, out, days, nowMs: Date.now() })
      const authority = ca === undefined ? '' : `authority   ${ca} (copied)\n`
      terminal.stdout(`certificate ${cert}\nkey         ${key}\n${authority}`)
    })
}

interface SignFlags extends ControllerFlags {
  readonly request: string
}

/** Standard output holds what the node is to be given, and nothing else. */
function signCommand(terminal: Terminal, open: OpenClient): Command {
  const command = new Command('sign')
    .description(
      'sign a request that a node has printed, by the controller, and print the certificate and its authorities',
    )
    .argument('<node>', 'as the inventory names it; what the request says of itself does not count')
    .option('--request <file>', 'the request, PEM; - is standard input', '-')
  return addControllerOptions(command).action(async (node: string, { request }: SignFlags) => {
    const csrPem = await readRequest(request)
    await asking(command, terminal, open, async (client) => {
      const { certPem, caPem, notAfterMs, serial } = await client.ask('SignNode', { node, csrPem }, answerMs)
      terminal.stdout(`${certPem.trimEnd()}\n${caPem.trimEnd()}\n`)
      terminal.stderr(`certificate ${serial} of node ${node}, valid until ${isoTime(notAfterMs)}\n`)
    })
  })
}

async function readRequest(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('REQUEST_INVALID', `${path} cannot be read: ${why}`, {
      cause,
      hint: 'it is what `pgsvc agent request-certificate` prints on the node',
    })
  }
}

interface ListFlags extends ControllerFlags {
  readonly all?: boolean
  readonly signedBy?: string
  readonly json?: boolean
}

function listCommand(terminal: Terminal, open: OpenClient): Command {
  const command = new Command('list')
    .description('certificates that the controller has signed or seen, how they stand, and what was revoked')
    .option('--all', 'also those that were replaced or have ended')
    .option('--signed-by <who>', 'only names for whom WHO has ever had one signed, e.g. "operator alice"')
    .option('--json', 'one JSON object')
  return addControllerOptions(command).action(async () => {
    const { all = false, signedBy, json } = command.opts<ListFlags>()
    await asking(command, terminal, open, async (client) => {
      const answer = await client.ask('Certificates', { all }, answerMs)
      const found = signedBy === undefined ? answer : await ofSigner(client, answer, signedBy)
      terminal.stdout(json ? `${JSON.stringify(plain(found))}\n` : visible(certificatesText(found)))
    })
  })
}

/** What was signed is found in what was replaced, too: renewals are signed for the node itself. */
async function ofSigner(
  client: AdminClient,
  answer: CertificatesResponse__Output,
  who: string,
): Promise<CertificatesResponse__Output> {
  const { certificates } = await client.ask('Certificates', { all: true }, answerMs)
  const signed = new Set(certificates.filter(({ signedBy }) => signedBy === who).map(nameOf))
  return { ...answer, certificates: answer.certificates.filter((one) => signed.has(nameOf(one))) }
}

function nameOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`
}

interface RevokeFlags extends ControllerFlags {
  readonly unseen?: boolean
  readonly json?: boolean
}

function revokeCommand(terminal: Terminal, open: OpenClient): Command {
  const command = new Command('revoke')
    .description('withdraw all certificates that a node or an operator has had until now, at once')
    .addArgument(new Argument('<kind>', 'whose').choices(['node', 'operator']))
    .argument('<name>', 'as it stands in the certificate: pgsvc pki list')
    .option('--unseen', 'also when the controller knows no certificate of that name')
    .option('--json', 'one JSON object')
  return addControllerOptions(command).action(async (kind: string, name: string, flags: RevokeFlags) => {
    await asking(command, terminal, open, async (client) => {
      const revoked = await revoke(client, kind, name, flags.unseen === true)
      terminal.stdout(
        flags.json ? `${JSON.stringify(plain(revoked))}\n` : visible(revokeText(kind, name, revoked)),
      )
    })
  })
}

function revoke(client: AdminClient, kind: string, name: string, unseen: boolean) {
  if (kind === 'node') return client.ask('RevokeNode', { node: name, unseen }, answerMs)
  return client.ask('RevokeOperator', { operator: name, unseen }, answerMs)
}

function renewCommand(terminal: Terminal, open: OpenClient): Command {
  const command = new Command('renew')
    .description('have nodes renew their certificates now, or the controller its own')
    .addArgument(new Argument('<kind>', 'whose').choices(['nodes', 'controller']))
    .argument('[name...]', 'only these nodes')
    .option('--json', 'one JSON object')
  return addControllerOptions(command).action(
    async (kind: string, names: readonly string[], flags: ListFlags) => {
      if (kind === 'controller' && names.length > 0) {
        throw new AppError('USAGE', 'there is one controller: it takes no name', {
          hint: 'pgsvc pki renew nodes [name...] | controller',
        })
      }
      await asking(command, terminal, open, async (client) => {
        const request = { nodes: [...names], controller: kind === 'controller' }
        const told = await client.ask('Renew', request, answerMs)
        terminal.stdout(flags.json ? `${JSON.stringify(plain(told))}\n` : visible(renewText(told)))
        if (told.offline.length > 0) terminal.setExitCode(verbExit.failed)
      })
    },
  )
}

async function asking(
  command: Command,
  terminal: Terminal,
  open: OpenClient,
  work: (client: AdminClient) => Promise<void>,
): Promise<void> {
  const flags = command.opts<ControllerFlags>()
  const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
  try {
    await work(client)
  } finally {
    client.close()
  }
}

function identityFor(kind: string, name: string | undefined, role: Role): Identity {
  if (kind === 'controller' && name === undefined) return { kind }
  if (kind === 'node' && name !== undefined) return { kind, name }
  if (kind === 'operator' && name !== undefined) return { kind, name, role }
  throw new AppError('USAGE', 'what is the certificate for?', {
    hint: 'pgsvc pki issue controller | node <name> | operator <name>',
  })
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days > 0 && days <= 36_500) return days
  throw new InvalidArgumentError('a whole number of days from 1 to 36500')
}
