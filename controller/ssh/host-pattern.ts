/**
 * Host patterns of known_hosts: `*`, `?`, negation with `!`, lists, and hashed names.
 *
 * Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5), PATTERNS. Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether the first field of a known_hosts line means a name.
 *
 * @param name - lower case: `10.10.10.11`, or `[10.10.10.11]:2222` where the port is not 22
 */
export function meansHost(field: string, name: string): boolean {
  if (field.startsWith('|')) return isHashOf(field, name)
  let means = false
  for (const pattern of field.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!')
    if (!matches(isNegated ? pattern.slice(1) : pattern, name)) continue
    // As with ssh: one negated match and the line is not about this host, whatever else it says.
    if (isNegated) return false
    means = true
  }
  return means
}

/** A name in the form in which HashKnownHosts keeps it: `|1|salt|HMAC-SHA1(salt, name)`. */
export function hashedName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${mac(salt, name).toString('base64')}`
}

function isHashOf(field: string, name: string): boolean {
  const [, magic, salt = '', hash = '', more] = field.split('|')
  if (magic !== '1' || more !== undefined) return false
  const wanted = Buffer.from(hash, 'base64')
  const found = mac(Buffer.from(salt, 'base64'), name)
  return wanted.length === found.length && timingSafeEqual(wanted, found)
}

function mac(salt: Buffer, name: string): Buffer {
  return createHmac('sha1', salt).update(name).digest()
}

/** Without regular expressions: a pattern with many `*` must not take for ever. */
function matches(pattern: string, name: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (from < name.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at
      resume = from
      at += 1
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) {
      at += 1
      from += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      from = resume
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}
