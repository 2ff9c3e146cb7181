/**
 * Who is at the other end of a unix socket, as the kernel knows it: the uid of the process.
 *
 * Node has no SO_PEERCRED. `ss -xp` names for each connected socket the inode at its other end, and the process that
 * holds it; /proc has that process's uid. A client that is gone by then is not found: for the record only, never for
 * a decision. Who may open the socket at all is decided by its mode.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
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
    const { stdout } = await exec.run('ss', ['-xpnH', 'state', 'connected'], {
      timeoutMs: lookUpMs,
      maxOutputBytes: 16 << 20,
    })
    const pid = pidAtOtherEnd(stdout, inode)
    return pid === undefined ? unknown : userOf(pid)
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
 * @param lines - of `ss -xpnH`: `u_str ESTAB 0 0 <path or *> <inode> <path or *> <inode at the other end> users:(...)`
 * @returns the process that holds the socket whose other end is `inode`
 */
export function pidAtOtherEnd(lines: string, inode: string): number | undefined {
  for (const line of lines.split('\n')) {
    const found = /\s(\d+)\s+\S+\s+(\d+)\s+users:\(\(.*?pid=(\d+)/.exec(line)
    if (found?.[2] === inode && found[1] !== inode) return Number(found[3])
  }
  return undefined
}

function userOf(pid: number): string {
  const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (uid === undefined) return unknown
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.split(':')[2] === uid)
  return `uid ${uid}${entry ? ` (${entry.split(':')[0]})` : ''}`
}
