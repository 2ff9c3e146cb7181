/**
 * What a service file may say. The controller's lint and the agent's guard read this one list, so that a text
 * is refused before it travels.
 *
 * Only `listen` sections, only directives that balance, check and limit, and only the words of them that are
 * named here: a stolen controller must not become root on every node. So nothing that runs programs, loads
 * code, opens files (but a certificate authority's, for checks over TLS, and HAProxy's own state file), talks
 * over unix sockets or reads the environment can be said. Rules and conditions (`http-request`, `acl`, ...)
 * are left out as a whole, unless an agent's own configuration names them (guard-rules.ts); what they may say
 * even then reads no file and runs no code.
 *
 * Lines are split into words as HAProxy does, so that quotes and escapes hide nothing.
 */
import { allowable, type GuardRules, usualRules } from './guard-rules.ts'
import {
  bindRefusal,
  connectRefusal,
  defaultServerRefusal,
  type Refusal,
  serverRefusal,
  stickOptionRefusal,
} from './line-words.ts'
import { splitWords } from './words.ts'

/** Name of a `listen` section, written without quotes: others look for it in the text. */
const sectionLine = /^[ \t]*listen[ \t]+[A-Za-z0-9_.:-]+[ \t]*(#.*)?$/

const stateFile = /^\/(run|var\/lib)\/(haproxy|pgsvc)\/[A-Za-z0-9_./-]+$/

/** Names after `option`. Source: HAProxy 2.6 manual, section 4.1, without external-check. */
const optionNames: ReadonlySet<string> = new Set(
  'abortonclose accept-invalid-http-request accept-invalid-http-response allbackups checkcache clitcpka contstats disable-h2-upgrade dontlog-normal dontlognull forwardfor forwarded h1-case-adjust-bogus-client h1-case-adjust-bogus-server http-buffer-request http-ignore-probes http-keep-alive http-no-delay http-pretend-keepalive http-proxy http-restrict-req-hdr-names http-server-close http-tunnel http-use-htx http-use-proxy-header httpchk httpclose httplog httpslog idle-close-on-response independent-streams ldap-check log-health-checks log-separate-errors logasap mysql-check nolinger originalto persist pgsql-check prefer-last-server redis-check redispatch smtpchk socket-stats splice-auto splice-request splice-response spop-check srvtcpka ssl-hello-chk tcp-check tcp-smart-accept tcp-smart-connect tcpka tcplog transparent'.split(
    ' ',
  ),
)

type Check = (words: readonly string[], rules: GuardRules) => Refusal | undefined

/** Any words: the directive takes none that reach out of HAProxy. */
const anything: Check = () => undefined

/** What each directive of a `listen` section may be followed by; gives the word that may not. */
const directives: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...'description disabled enabled fullconn guid hash-balance-factor hash-type id load-server-state-from-file maxconn mode rate-limit retries retry-on stick-table timeout'
    .split(' ')
    .map((name) => [name, anything] as const),
  ['balance', (words) => wordRefusal(words.find((word) => !balanceWord.test(word) || word === 'hash'))],
  ['bind', bindRefusal],
  ['default-server', defaultServerRefusal],
  ['http-check', checkRefusal],
  ['option', ([name = '']) => wordRefusal(optionNames.has(name) ? undefined : name)],
  ['server', serverRefusal],
  [
    'server-state-file-name',
    ([path = '']) => wordRefusal(stateFile.test(path) && !path.includes('..') ? undefined : path),
  ],
  ['stick', stickRefusal],
  ['tcp-check', checkRefusal],
])

const balanceWord = /^[a-z0-9_-]+(\([A-Za-z0-9_,-]*\))?$/

export interface TextProblem {
  /** From 1. */
  readonly line: number
  /** One sentence without a full stop. */
  readonly message: string
  /** The line of an agent's configuration that would allow it; absent when none does. */
  readonly allowedBy?: string | undefined
}

/** Much longer ones than anybody writes only make the words of HAProxy about them useless. */
const maxLineLength = 8_192

/**
 * The first thing in a service file that is not allowed, if any.
 *
 * Text in `${...}` or `"$..."` would be filled from HAProxy's environment, and a line that ends in a backslash
 * goes on in the next: both are refused, since what HAProxy reads would not be what was checked.
 *
 * @param rules - the agent's own; the usual ones when left out
 */
export function findTextProblem(text: string, rules: GuardRules = usualRules): TextProblem | undefined {
  if (text.includes('\0')) return { line: 1, message: 'the file holds a NUL byte' }
  if (!text.endsWith('\n')) {
    return { line: text.split('\n').length, message: 'the last line does not end in a newline' }
  }
  const known = rules === usualRules ? isKnownGood : () => false
  let inSection = false
  for (const [index, raw] of text.split('\n').entries()) {
    if (inSection && known(raw)) continue
    const found = rawProblem(raw)
    if (found !== undefined) return { line: index + 1, message: found }
    const words = splitWords(raw)
    if (words === undefined) return { line: index + 1, message: 'a quote without an end, or a broken escape' }
    if (words.length === 0) continue
    const problem = lineProblem(raw, words, inSection, rules)
    if (problem !== undefined) return { line: index + 1, ...problem }
    if (inSection && rules === usualRules) remember(raw)
    inSection = true
  }
  return undefined
}

