/**
 * Which ports of a candidate another program already listens on.
 *
 * `haproxy -c` does not see this; a reload then fails, and while HAProxy finds out, its old worker refuses
 * connections for about a second and a half (2.6). Read from /proc/net, since trying to listen would accept
 * clients.
 */
import type { Files } from '../../shared/ports/files.ts'
import type { Bind } from './binds.ts'
import { anyIPv6, isAny, kernelAddress, withoutMapping } from './kernel-address.ts'

export interface ListeningSocket {
  /** Hexadecimal, as the kernel prints it. */
  readonly address: string
  readonly port: number
  readonly inode: string
}

/** The listening sockets of a /proc/net/tcp or tcp6. Pure. */
export function parseListening(text: string): readonly ListeningSocket[] {
  const sockets: ListeningSocket[] = []
  for (const line of text.split('\n')) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state === '0A') sockets.push({ address, port: Number.parseInt(port, 16), inode })
  }
  return sockets
}

/** Both cannot be listened on at once. Pure. */
export function collide(bind: Bind, socket: ListeningSocket): boolean {
  if (bind.port !== socket.port) return false
  const [address, taken] = [kernelAddress(bind.address), withoutMapping(socket.address)]
  // A name: what it means is not known here.
  if (address === undefined) return isAny(taken)
  // Every IPv6 address is every IPv4 address too, unless somebody said otherwise.
  if ((address === anyIPv6 && !bind.v6only) || taken === anyIPv6) return true
  return address.length === taken.length && (isAny(address) || isAny(taken) || address === taken)
}

export interface Listeners {
  /** Of the given HAProxy, old workers included. */
  readonly own: readonly ListeningSocket[]
  readonly others: readonly ListeningSocket[]
}

/**
 * The listening sockets of the host.
 *
 * @param masterPid - of the HAProxy that is ours; undefined when none runs
 * @returns nothing of others where the agent may not see what HAProxy has open: they cannot be told apart then
 */
export async function readListeners(files: Files, masterPid: number | undefined): Promise<Listeners> {
  const net = masterPid === undefined ? '/proc/net' : `/proc/${masterPid}/net`
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readQuietly(files, `${net}/${table}`)))
  const sockets = tables.flatMap(parseListening)
  if (masterPid === undefined) return { own: [], others: sockets }
  const inodes = await ownInodes(files, masterPid)
  if (inodes === undefined) return { own: sockets, others: [] }
  const isOwn = ({ inode }: ListeningSocket) => inodes.has(inode)
  return { own: sockets.filter(isOwn), others: sockets.filter((socket) => !isOwn(socket)) }
}

async function ownInodes(files: Files, masterPid: number): Promise<ReadonlySet<string> | undefined> {
  const children = await readQuietly(files, `/proc/${masterPid}/task/${masterPid}/children`)
  const workers = children.split(' ').flatMap((pid) => (pid.trim() === '' ? [] : [pid.trim()]))
  const inodes = new Set<string>()
  for (const pid of [String(masterPid), ...workers]) {
    // A worker may end between two looks; what another user's process has open is not for everybody to see.
    const fds = await files.list(`/proc/${pid}/fd`).catch(() => 'refused' as const)
    if (fds === 'refused') return undefined
    for (const { name } of fds ?? []) {
      const target = await files.readLink(`/proc/${pid}/fd/${name}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      if (inode !== undefined) inodes.add(inode)
    }
  }
  return inodes
}

async function readQuietly(files: Files, path: string): Promise<string> {
  return await files
    .read(path)
    .then((content) => String(content ?? ''))
    .catch(() => '')
}
