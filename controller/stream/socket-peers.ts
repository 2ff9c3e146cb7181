/**
 * Who is at the other end of a unix socket, as the kernel knows it: the uid of the process.
 *
 * Node has no SO_PEERCRED. `ss -xe` names for each connected socket the inode at its other end, and since Linux 5.3 the
 * uid that made it (nothing for 0); `-p` names the process that holds it, where one may see that. A client that is gone
 * by then is not found: for the record only, never for a decision. Who may open the socket is decided by its mode.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { release } from 'node:os'
import type { Exec } from '../../shared/ports/exec.ts'

export interface SocketPeers {
  /** A connection came in; it is given a name that gRPC's `getPeer` returns. */
  noticed(socket: Socket): void
  /** @param peer - what `getPeer` returns @returns `uid 0 (root)`, or `uid unknown` */
  whoIs(peer: string): Promise<string>
}

const unknown = 'uid unknown'
const lookUpMs = 2_000

export function createSocketPeers(exec: Exec): SocketPeers {
  const known = new Map<string, Promise<string>>()
  let count = 0
  return {
    noticed: (socket) => {
      count += 1
      const peer = `unix-${count}`
      // getPeer() of grpc-js is the socket's remoteAddress, which a unix socket does not have.
      Object.defineProperty(socket, 'remoteAddress', { value: peer })
      known.set(peer, lookUp(exec, socket))
      socket.once('close', () => known.delete(peer))
    },
    whoIs: (peer) => known.get(peer) ?? Promise.resolve(unknown),
  }
}

async function lookUp(exec: Exec, socket: Socket): Promise<string> {
  try {
    const inode = inodeOf(socket)
    if (inode === undefined) return unknown
    const { stdout } = await exec.run('ss', ['-xepnH', 'state', 'connected'], {
      timeoutMs: lookUpMs,
      maxOutputBytes: 16 << 20,
    })
    const uid = uidAtOtherEnd(stdout, inode, release(), uidOfProcess)
    return uid === undefined ? unknown : userText(uid)
  } catch {
    return unknown // no ss on this host, or the process is gone
  }
}

/** File descriptors are known to nobody but libuv's handle, which Node's types leave out. */
function inodeOf(socket: Socket): string | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  const fd = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  if (typeof fd !== 'number' || fd < 0) return undefined
  return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]
}

/**
 * @param lines - of `ss -xepnH`: `u_str ESTAB 0 0 <path or *> <inode> <path or *> <other inode> users:(...) uid:<n> <->`
 * @param kernel - its release, e.g. `6.1.0-18-amd64`
 * @param uidOf - of a process; throws when it is gone
 * @returns the uid of the socket whose other end is `inode`; undefined when nobody tells
 */
export function uidAtOtherEnd(
  lines: string,
  inode: string,
  kernel: string,
  uidOf: (pid: number) => string | undefined,
): string | undefined {
  const line = lines.split('\n').find((one) => columns.exec(one)?.[1] === inode)
  if (line === undefined) return undefined
  const uid = /\suid:(\d+)/.exec(line)?.[1]
  if (uid !== undefined) return uid
  const pid = /\susers:\(\(.*?pid=(\d+)/.exec(line)?.[1]
  if (pid !== undefined) return uidOf(Number(pid))
  return tellsUids(kernel) ? '0' : undefined
}

/** State, queues, both ends: the last number is the inode of the other end. */
const columns = /^\S+\s+\S+\s+\d+\s+\d+\s+\S+\s+\d+\s+\S+\s+(\d+)(?:\s|$)/

function tellsUids(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
  return major > 5 || (major === 5 && minor >= 3)
}

function uidOfProcess(pid: number): string | undefined {
  return /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
}

function userText(uid: string): string {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.split(':')[2] === uid)
  return `uid ${uid}${entry ? ` (${entry.split(':')[0]})` : ''}`
}