/**
 * Characters that end a line for one reader and not for another, or that show a person something else than what
 * stands there: control characters, Unicode's line ends, marks of byte order and of writing direction.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const deceiving = /[\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

function rawProblem(raw: string): string | undefined {
  if (raw.length > maxLineLength) return `a line of more than ${maxLineLength} characters`
  if (/\\[ \t\r\f\v]*$/.test(raw)) return 'a line that goes on in the next is not allowed'
  const char = deceiving.exec(raw.replace(/\r$/, ''))?.[0]
  if (char === undefined) return undefined
  return `a character that is not what it seems: U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
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

type LineProblem = Omit<TextProblem, 'line'>

function lineProblem(
  raw: string,
  words: readonly string[],
  inSection: boolean,
  rules: GuardRules,
): LineProblem | undefined {
  const [keyword = '', ...rest] = words
  if (keyword === 'listen') {
    return sectionLine.test(raw.replace(/\r$/, ''))
      ? undefined
      : { message: 'a listen section needs a plain name' }
  }
  if (!inSection) return { message: `the file must start with a listen section, not ${keyword}` }
  // HAProxy sees only what stands before it.
  if (words.some((word) => word.includes('\0'))) return { message: 'an escape that makes a NUL byte' }
  if (/\$[A-Za-z0-9_{]/.test(raw)) return { message: 'environment variables are not allowed' }
  const check = directives.get(keyword)
  if (check === undefined) return ruleProblem(keyword, words, rules)
  const reaching = words.find((word) => reachesOut.test(word))
  const refused = reaching === undefined ? check(rest, rules) : { word: reaching }
  return refused && { ...refusedWord(keyword, refused.word), allowedBy: refused.allowedBy }
}

function refusedWord(keyword: string, word: string): LineProblem {
  return { message: `${keyword} ... ${word} is not allowed in a service file` }
}

/** Directives that only an agent's own configuration allows. */
function ruleProblem(
  keyword: string,
  words: readonly string[],
  { allow }: GuardRules,
): LineProblem | undefined {
  const message = `${keyword} is not allowed in a service file`
  if (!allowable.has(keyword)) return { message }
  const never = words.find((word) => neverInRules.test(word))
  if (never !== undefined) return refusedWord(keyword, never)
  return allow.has(keyword) ? undefined : { message, allowedBy: `guard_allow: [${keyword}]` }
}

/** Expressions inside texts, code, and fetches that read the environment or files, wherever they stand. */
const reachesOut = /%[[{]|\b(env|map\w*|proc|lua[.-]\w+)\s*\(|^lua[.-]/

/**
 * What rules never may say: contents and patterns from files, code, the environment, the process's own variables,
 * keys from files, changes of what other rules look up, and HAProxy's own administration.
 */
const neverInRules =
  /(^|[^A-Za-z0-9_])(env|map\w*|proc|jwt_verify|(add|del|set)-(acl|map))\s*[(,]|\bproc\.|\blua\b|^-[fM]$|^-[A-Za-z]*[fM]|^(file|lf-file|errorfiles?|use-service|send-spoe-group|cache-use|cache-store|admin|socket)$|^(add|del|set)-(acl|map)/

function wordRefusal(word: string | undefined): Refusal | undefined {
  return word === undefined ? undefined : { word }
}

/** Steps of a health check; expressions (`-lf`, `set-var`, `on-error`, ...) are none of them. */
const checkSteps: ReadonlySet<string> = new Set(
  'comment connect disable-on-404 expect send send-binary send-state'.split(' '),
)
const expressionWord = /^(on-success|on-error|status-code)$|-lf$/

function checkRefusal([step = '', ...rest]: readonly string[], rules: GuardRules): Refusal | undefined {
  if (!checkSteps.has(step)) return { word: step }
  if (step === 'connect') return connectRefusal(rest, rules)
  return wordRefusal(rest.find((word) => expressionWord.test(word)))
}

/** `stick on src table t` and the like; conditions would be rules. */
function stickRefusal(
  [action = '', key = '', ...rest]: readonly string[],
  rules: GuardRules,
): Refusal | undefined {
  if (!/^(on|match|store-request)$/.test(action)) return { word: action }
  if (!/^(src|dst)$/.test(key)) return { word: key }
  return stickOptionRefusal(rest, rules)
}

/** Names of the `listen` sections of a text, in order. */
export function listenNames(text: string): readonly string[] {
  // Line by line: `m` would take Unicode's line ends for ends of lines, which HAProxy does not.
  return text.split('\n').flatMap((line) => /^[ \t]*listen[ \t]+(\S+)/.exec(line)?.[1] ?? [])
}
