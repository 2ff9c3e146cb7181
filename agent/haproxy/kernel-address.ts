/** Addresses as the kernel prints them in /proc/net. Pure. */
import { isIPv4, isIPv6 } from 'node:net'

export const anyIPv6 = '0'.repeat(32)

export function isAny(address: string): boolean {
  return /^0+$/.test(address)
}

/** An IPv4 client's address on an IPv6 socket (`::ffff:1.2.3.4`) as the IPv4 address that it is. */
export function withoutMapping(address: string): string {
  const mapped = /^0{16}FFFF0000([0-9A-F]{8})$/.exec(address)?.[1]
  return mapped ?? address
}

/** An address as /proc/net/tcp and tcp6 print it on a little-endian machine; undefined for a name. */
export function kernelAddress(address: string): string | undefined {
  const bytes = addressBytes(address)
  return bytes && withoutMapping(wordsOf(bytes))
}

/** Four bytes for IPv4, sixteen for IPv6; undefined for a name. */
export function addressBytes(address: string): readonly number[] | undefined {
  if (address === '' || address === '*') return [0, 0, 0, 0]
  if (isIPv4(address)) return address.split('.').map(Number)
  return isIPv6(address) ? ipv6Bytes(address) : undefined
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
