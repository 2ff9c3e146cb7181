/**
 * Which addresses HAProxy can listen on here.
 *
 * `haproxy -c` takes any address, and a reload then fails. What counts is the kernel's own list, not that of the
 * interfaces: it has whole networks (127.0.0.0/8, `ip route add local`) and what lies on interfaces without carrier.
 * Source: Linux, inet_bind and inet6_bind; seen on 6.18: `interface` beside an address allows nothing more.
 */
import type { Files } from '../../shared/ports/files.ts'
import { addressBytes, isAny } from './kernel-address.ts'

export interface LocalAddresses {
  /** Networks all of whose addresses are the host's own. */
  readonly ipv4: readonly Network[]
  /** Hexadecimal, as in /proc/net/if_inet6; undefined when the kernel has no IPv6. */
  readonly ipv6: ReadonlySet<string> | undefined
  /** Any address may be bound, be it there or not (`ip_nonlocal_bind`). */
  readonly anyIPv4: boolean
  readonly anyIPv6: boolean
}

export interface Network {
  readonly bytes: readonly number[]
  /** Bits that count. */
  readonly length: number
}

/** The kernel lets a socket be bound to the address; of a name nothing is known. Pure. */
export function isBindable(address: string, local: LocalAddresses): boolean {
  const bytes = bytesOf(address)
  if (bytes === undefined) return true
  if (bytes.length === 4) return isAnyAddress(bytes) || local.anyIPv4 || isWithin(bytes, local.ipv4)
  if (local.ipv6 === undefined) return false
  return isAnyAddress(bytes) || local.anyIPv6 || local.ipv6.has(hexOf(bytes))
}

/** An IPv4 address on an IPv6 socket (`::ffff:1.2.3.4`) is looked up among those of IPv4. */
function bytesOf(address: string): readonly number[] | undefined {
  const bytes = addressBytes(address)
  return bytes && hexOf(bytes).startsWith(`${'0'.repeat(20)}ffff`) ? bytes.slice(12) : bytes
}

function isAnyAddress(bytes: readonly number[]): boolean {
  return isAny(hexOf(bytes))
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function isWithin(bytes: readonly number[], networks: readonly Network[]): boolean {
  const bits = bitsOf(bytes)
  return networks.some(
    (network) => bitsOf(network.bytes).slice(0, network.length) === bits.slice(0, network.length),
  )
}

function bitsOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
}

/**
 * Own networks in a /proc/net/fib_trie: each address is followed by what the routes to it are, one per length.
 * Broadcast addresses may be bound too. Pure.
 */
export function parseFibTrie(text: string): readonly Network[] {
  const networks: Network[] = []
  let bytes: readonly number[] = []
  for (const line of text.split('\n')) {
    const address = /^\s*\|-- ([\d.]+)$/.exec(line)?.[1]
    if (address !== undefined) bytes = addressBytes(address) ?? []
    const length = /^\s*\/(\d+) \S+ (?:LOCAL|BROADCAST)\b/.exec(line)?.[1]
    if (length !== undefined) networks.push({ bytes, length: Number(length) })
  }
  return networks
}

const tentative = 0x40
const optimistic = 0x04

/** Addresses in a /proc/net/if_inet6 but those that the kernel is still asking the network about. Pure. */
export function parseInet6(text: string): ReadonlySet<string> {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/))
  const usable = rows.filter(([, , , , flags = '0']) => {
    const bits = Number.parseInt(flags, 16)
    return (bits & tentative) === 0 || (bits & optimistic) !== 0
  })
  return new Set(usable.flatMap(([address = '']) => (address === '' ? [] : [address])))
}

/**
 * @param masterPid - of the running HAProxy: its network may be another than the agent's
 * @returns undefined when it is not known what HAProxy can bind
 */
export async function readLocalAddresses(
  files: Files,
  masterPid: number | undefined,
): Promise<LocalAddresses | undefined> {
  const net = masterPid === undefined ? '/proc/net' : `/proc/${masterPid}/net`
  const read = (path: string) =>
    files.read(path).then(
      (content) => content?.toString('latin1'),
      () => undefined,
    )
  const fibTrie = await read(`${net}/fib_trie`)
  // Whether another network lets any address be bound is not to be seen from here.
  if (fibTrie === undefined || !(await isOwnNetwork(files, masterPid))) return undefined
  const inet6 = await read(`${net}/if_inet6`)
  const isOn = async (family: string) =>
    (await read(`/proc/sys/net/${family}/ip_nonlocal_bind`))?.trim() !== '0'
  return {
    ipv4: parseFibTrie(fibTrie),
    ipv6: inet6 === undefined ? undefined : parseInet6(inet6),
    anyIPv4: await isOn('ipv4'),
    anyIPv6: await isOn('ipv6'),
  }
}

async function isOwnNetwork(files: Files, masterPid: number | undefined): Promise<boolean> {
  if (masterPid === undefined) return true
  const [own, other] = await Promise.all(
    ['self', masterPid].map((pid) => files.readLink(`/proc/${pid}/ns/net`).catch(() => undefined)),
  )
  return own !== undefined && own === other
}
