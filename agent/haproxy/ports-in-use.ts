/**
 * Which ports of a candidate another program already listens on.
 *
 * `haproxy -c` does not see this; a reload then fails, and while HAProxy finds out, its old worker refuses
 * connections for about a second and a half (2.6). Read from /proc/net, since trying to listen would accept
 * clients.
 */
import type { Files } from '../../shared/ports/files.ts'

export interface Bind {
  /** As written; '' for every address. */
  readonly address: string
  readonly port: number
  /** From 1. */
  readonly line: number
}

/** The addresses that a service file listens on; ranges of ports as each of their ports. Pure. */
export function parseBinds(text: string): readonly Bind[] {
  return text.split('\n').flatMap((raw, index) => {
    const match = /^\s*bind\s+(\S+)/.exec(raw)
    return match ? (match[1] ?? '').split(',').flatMap((word) => bindsOf(word, index + 1)) : []
  })
}

function bindsOf(word: string, line: number): readonly Bind[] {
  const match = /^(?:ipv[46]@)?(.*):(\d+)(?:-(\d+))?$/.exec(word)
  if (!match) return []
  const first = Number(match[2])
  const last = Math.min(Number(match[3] ?? match[2]), 65_535)
  const address = (match[1] ?? '').replace(/^\[(.*)\]$/, '$1')
  const count = Math.max(0, last - first + 1)
  return Array.from({ length: count }, (_, i) => ({ address, port: first + i, line }))
}

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
  const everywhere = ['', '*', '0.0.0.0', '::'].includes(bind.address)
  return everywhere || /^0+$/.test(socket.address) || kernelAddress(bind.address) === socket.address
}

/** An IPv4 address as /proc/net/tcp prints it on a little-endian machine; others compare equal to none. */
function kernelAddress(address: string): string | undefined {
  if (!/^\d+(\.\d+){3}$/.test(address)) return undefined
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0').toUpperCase())
  return bytes.reverse().join('')
}

/** Listening sockets on the host that do not belong to the given HAProxy; none of them when it is undefined. */
export async function foreignListeners(
  files: Files,
  masterPid: number | undefined,
): Promise<readonly ListeningSocket[]> {
  const net = masterPid === undefined ? '/proc/net' : `/proc/${masterPid}/net`
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readQuietly(files, `${net}/${table}`)))
  const sockets = tables.flatMap(parseListening)
  if (masterPid === undefined) return sockets
  const own = await ownInodes(files, masterPid)
  return sockets.filter(({ inode }) => !own.has(inode))
}

async function ownInodes(files: Files, masterPid: number): Promise<ReadonlySet<string>> {
  const children = await readQuietly(files, `/proc/${masterPid}/task/${masterPid}/children`)
  const pids = [String(masterPid), ...children.split(' ').filter((pid) => pid.trim() !== '')]
  const inodes = new Set<string>()
  for (const pid of pids) {
    const fds = (await files.list(`/proc/${pid.trim()}/fd`).catch(() => undefined)) ?? []
    for (const { name } of fds) {
      const target = await files.readLink(`/proc/${pid.trim()}/fd/${name}`).catch(() => '')
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
