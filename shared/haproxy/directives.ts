/**
 * What a service file may say. The controller's lint and the agent's guard read this one list, so that a text
 * is refused before it travels.
 *
 * Only `listen` sections; only directives that route, check and limit. Everything that runs programs, loads
 * code, opens files or changes the process (global, lua, external-check, program, log, errorfile, ...) is
 * left out on purpose: a stolen controller must not become root on every node.
 */

/** Name of a `listen` section, as HAProxy allows it. */
const sectionName = /^[A-Za-z0-9_.:-]+$/

/** Keywords that may start a line of a `listen` section. */
export const listenDirectives: ReadonlySet<string> = new Set([
  'acl',
  'balance',
  'bind',
  'default-server',
  'description',
  'disabled',
  'enabled',
  'fullconn',
  'guid',
  'hash-balance-factor',
  'hash-type',
  'http-check',
  'http-request',
  'id',
  'load-server-state-from-file',
  'maxconn',
  'mode',
  'option',
  'rate-limit',
  'retries',
  'retry-on',
  'server',
  'server-state-file-name',
  'stick',
  'stick-table',
  'tcp-check',
  'tcp-request',
  'timeout',
])

/** Words that make an allowed directive dangerous. */
const refusedWords: Readonly<Record<string, RegExp>> = {
  option: /^external-check$/,
  'http-request': /^use-service$/,
  'tcp-request': /^use-service$/,
  // A bind may not load files or hand sockets to others; TLS at the proxy is not a service of ours.
  bind: /^(expose-fd|process|namespace|user|group|uid|gid|mode|crt|ca-file|crl-file|crt-list)$/,
}

/** Code in Lua, wherever it stands. */
const lua = /^lua[.-]/

/** Where the address of a directive stands; services listen on and connect to networks, not to files. */
const addressWord: Readonly<Record<string, number>> = { bind: 1, server: 2 }
const localAddress = /^(\/|unix@|abns@|abnsz@|fd@|sockpair@|rhttp@)/

export interface TextProblem {
  /** From 1. */
  readonly line: number
  /** One sentence without a full stop. */
  readonly message: string
}

/**
 * The first thing in a service file that is not allowed, if any.
 *
 * Text in `${...}` would be filled from HAProxy's environment, and a line that ends in a backslash goes on in
 * the next: both are refused, since what HAProxy reads would not be what was checked.
 */
export function findTextProblem(text: string): TextProblem | undefined {
  if (text.includes('\0')) return { line: 1, message: 'the file holds a NUL byte' }
  if (!text.endsWith('\n')) {
    return { line: text.split('\n').length, message: 'the last line does not end in a newline' }
  }
  let inSection = false
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const message = lineProblem(line, inSection)
    if (message !== undefined) return { line: index + 1, message }
    inSection = true
  }
  return undefined
}

function lineProblem(line: string, inSection: boolean): string | undefined {
  if (line.endsWith('\\')) return 'a line that goes on in the next is not allowed'
  if (/\$\{|"[^"]*\$\w/.test(line)) return 'environment variables are not allowed'
  const words = line.split(/\s+/)
  const [keyword = '', second] = words
  if (keyword === 'listen') {
    return second !== undefined && sectionName.test(second)
      ? undefined
      : 'a listen section needs a plain name'
  }
  if (!inSection) return `the file must start with a listen section, not ${keyword}`
  if (!listenDirectives.has(keyword)) return `${keyword} is not allowed in a service file`
  const refused = words.slice(1).find((word) => lua.test(word) || refusedWords[keyword]?.test(word))
  if (refused !== undefined) return `${keyword} ... ${refused} is not allowed in a service file`
  const address = words[addressWord[keyword] ?? 0] ?? ''
  return keyword in addressWord && localAddress.test(address)
    ? `${keyword} may not use ${address}`
    : undefined
}

/** Names of the `listen` sections of a text, in order. */
export function listenNames(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*listen[ \t]+(\S+)/gm)].map((match) => match[1] ?? '')
}
