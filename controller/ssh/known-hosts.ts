/**
 * What known_hosts files say about a host: which keys it may show, which are revoked, and what that makes of the
 * key that it does show. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Pure.
 */
import { createHash } from 'node:crypto'
import { meansHost } from './host-pattern.ts'

export interface KnownHostsFile {
  readonly path: string
  readonly text: string
}

/** One line that is about the host. */
export interface KnownKey {
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  /** e.g. `ssh-ed25519`. */
  readonly type: string
  /** As in the file. */
  readonly base64: string
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** A host as it is looked up. */
export interface HostName {
  /** Name or address as it was asked for, or HostKeyAlias. */
  readonly name: string
  readonly port: number
  /** HostKeyAlias is used as it is, whatever the port. */
  readonly isAlias?: boolean | undefined
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  /** Other keys are known. */
  | { readonly kind: 'changed'; readonly known: readonly KnownKey[] }
  | { readonly kind: 'revoked'; readonly by: KnownKey }
  /** Only a certificate would be accepted, and none has certified this key. */
  | { readonly kind: 'authority'; readonly by: KnownKey }

/** The name under which a host stands in known_hosts. */
export function knownName({ name, port, isAlias = false }: HostName): string {
  const lower = name.toLowerCase()
  return port === 22 || isAlias ? lower : `[${lower}]:${port}`
}

/** All lines about a host, in the order of the files. What cannot be read as a line is passed over, as ssh does. */
export function keysOf(files: readonly KnownHostsFile[], name: string): readonly KnownKey[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => readLine(line, name, path, index + 1)),
  )
}

function readLine(text: string, name: string, file: string, line: number): readonly KnownKey[] {
  const words = text.trim().split(/[ \t]+/)
  const marker = markerOf(words[0] ?? '')
  if (marker === undefined) return []
  const [hosts, type, base64] = marker === 'none' ? words : words.slice(1)
  if (hosts === undefined || type === undefined || base64 === undefined || !isKey(type, base64)) return []
  return meansHost(hosts, name) ? [{ marker, type, base64, file, line }] : []
}

/** Undefined for a comment, an empty line, and a marker that nobody knows. */
function markerOf(word: string): KnownKey['marker'] | undefined {
  if (word === '@revoked') return 'revoked'
  if (word === '@cert-authority') return 'cert-authority'
  return word === '' || word.startsWith('#') || word.startsWith('@') ? undefined : 'none'
}

function isKey(type: string, base64: string): boolean {
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) return false
  const key = Buffer.from(base64, 'base64')
  return keyType(key) === type && isWhole(key)
}

/** A key is a row of byte strings, each after its length; one that is cut short is no key. Source: RFC 4253, 6.6. */
function isWhole(key: Buffer): boolean {
  let at = 0
  while (at + 4 <= key.length) at += 4 + key.readUInt32BE(at)
  return at === key.length
}

/** The type that a public key in SSH's wire form names first. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return key.subarray(4, 4 + length).toString('latin1')
}

/** `SHA256:...`, as ssh and ssh-keygen print it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** Lines about the host under its plain name, where it is looked up with a port. */
function plainLines(
  files: readonly KnownHostsFile[],
  { name, port, isAlias }: HostName,
): readonly KnownKey[] {
  return port === 22 || isAlias === true ? [] : keysOf(files, name.toLowerCase())
}

/** All lines that count for the host: those of its name with the port, then those of its plain name. */
export function linesAbout(files: readonly KnownHostsFile[], host: HostName): readonly KnownKey[] {
  return [...keysOf(files, knownName(host)), ...plainLines(files, host)]
}

/**
 * What to make of the key that a host shows.
 *
 * As with ssh, a host on a port of its own that stands nowhere under that port may show the key of its plain name.
 *
 * @param certified - keys that an authority vouches for
 */
export function judge(
  files: readonly KnownHostsFile[],
  host: HostName,
  shown: Buffer,
  certified: readonly Buffer[] = [],
): HostKeyVerdict {
  const base64 = shown.toString('base64')
  const found = keysOf(files, knownName(host))
  const plain = plainLines(files, host)
  const isSame = (key: KnownKey) => sameKey(key.base64, base64)
  const revoked = [...found, ...plain].find((key) => key.marker === 'revoked' && isSame(key))
  if (revoked) return { kind: 'revoked', by: revoked }
  if (certified.some((key) => key.equals(shown))) return { kind: 'known' }
  const known = found.filter(({ marker }) => marker === 'none')
  if (known.some(isSame)) return { kind: 'known' }
  if (known.length > 0) return { kind: 'changed', known }
  if (plain.some((key) => key.marker === 'none' && isSame(key))) return { kind: 'known' }
  const authority = [...found, ...plain].find(({ marker }) => marker === 'cert-authority')
  return authority ? { kind: 'authority', by: authority } : { kind: 'unknown' }
}

/** Keys in base64, with or without what fills them up. */
export function sameKey(one: string, other: string): boolean {
  return one.replace(/=+$/, '') === other.replace(/=+$/, '')
}

/** Host key algorithms that can be checked, the best first. SHA-1 signatures are not among them. */
const algorithmsByType: ReadonlyMap<string, readonly string[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
])

/**
 * What is offered to a host: only types whose keys are known, so that a host with several keys shows one that can be
 * compared; all of them for a host that is not known. As with ssh, what an authority vouches for goes before the rest.
 *
 * @param certified - keys that an authority vouches for
 */
export function offeredAlgorithms(
  files: readonly KnownHostsFile[],
  host: HostName,
  certified: readonly Buffer[] = [],
): readonly string[] {
  const known = keysOf(files, knownName(host)).filter(({ marker }) => marker === 'none')
  const wanted = new Set(certified.length > 0 ? certified.map(keyType) : known.map(({ type }) => type))
  const types = [...algorithmsByType].filter(([type]) => wanted.size === 0 || wanted.has(type))
  // Known by a kind of key that is not understood here (a security key): nothing else would be that host.
  return types.flatMap(([, algorithms]) => algorithms)
}
