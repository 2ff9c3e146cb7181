/**
 * What an agent's own configuration may allow beyond the list that holds everywhere, and what it may narrow. The
 * controller does not know it: its lint goes by `usualRules`.
 */
import { BlockList, isIP } from 'node:net'

export interface GuardRules {
  /** Directives of `allowable` that are taken too: `guard_allow`. */
  readonly allow: ReadonlySet<string>
  /** Directories, each with a slash at its end, whose certificates `bind ... ssl crt` may name: `guard_cert_dirs`. */
  readonly certDirs: readonly string[]
  /** Authorities of checks over TLS: `guard_ca_files`. */
  readonly caFiles: ReadonlySet<string>
  /** Says whether a server may have this address; absent when any may: `server_networks`. */
  readonly isServerAllowed?: ((address: string) => boolean) | undefined
}

/** Where Pigsty keeps its authority, and the system's own. */
export const usualCaFiles: readonly string[] = ['/pg/cert/ca.crt', '/etc/pki/ca.crt', '@system-ca']

/** Those of an agent that nobody has told otherwise. */
export const usualRules: GuardRules = {
  allow: new Set(),
  certDirs: [],
  caFiles: new Set(usualCaFiles),
}

/**
 * Directives that an agent can be told to take. Their expressions may still neither run code nor read files or the
 * environment. Source: HAProxy 2.6 manual, section 4; what is not here (external-check, errorfile, log, filter,
 * source, dispatch, ...) reaches out of HAProxy by its nature.
 */
export const allowable: ReadonlySet<string> = new Set(
  'acl backlog capture compression cookie default_backend errorloc errorloc302 errorloc303 force-persist http-after-response http-request http-response http-reuse http-send-name-header ignore-persist monitor monitor-uri persist redirect stats tcp-request tcp-response unique-id-format unique-id-header use-server use_backend'.split(
    ' ',
  ),
)

/** `10.0.0.0/8`, or one address. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/**
 * @param networks - each as `isNetwork` wants it; none for any address
 * @returns undefined for any address
 */
export function serversWithin(networks: readonly string[]): GuardRules['isServerAllowed'] {
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }
  // A name is whatever a name server says at that moment.
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
