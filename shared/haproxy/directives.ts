/**
 * What a service file may say. The controller's lint and the agent's guard read this one list, so that a text
 * is refused before it travels.
 *
 * Only `listen` sections, only directives that balance, check and limit, and only the words of them that are
 * named here: a stolen controller must not become root on every node. So nothing that runs programs, loads
 * code, opens files (but a certificate authority's, for checks over TLS, and HAProxy's own state file), talks
 * over unix sockets or reads the environment can be said. Rules and conditions (`http-request`, `acl`, ...)
 * are left out as a whole: their expressions and actions reach all of that.
 *
 * Lines are split into words as HAProxy does, so that quotes and escapes hide nothing.
 */
import { splitWords } from './words.ts'

/** Name of a `listen` section, written without quotes: others look for it in the text. */
const sectionLine = /^[ \t]*listen[ \t]+[A-Za-z0-9_.:-]+[ \t]*(#.*)?$/

/** `10.0.0.1:80`, `*:5433`, `[::1]:80`, `host:+1`, `:90-92`: networks only, no sockets in files, no descriptors. */
const networkAddress = /^(ipv[46]@)?[A-Za-z0-9_.:*[\]+-]+$/
const plainAddress = /^[A-Za-z0-9_.:-]+$/
const authorityFile = /^(@system-ca|\/[A-Za-z0-9_./-]+\.(crt|pem|cer))$/
const stateFile = /^\/(run|var\/lib)\/(haproxy|pgsvc)\/[A-Za-z0-9_./-]+$/

/** What an option of a line is followed by; `flag` by nothing. */
type Argument = 'flag' | 'value' | RegExp
type Options = ReadonlyMap<string, Argument>

function optionsOf(flags: string, values: string, others: Readonly<Record<string, RegExp>> = {}): Options {
  return new Map<string, Argument>([
    ...flags.split(' ').map((word) => [word, 'flag'] as const),
    ...values.split(' ').map((word) => [word, 'value'] as const),
    ...Object.entries(others),
  ])
}

const serverOptions = optionsOf(
  'agent-check allow-0rtt backup check check-send-proxy check-ssl disabled enabled force-tlsv12 force-tlsv13 no-agent-check no-backup no-check no-check-send-proxy no-check-ssl no-send-proxy no-send-proxy-v2 no-ssl no-ssl-reuse no-sslv3 no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-verifyhost non-stick send-proxy send-proxy-v2 ssl ssl-reuse stick tfo tls-tickets',
  'agent-inter agent-port alpn check-alpn check-proto check-sni ciphers ciphersuites cookie downinter error-limit fall fastinter guid hash-key id init-addr init-state inter max-reuse maxconn maxqueue minconn observe on-error on-marked-down on-marked-up pool-low-conn pool-max-conn pool-purge-delay port proto resolve-net resolve-opts resolve-prefer resolvers rise slowstart ssl-max-ver ssl-min-ver tcp-ut track verify verifyhost weight',
  { addr: plainAddress, 'agent-addr': plainAddress, 'ca-file': authorityFile },
)

const bindOptions = optionsOf(
  'accept-proxy defer-accept tfo transparent v4v6 v6only',
  'backlog guid id interface maxconn mss name nice shards tcp-ut thread',
)

const connectOptions = optionsOf('default linger send-proxy ssl', 'alpn comment proto', { port: /^\d+$/ })

type Check = (words: readonly string[]) => string | undefined

/** Any words: the directive takes none that reach out of HAProxy. */
const anything: Check = () => undefined

/** What each directive of a `listen` section may be followed by; gives the word that may not. */
const directives: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...'description disabled enabled fullconn guid hash-balance-factor hash-type id load-server-state-from-file maxconn mode rate-limit retries retry-on stick-table timeout'
    .split(' ')
    .map((name) => [name, anything] as const),
  [
    'balance',
    (words) => words.find((word) => !/^[a-z0-9_-]+(\([A-Za-z0-9_,-]*\))?$/.test(word) || word === 'hash'),
  ],
  ['bind', bindProblem],
  ['default-server', (words) => optionProblem(words, serverOptions)],
  ['http-check', checkProblem],
  ['option', ([name]) => (name === 'external-check' ? name : undefined)],
  [
    'server',
    ([, address = '', ...rest]) =>
      networkAddress.test(address) ? optionProblem(rest, serverOptions) : address,
  ],
  [
    'server-state-file-name',
    ([path = '']) => (stateFile.test(path) && !path.includes('..') ? undefined : path),
  ],
  ['stick', stickProblem],
  ['tcp-check', checkProblem],
])

