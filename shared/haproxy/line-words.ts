/** The options that lines of a service file may have, and the addresses in them. */
import type { GuardRules } from './guard-rules.ts'

/** What is not allowed, and what in an agent's configuration would allow it; absent when nothing does. */
export interface Refusal {
  readonly word: string
  readonly allowedBy?: string | undefined
}

/** `10.0.0.1:80`, `*:5433`, `[::1]:80`, `host:+1`, `:90-92`: networks only, no sockets in files, no descriptors. */
const networkAddress = /^(ipv[46]@)?[A-Za-z0-9_.:*[\]+-]+$/
const plainAddress = /^[A-Za-z0-9_.:-]+$/

/** What an option of a line is followed by; `flag` by nothing. */
type Argument = 'flag' | 'value' | RegExp | ((value: string, rules: GuardRules) => Refusal | undefined)
type Options = ReadonlyMap<string, Argument>

function optionsOf(flags: string, values: string, others: Readonly<Record<string, Argument>> = {}): Options {
  return new Map<string, Argument>([
    ...flags.split(' ').map((word) => [word, 'flag'] as const),
    ...values.split(' ').map((word) => [word, 'value'] as const),
    ...Object.entries(others),
  ])
}

const serverOptions = optionsOf(
  'agent-check allow-0rtt backup check check-send-proxy check-ssl disabled enabled force-tlsv12 force-tlsv13 no-agent-check no-backup no-check no-check-send-proxy no-check-ssl no-send-proxy no-send-proxy-v2 no-ssl no-ssl-reuse no-sslv3 no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-verifyhost non-stick send-proxy send-proxy-v2 ssl ssl-reuse stick tfo tls-tickets',
  'agent-inter agent-port alpn check-alpn check-proto check-sni ciphers ciphersuites cookie downinter error-limit fall fastinter guid hash-key id init-addr init-state inter max-reuse maxconn maxqueue minconn observe on-error on-marked-down on-marked-up pool-low-conn pool-max-conn pool-purge-delay port proto resolve-net resolve-opts resolve-prefer resolvers rise slowstart ssl-max-ver ssl-min-ver tcp-ut track verify verifyhost weight',
  { addr: otherAddress, 'agent-addr': otherAddress, 'ca-file': caFile },
)

const bindOptions = optionsOf(
  'accept-proxy defer-accept tfo transparent v4v6 v6only',
  'backlog guid id interface maxconn mss name nice shards tcp-ut thread',
)

/** Only beside `ssl`, where an agent was told of a directory of certificates. */
const tlsBindOptions = optionsOf(
  'allow-0rtt force-tlsv12 force-tlsv13 no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 prefer-client-ciphers ssl strict-sni',
  'alpn ciphers ciphersuites curves ecdhe npn ssl-max-ver ssl-min-ver',
  { crt: certificate },
)

const connectOptions = optionsOf('default linger send-proxy ssl', 'alpn comment proto', { port: /^\d+$/ })

function optionRefusal(words: readonly string[], options: Options, rules: GuardRules): Refusal | undefined {
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const argument = options.get(word)
    if (argument === undefined) return { word }
    if (argument === 'flag') continue
    i += 1
    const value = words[i] ?? ''
    if (argument === 'value') continue
    const refused = typeof argument === 'function' ? argument(value, rules) : !argument.test(value) && {}
    if (refused) return { ...refused, word: `${word} ${value}` }
  }
  return undefined
}

function caFile(word: string, { caFiles }: GuardRules): Refusal | undefined {
  if (caFiles.has(word)) return undefined
  return { word, allowedBy: isPlainPath(word) ? `guard_ca_files: [${word}]` : undefined }
}

function certificate(word: string, { certDirs }: GuardRules): Refusal | undefined {
  if (!isPlainPath(word)) return { word }
  if (certDirs.some((dir) => word.startsWith(dir) && word.length > dir.length)) return undefined
  return { word, allowedBy: `guard_cert_dirs: [${word.replace(/[^/]*$/, '')}]` }
}

/** Absolute, and nothing in it that leads elsewhere or is read in another way. */
export function isPlainPath(path: string): boolean {
  return /^(\/[A-Za-z0-9_.-]+)+$/.test(path) && !path.split('/').some((part) => part === '..' || part === '.')
}

function otherAddress(word: string, rules: GuardRules): Refusal | undefined {
  return plainAddress.test(word) ? addressRefusal(word, word, rules) : { word }
}

function addressRefusal(word: string, address: string, rules: GuardRules): Refusal | undefined {
  if (rules.isServerAllowed === undefined || rules.isServerAllowed(address)) return undefined
  return { word, allowedBy: `server_networks: [${address}]` }
}

/** A `server` line: its address, then options. */
export function serverRefusal(
  [, address = '', ...rest]: readonly string[],
  rules: GuardRules,
): Refusal | undefined {
  if (!networkAddress.test(address)) return { word: address }
  return addressRefusal(address, hostOf(address), rules) ?? optionRefusal(rest, serverOptions, rules)
}

/** HAProxy takes what follows the last colon for the port. */
function hostOf(address: string): string {
  const host = address.replace(/^ipv[46]@/, '').replace(/:[^:\]]*$/, '')
  return host.replace(/^\[(.*)\]$/, '$1')
}

export function defaultServerRefusal(words: readonly string[], rules: GuardRules): Refusal | undefined {
  return optionRefusal(words, serverOptions, rules)
}

export function bindRefusal(
  [addresses = '', ...rest]: readonly string[],
  rules: GuardRules,
): Refusal | undefined {
  const word = addresses.split(',').find((address) => !networkAddress.test(address))
  if (word !== undefined) return { word }
  if (!rest.includes('ssl')) return optionRefusal(rest, bindOptions, rules)
  const refused = optionRefusal(rest, new Map([...bindOptions, ...tlsBindOptions]), rules)
  // What is wrong with the whole line is told first: `ssl` alone does nothing.
  if (refused === undefined && !rest.includes('crt')) return { word: 'ssl' }
  return refused
}

export function connectRefusal(words: readonly string[], rules: GuardRules): Refusal | undefined {
  return optionRefusal(words, connectOptions, rules)
}

export function stickOptionRefusal(words: readonly string[], rules: GuardRules): Refusal | undefined {
  return optionRefusal(words, new Map([['table', 'value']]), rules)
}
