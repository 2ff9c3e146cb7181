/**
 * A host of the inventory with a port: `db1:2222`, `[fe80::1]:22`.
 *
 * Only what reads as an address or a host name in front of the port is split; anything else is taken whole, port
 * included, as Ansible does.
 */
const numbers = '\\[\\d+:\\d+(?::\\d+)?\\]'
const hexNumbers = '\\[[0-9a-f]+:[0-9a-f]+(?::\\d+)?\\]'
const anyRange = '\\[(?:[a-z]:[a-z]|\\d+:\\d+)(?::\\d+)?\\]'

const octet = `(?:[01]?\\d{1,2}|2[0-4]\\d|25[0-5]|${numbers})`
const ipv4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`)

const part = `(?:[0-9a-f]{1,4}|${hexNumbers})`
/** All but the last form are looked for at the beginning only, as Ansible's pattern does. */
const ipv6Forms = [
  `(?:${part}:){7}${part}`,
  `(?:${part}:){1,6}:`,
  ...[1, 2, 3, 4, 5, 6].map((count) => `(?:${part}:){${count}}(?::${part}){1,${7 - count}}`),
  `:(?::${part}){1,6}`,
  `${part}?::`,
  `(?:0:){6}(?:${part}\\.){3}${part}`,
  `::(?:ffff:)?(?:${part}\\.){3}${part}`,
  `(?:0:){5}ffff:(?:${part}\\.){3}${part}$`,
]
const ipv6 = new RegExp(`^(?:${ipv6Forms.join('|')})`, 'i')

const label = `(?:[\\p{L}\\p{N}_]|${anyRange})(?:[\\p{L}\\p{N}_-]|${anyRange})*(?<![_-])`
const hostName = new RegExp(`^${label}(?:\\.${label})*$`, 'iu')

/** The pattern without its port, and the port. */
export function splitPort(pattern: string): { names: string; port?: number } {
  const bracketed = /^\[(.+)\]:(\d+)$/.exec(pattern)
  // Like Ansible, a second port behind the first is looked for too.
  const inner = bracketed?.[1] ?? pattern
  const behind = /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/.exec(inner)
  const names = behind?.[1] ?? inner
  const port = behind?.[2] ?? bracketed?.[2]
  if (port === undefined || !isAddress(names)) return { names: pattern }
  return { names, port: Number(port) }
}

function isAddress(text: string): boolean {
  return ipv4.test(text) || ipv6.test(text) || hostName.test(text)
}
