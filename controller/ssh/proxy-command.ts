/**
 * A program of the operator's choice that carries the connection to a host: ssh_config's ProxyCommand.
 *
 * Source: ssh_config(5), ProxyCommand, TOKENS; started and ended as OpenSSH's sshconnect.c does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { AppError } from '../../shared/errors/app-error.ts'
import type { SshOptions } from './ssh-options.ts'

export interface ProxyProgram {
  /** The connection: its standard input and output. When it is ended the program is, too. */
  readonly stream: Duplex
  /** The error of a connection that did not come about, with the last words of the program. */
  blame(error: unknown): Promise<unknown>
}

type Target = Pick<SshOptions, 'asked' | 'hostName' | 'port' | 'user'>

/** What a shell would take for more than a word; OpenSSH since 9.6 refuses such names too. */
const meansMore = /[\s'"`$\\;&<>|(){}*?#!~]|^-/

/**
 * The command with its tokens expanded: `%%`, `%h`, `%n`, `%p`, `%r`. Pure.
 *
 * @throws AppError `SSH_OPTION` for another token, and for names that a shell would take for more than a word
 */
export function expandProxyCommand(command: string, { asked, hostName, port, user }: Target): string {
  const tokens: Readonly<Record<string, string>> = { h: hostName, n: asked, p: `${port}`, r: user }
  return command.replaceAll(/%(.?)/g, (whole, token: string) => {
    if (token === '%') return '%'
    const value = tokens[token]
    if (value === undefined) {
      throw new AppError(
        'SSH_OPTION',
        `ssh_config's ProxyCommand for ${asked} has ${whole}, which is no token`,
        {
          hint: '%h, %n, %p, %r are known, and %% for a percent sign',
        },
      )
    }
    if (meansMore.test(value)) {
      throw new AppError(
        'SSH_OPTION',
        `${value} is not given to a ProxyCommand: a shell would take it for more`,
      )
    }
    return value
  })
}

/** How long a program may take to end by itself, and to be heard to its end. */
const graceMs = 2_000
const maxWords = 300

/**
 * Starts the command, which is not told of a Ctrl-C on this terminal: what is in hand is brought to its end first.
 *
 * @param command - expanded
 * @param shell - the user's; '' for sh
 */
export function startProxy(command: string, shell: string): ProxyProgram {
  const child = spawn(shell || '/bin/sh', ['-c', `exec ${command}`], { detached: true })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-4 * maxWords)
  })
  child.once('error', (error) => {
    words = error.message
    stream.destroy(error)
  })
  // The end of a connection says why; and one that is not listened to would end this process.
  stream.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => child.once('close', resolve).once('error', () => resolve()))
  stream.once('finish', () => endSoon(child)).once('close', () => endSoon(child))
  return { stream, blame: (error) => blame(error, child, ended, () => words) }
}

async function blame(
  error: unknown,
  child: ChildProcess,
  ended: Promise<void>,
  words: () => string,
): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'SSH_UNREACHABLE') return error
  let timer: NodeJS.Timeout | undefined
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))])
  clearTimeout(timer)
  const last = words().trim().split('\n').slice(-2).join(' / ').slice(-maxWords)
  const status = child.exitCode === null ? '' : ` (its exit status is ${child.exitCode})`
  return new AppError(
    'SSH_UNREACHABLE',
    `${error.message}; its ProxyCommand says: ${last || 'nothing'}${status}`,
    { hint: 'does the command, typed by hand, show the greeting of an SSH server?', cause: error },
  )
}

/** By itself, which it does when it sees the end of the connection; else by signals. */
function endSoon(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const timers = (['SIGHUP', 'SIGKILL'] as const).map((signal, index) =>
    setTimeout(() => endGroup(child, signal), graceMs * (index + 1)),
  )
  child.once('exit', () => timers.forEach(clearTimeout))
}

/** With whatever it has started. */
function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It is gone.
  }
}
