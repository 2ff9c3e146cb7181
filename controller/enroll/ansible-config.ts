/**
 * What an ansible.cfg says of the way to nodes and is not followed here. Pure.
 *
 * Source: Ansible, "Ansible Configuration Settings"; plugins connection/ssh and become/sudo.
 */

/** Settings by section, and for those that do no harm when they are as usual, which values are. */
const settings: Readonly<Record<string, Readonly<Record<string, RegExp | undefined>>>> = {
  defaults: {
    remote_user: undefined,
    remote_port: undefined,
    private_key_file: undefined,
    transport: /^(smart|ssh|paramiko)$/,
  },
  privilege_escalation: {
    become_method: /^sudo$/,
    become_user: /^root$/,
    become_exe: undefined,
    become_flags: undefined,
    become_password_file: undefined,
  },
  ssh_connection: {
    ssh_args: undefined,
    ssh_common_args: undefined,
    ssh_extra_args: undefined,
    ssh_executable: /^(\/usr\/bin\/)?ssh$/,
  },
}

/** Options that change how a connection is used, not where it leads or who is let in; host keys have rules of their own. */
const harmless =
  /^(-C|-o\s*"?(Control(Master|Persist|Path)|StrictHostKeyChecking|UserKnownHostsFile|ServerAlive\w+|Compression|ForwardAgent|PreferredAuthentications|LogLevel)[= ]\S+)$/i

/**
 * @param file - its path, for the sentences
 * @returns one sentence for each setting
 */
export function notFollowed(file: string, text: string): readonly string[] {
  let section = ''
  return text.split(/\r?\n/).flatMap((line, index) => {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section
    const [, name = '', written = ''] = /^(\w+)\s*[=:]\s*(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    const known = settings[section]
    if (known === undefined || !Object.hasOwn(known, key)) return []
    const value = written.replace(/(^|\s)[;#].*$/, '').trim()
    if (value === '' || known[key]?.test(value) || (key.startsWith('ssh_') && isHarmless(value))) return []
    return [
      `${file}:${index + 1}: ${key} is not followed: say it in the inventory (ansible_*), in ssh_config, or on the command line`,
    ]
  })
}

function isHarmless(args: string): boolean {
  const words = args.match(/-o\s*\S+|\S+/g) ?? []
  return words.every((word) => harmless.test(word))
}
