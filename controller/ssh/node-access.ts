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
  /** For sudo; never printed. */
  readonly becomePassword: string | undefined
}

/** What the command line says; it counts more than the inventory, except for the host. */
export interface AccessFlags {
  readonly user?: string | undefined
  readonly port?: string | undefined
  readonly privateKey?: string | undefined
  readonly sshConfig?: string | undefined
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
  return {
    node: view.name,
    host: text('host') ?? view.name,
    sshArguments: [
      ...option('-F', flags.sshConfig),
      ...option('-l', flags.user ?? text('user')),
      ...option('-p', flags.port ?? text('port')),
      ...option('-i', flags.privateKey ?? text('key')),
      ...argumentsIn(text('commonArgs')),
      ...argumentsIn(text('extraArgs')),
    ],
    password: text('password'),
    becomePassword: text('becomePassword'),
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
    `${stray} in ansible_ssh_common_args or ansible_ssh_extra_args is no option of ssh`,
  )
}

/** Options of ssh whose value is the next word. Source: ssh(1). */
function takesValue(word: string | undefined): boolean {
  return /^-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]$/.test(word ?? '')
}
