/** Options of the commands that reach nodes over SSH. */
import { type Command, InvalidArgumentError } from 'commander'
import type { AccessFlags } from '../ssh/node-access.ts'

export interface SshFlags extends Omit<AccessFlags, 'become'> {
  readonly acceptNew?: boolean
  readonly askBecomePass?: boolean
  readonly becomePasswordFile?: string
  readonly program?: string
  /** Nodes at the same time. */
  readonly forks?: number
}

/** As Ansible's default is five: what travels is large, and a node has little to do. */
export const usualForks = 20
const maxForks = 200

export function addSshOptions(command: Command): Command {
  return command
    .option(
      '--accept-new',
      'SSH: take the host keys of hosts never met before; a changed key is refused all the same',
    )
    .option('--user <name>', 'SSH: account on the nodes (default: ansible_user, ssh_config)')
    .option(
      '--private-key <file>',
      'SSH: private key (default: ansible_ssh_private_key_file, ssh_config, ssh-agent)',
    )
    .option('--ssh-config <file>', 'SSH: configuration in place of ~/.ssh/config')
    .option(
      '-K, --ask-become-pass',
      "SSH: ask once for sudo's password; it counts for all nodes that need one",
    )
    .option('--become-password-file <file>', "SSH: file with sudo's password")
    .option('--program <file>', "SSH: the agent's program for the nodes (default: this one, or dist/package)")
    .option('--forks <n>', `SSH: nodes at the same time (default: ${usualForks})`, toForks)
}

function toForks(text: string): number {
  const forks = Number(text)
  if (Number.isInteger(forks) && forks > 0 && forks <= maxForks) return forks
  throw new InvalidArgumentError(`a whole number from 1 to ${maxForks}`)
}

/** What the flags say of the way in. */
export function accessFlags(
  { user, privateKey, sshConfig }: SshFlags,
  become: AccessFlags['become'],
): AccessFlags {
  return { user, privateKey, sshConfig, become }
}
