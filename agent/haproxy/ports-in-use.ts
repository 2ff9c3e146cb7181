/**
 * Which ports of a candidate another program already listens on.
 *
 * `haproxy -c` does not see this; a reload then fails, and while HAProxy finds out, its old worker refuses
 * connections for about a second and a half (2.6). Read from /proc/net, since trying to listen would accept
 * clients.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { splitWords } from '../../shared/haproxy/words.ts'
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
    const [keyword, addresses = ''] = splitWords(raw) ?? []
    return keyword === 'bind' ? addresses.split(',').flatMap((word) => bindsOf(word, index + 1)) : []
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
  const [address, taken] = [kernelAddress(bind.address), withoutMapping(socket.address)]
  // A name: what it means is not known here.
  if (address === undefined) return isAny(taken)
  // Every IPv6 address is every IPv4 address too, unless somebody said otherwise.
  if (address === anyIPv6 || taken === anyIPv6) return true
  return address.length === taken.length && (isAny(address) || isAny(taken) || address === taken)
}

const anyIPv6 = '0'.repeat(32)

function isAny(address: string): boolean {
  return /^0+$/.test(address)
}

/** An IPv4 client's address on an IPv6 socket (`::ffff:1.2.3.4`) as the IPv4 address that it is. */
function withoutMapping(address: string): string {
  const mapped = /^0{16}FFFF0000([0-9A-F]{8})$/.exec(address)?.[1]
  return mapped ?? address
}

/** An address as /proc/net/tcp and tcp6 print it on a little-endian machine; undefined for a name. */
function kernelAddress(address: string): string | undefined {
  if (address === '' || address === '*') return '00000000'
  if (isIPv4(address)) return wordsOf(address.split('.').map(Number))
  if (!isIPv6(address)) return undefined
  return withoutMapping(wordsOf(ipv6Bytes(address)))
}

/** Four bytes at a time, the last one first. */
function wordsOf(bytes: readonly number[]): string {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => hex.slice(i * 4, i * 4 + 4))
  return words.flatMap((word) => word.reverse()).join('')
}

function ipv6Bytes(address: string): readonly number[] {
  const [head = [], tail] = address.split('::').map(groupsOf)
  if (tail === undefined) return head
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail]
}

function groupsOf(text: string): readonly number[] {
  return text
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (group.includes('.')) return group.split('.').map(Number)
      const value = Number.parseInt(group, 16)
      return [value >> 8, value & 255]
    })
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
