/**
 * How Ansible reaches a node and becomes root there, from the inventory's variables. Pure.
 *
 * Source: Ansible, "Connecting to hosts: behavioral inventory parameters"; plugins connection/ssh and become/sudo.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { variableOf } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'
import { splitWords } from './shell-words.ts'

export interface NodeAccess {
  /** As the inventory names it. */
  readonly node: string
  /** What ssh is asked for. */
  readonly host: string
  /** Options for ssh that the inventory and the command line give. */
  readonly sshArguments: readonly string[]
  /** Never printed. */
  readonly password: string | undefined
  /** Why there is none although the inventory has one; a host that needs none is reached all the same. */
  readonly passwordProblem?: string | undefined
  readonly become: Become
}

/** How an account becomes root. */
export interface Become {
  /** For sudo; never printed. */
  readonly password: string | undefined
  /** Who says so, for messages. */
  readonly from?: string | undefined
  /** Why there is none although the inventory has one. */
  readonly problem?: string | undefined
  /** The sudo program; found on the path where it is left out. */
  readonly program?: string | undefined
  /** Further options of sudo. */
  readonly options?: readonly string[]
  /** It must not: the account has to be root itself. */
  readonly isForbidden?: boolean
}

/** What the command line says; it counts more than the inventory, except for the host. */
export interface AccessFlags {
  readonly user?: string | undefined
  readonly port?: string | undefined
  readonly privateKey?: string | undefined
  readonly sshConfig?: string | undefined
  /** For sudo, and where it is from. */
  readonly become?: { readonly password: string; readonly from: string } | undefined
}

/** Variables with their older names; the first that is set counts. */
const names = {
  host: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  key: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass'],
  becomePassword: [
    'ansible_become_password',
    'ansible_become_pass',
    'ansible_sudo_pass',
    'ansible_sudo_password',
  ],
  becomeUser: ['ansible_become_user', 'ansible_sudo_user'],
  become: ['ansible_become', 'ansible_sudo'],
  becomeExe: ['ansible_become_exe', 'ansible_sudo_exe'],
  becomeFlags: ['ansible_become_flags', 'ansible_sudo_flags'],
  sshExecutable: ['ansible_ssh_executable'],
  sshArgs: ['ansible_ssh_args'],
  becomeMethod: ['ansible_become_method'],
  connection: ['ansible_connection'],
  commonArgs: ['ansible_ssh_common_args'],
  extraArgs: ['ansible_ssh_extra_args'],
} as const

/**
 * @throws AppError `ACCESS_UNSUPPORTED` for ways in that are not gone here, `SSH_OPTION`; or why a variable cannot be
 *   evaluated
 */
export function nodeAccess(view: HostView, flags: AccessFlags): NodeAccess {
  const text = (key: keyof typeof names) => textOf(view, names[key])
  refuseOther(view, 'connection', ['ssh', 'paramiko', 'paramiko_ssh', 'smart', 'ansible.builtin.ssh'])
  refuseOther(view, 'becomeMethod', ['sudo', 'ansible.builtin.sudo'])
  refuseOther(view, 'becomeUser', ['root'])
  refuseOther(view, 'sshExecutable', ['ssh', '/usr/bin/ssh'])
  const password = secretOf(view, 'password')
  return {
    node: view.name,
    host: text('host') ?? view.name,
    // Of an option that is given twice ssh takes the first. In the order of Ansible, the command line before it.
    sshArguments: [
      ...option('-F', flags.sshConfig),
      ...option('-l', flags.user),
      ...option('-p', flags.port),
      ...option('-i', flags.privateKey),
      ...argumentsIn(text('sshArgs')),
      ...option('-p', flags.port === undefined ? text('port') : undefined),
      ...option('-i', flags.privateKey === undefined ? text('key') : undefined),
      ...option('-l', flags.user === undefined ? text('user') : undefined),
      ...argumentsIn(text('commonArgs')),
      ...argumentsIn(text('extraArgs')),
    ],
    password: password.text,
    passwordProblem: password.problem,
    become: becomeOf(view, flags.become),
  }
}

function becomeOf(view: HostView, flag: AccessFlags['become']): Become {
  const own = flag === undefined ? secretOf(view, 'becomePassword') : undefined
  // Ours is the way a password is asked for; what is said besides (a role of SELinux, a group) is kept.
  const options = splitWords(textOf(view, names.becomeFlags) ?? '').filter((word) => !/^-[HSnk]+$/.test(word))
  return {
    password: flag?.password ?? own?.text,
    from: flag?.from ?? own?.name,
    problem: own?.problem,
    program: textOf(view, names.becomeExe),
    options,
    isForbidden: /^(false|no|off|n|f|0)$/i.test(textOf(view, names.become) ?? ''),
  }
}

/** One that cannot be read is missed only where it is needed. */
function secretOf(view: HostView, key: 'password' | 'becomePassword') {
  const name = names[key].find((one) => variableOf(view.host, one) !== undefined)
  try {
    return { name, text: textOf(view, names[key]), problem: undefined }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const place = error.at ? ` (${error.at.file}:${error.at.line}:${error.at.column})` : ''
    const why =
      error.code === 'VAULT_VALUE'
        ? 'is encrypted by ansible-vault, which is not opened here'
        : `cannot be evaluated here: ${error.message}`
    return { name, text: undefined, problem: `${name}${place} ${why}` }
  }
}

function textOf(view: HostView, aliases: readonly string[]): string | undefined {
  for (const name of aliases) {
    // Only what is written: what Ansible would find out itself is none of this.
    const value = variableOf(view.host, name) === undefined ? undefined : view.get(name)
    if (value !== undefined && value !== null && value !== '') return pyText(value)
  }
  return undefined
}

function refuseOther(view: HostView, key: keyof typeof names, understood: readonly string[]): void {
  const value = textOf(view, names[key])
  if (value === undefined || understood.includes(value)) return
  throw new AppError(
    'ACCESS_UNSUPPORTED',
    `${view.name} has ${names[key][0]}: ${value}, which is not done here`,
    {
      hint: `understood: ${understood[0]}; install the package on this node instead, see docs/install.md`,
    },
  )
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

/** Options that change how a session is used (agent forwarding, control master) do no harm: `ssh -G` takes them. */
function argumentsIn(text: string | undefined): readonly string[] {
  const words = splitWords(text ?? '')
  const stray = words.find((word, index) => !/^-[^-]/.test(word) && !takesValue(words[index - 1]))
  if (stray === undefined) return words
  throw new AppError(
    'SSH_OPTION',
    `${stray} in ansible_ssh_args, ansible_ssh_common_args or ansible_ssh_extra_args is no option of ssh`,
  )
}

/** Options of ssh whose value is the next word. Source: ssh(1). */
function takesValue(word: string | undefined): boolean {
  return /^-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]$/.test(word ?? '')
}
