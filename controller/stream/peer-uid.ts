/**
 * The uid at the other end of a unix socket, as the kernel noted it when the connection was made. Source: SO_PEERCRED in
 * unix(7).
 *
 * Node has no getsockopt. The connection is lent to a program that has one: perl is part of every Debian, python3 of every
 * EL. No privilege is needed. (`ss` shows no uid of unix sockets, and to see the process at the other end it needs
 * CAP_SYS_PTRACE.)
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** @returns undefined when nobody tells, e.g. when the connection is gone or neither program is here */
export type PeerUid = (socket: Socket) => Promise<number | undefined>

/** SOL_SOCKET is 1, SO_PEERCRED 17; of pid, uid and gid the second counts. The connection is their file descriptor 3. */
const asks: readonly (readonly [string, readonly string[]])[] = [
  ['perl', ['-e', 'open my $s, "+<&=", 3 or exit 1; print((unpack "i3", getsockopt $s, 1, 17)[1])']],
  [
    'python3',
    [
      '-Ic',
      'import os, socket, struct; s = socket.socket(fileno=3); os.write(1, b"%d" % struct.unpack("3i", s.getsockopt(1, 17, 12))[1]); os._exit(0)',
    ],
  ],
]
const askMs = 5_000

/** The real one. */
export const systemPeerUid: PeerUid = async (socket) => {
  for (const [program, args] of asks) {
    const fd = descriptorOf(socket)
    const uid = fd === undefined ? undefined : await ask(program, args, fd)
    if (uid !== undefined) return uid
  }
  return undefined
}

/** Known to nobody but libuv's handle, which Node's types leave out. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  return typeof fd === 'number' && fd >= 0 ? fd : undefined
}

function ask(program: string, args: readonly string[], fd: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    // Not the socket itself, which Node would stop reading, and not as standard input, which libuv makes blocking.
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore', fd],
      env: { PATH: '/usr/bin:/bin' },
      timeout: askMs,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('error', () => resolve(undefined))
    child.once('close', (status) => resolve(status === 0 && /^\d+$/.test(said) ? Number(said) : undefined))
  })
}