export interface TextProblem {
  /** From 1. */
  readonly line: number
  /** One sentence without a full stop. */
  readonly message: string
}

/**
 * The first thing in a service file that is not allowed, if any.
 *
 * Text in `${...}` or `"$..."` would be filled from HAProxy's environment, and a line that ends in a backslash
 * goes on in the next: both are refused, since what HAProxy reads would not be what was checked.
 */
export function findTextProblem(text: string): TextProblem | undefined {
  if (text.includes('\0')) return { line: 1, message: 'the file holds a NUL byte' }
  if (!text.endsWith('\n')) {
    return { line: text.split('\n').length, message: 'the last line does not end in a newline' }
  }
  let inSection = false
  for (const [index, raw] of text.split('\n').entries()) {
    if (inSection && isKnownGood(raw)) continue
    if (/\\[ \t\r\f\v]*$/.test(raw)) return problem(index, 'a line that goes on in the next is not allowed')
    const words = splitWords(raw)
    if (words === undefined) return problem(index, 'a quote without an end, or a broken escape')
    if (words.length === 0) continue
    const message = lineProblem(raw, words, inSection)
    if (message !== undefined) return problem(index, message)
    if (inSection) remember(raw)
    inSection = true
  }
  return undefined
}

/** A server line as every cluster has hundreds of: nothing in it can be anything else. */
const plainServer =
  /^ {4}server [A-Za-z0-9_.-]+ [A-Za-z0-9_.-]+:\d+(?: check-ssl ca-file \/pg\/cert\/ca\.crt)? check port \d+ weight \d+(?: backup)?$/

/** Lines inside a section that were taken before: most lines of a plan are the same in every file. */
const goodLines = new Set<string>()
const maxGoodLines = 500

function isKnownGood(raw: string): boolean {
  return goodLines.has(raw) || plainServer.test(raw)
}

function remember(raw: string): void {
  if (goodLines.size < maxGoodLines && !/^\s*(?:listen|server|bind)\b/.test(raw)) goodLines.add(raw)
}

function problem(index: number, message: string): TextProblem {
  return { line: index + 1, message }
}

function lineProblem(raw: string, words: readonly string[], inSection: boolean): string | undefined {
  const [keyword = '', ...rest] = words
  if (keyword === 'listen') return sectionLine.test(raw) ? undefined : 'a listen section needs a plain name'
  if (!inSection) return `the file must start with a listen section, not ${keyword}`
  const check = directives.get(keyword)
  if (check === undefined) return `${keyword} is not allowed in a service file`
  if (/\$[A-Za-z0-9_{]/.test(raw)) return 'environment variables are not allowed'
  const refused = words.find((word) => reachesOut.test(word)) ?? check(rest)
  return refused === undefined ? undefined : `${keyword} ... ${refused} is not allowed in a service file`
}

/** Expressions inside texts, code, and fetches that read the environment or files, wherever they stand. */
const reachesOut = /%[[{]|\b(env|map\w*|proc|lua[.-]\w+)\s*\(|^lua[.-]/

function optionProblem(words: readonly string[], options: Options): string | undefined {
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const argument = options.get(word)
    if (argument === undefined) return word
    if (argument === 'flag') continue
    i += 1
    const value = words[i] ?? ''
    if (argument !== 'value' && (!argument.test(value) || value.includes('..'))) return `${word} ${value}`
  }
  return undefined
}

function bindProblem([addresses = '', ...rest]: readonly string[]): string | undefined {
  const refused = addresses.split(',').find((address) => !networkAddress.test(address))
  return refused ?? optionProblem(rest, bindOptions)
}

/** Steps of a health check; expressions (`-lf`, `set-var`, `on-error`, ...) are none of them. */
const checkSteps: ReadonlySet<string> = new Set(
  'comment connect disable-on-404 expect send send-binary send-state'.split(' '),
)
const expressionWord = /^(on-success|on-error|status-code)$|-lf$/

function checkProblem([step = '', ...rest]: readonly string[]): string | undefined {
  if (!checkSteps.has(step)) return step
  return step === 'connect'
    ? optionProblem(rest, connectOptions)
    : rest.find((word) => expressionWord.test(word))
}

/** `stick on src table t` and the like; conditions would be rules. */
function stickProblem([action = '', key = '', ...rest]: readonly string[]): string | undefined {
  if (!/^(on|match|store-request)$/.test(action)) return action
  if (!/^(src|dst)$/.test(key)) return key
  return optionProblem(rest, new Map([['table', 'value']]))
}

/** Names of the `listen` sections of a text, in order. */
export function listenNames(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*listen[ \t]+(\S+)/gm)].map((match) => match[1] ?? '')
}
