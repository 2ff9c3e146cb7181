/** Asks the ssh program what its configuration says of a host; nothing is connected. */
import { userInfo } from 'node:os'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import type { NodeAccess } from './node-access.ts'
import { parseSshOptions, type SshOptions } from './ssh-options.ts'

const askMs = 15_000

/**
 * @param env - of this process
 * @throws AppError `SSH_MISSING`, `SSH_OPTION`
 */
export async function askSsh(
  exec: Exec,
  access: Pick<NodeAccess, 'host' | 'sshArguments'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SshOptions> {
  const args = ['-G', ...access.sshArguments, '--', access.host]
  const printed = await exec.run('ssh', args, { timeoutMs: askMs }).catch((cause: unknown) => {
    throw new AppError(
      'SSH_MISSING',
      'the program ssh cannot be started, and it knows how nodes are reached',
      {
        cause,
        hint: 'install openssh-client on this host',
      },
    )
  })
  if (printed.status !== 0) {
    const words = printed.stderr.trim().split('\n').at(-1) ?? ''
    throw new AppError('SSH_OPTION', `ssh does not take what is said of ${access.host}: ${words}`, {
      hint: 'see ansible_ssh_common_args and ansible_ssh_extra_args in the inventory, and ssh_config',
    })
  }
  return parseSshOptions(printed.stdout, {
    // As ssh itself: by the account, whatever HOME says.
    home: userInfo().homedir,
    localUser: userInfo().username,
    env,
    asked: access.host,
    remarks: printed.stderr,
  })
}
