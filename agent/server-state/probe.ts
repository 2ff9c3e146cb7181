/**
 * A section's health check over HTTP as something that can be asked without HAProxy. Pure.
 *
 * What is not understood to the last word gives no probe: an answer to another question is worse than none.
 * Source: HAProxy 2.6 manual, `option httpchk`, `http-check send`, `http-check expect`; 5.2 (`check-ssl`, ...).
 */
import type { ServerOptions } from './server-options.ts'

export interface Probe {
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Codes that mean up, from and to. */
  readonly expect: readonly (readonly [number, number])[]
  /** Undefined for plain text. */
  readonly tls:
    | {
        /** '' for the system's authorities. */
        readonly caFile: string
        readonly verify: boolean
        /** Name that the certificate must be for; '' for any, which is HAProxy's default. */
        readonly verifyHost: string
        readonly sni: string
      }
    | undefined
}

/**
 * What came of asking: `fails` for another answer than expected, or a refusal; `silent` for none in time;
 * `unreachable` when the network has no way there, or not yet.
 */
export type Answer = 'passes' | 'fails' | 'silent' | 'unreachable'

/** The same for the same question to the same server. */
export function probeKey(probe: Probe): string {
  return JSON.stringify(probe)
}

/**
 * Paths at which Patroni answers well on one member of a cluster at most: the one with the leader's lock.
 * Source: Patroni's REST API, "Health check endpoints"; `/master` up to 2.1.
 */
const leaderPaths: ReadonlySet<string> = new Set(
  '/ /leader /master /primary /read-write /standby-leader /standby_leader'.split(' '),
)

/** @param trafficPort - of the service at that server; at `/` of the same port no Patroni answers */
export function asksForLeader({ path, port, expect }: Probe, trafficPort: number): boolean {
  const [plain = ''] = path.split('?')
  const isPatroni = plain !== '/' || port !== trafficPort
  // One that expects 503 asks for everybody else.
  return isPatroni && leaderPaths.has(plain) && expect.every(([, to]) => to < 400)
}

/** What a section asks every server. */
export type Question = Pick<Probe, 'method' | 'path' | 'headers' | 'expect'>

/** @param lines - the section's, as words, in order */
export function questionOf(lines: readonly (readonly string[])[]): Question | undefined {
  const checkLines = lines.filter(
    (words) => /^(http|tcp)-check$/.test(words[0] ?? '') || isCheckOption(words),
  )
  const [first = [], ...others] = checkLines
  if (first[1] !== 'httpchk') return undefined
  // A second `option httpchk` or `expect` replaces or joins the first one; nobody needs that here.
  const kinds = checkLines.map(([, kind]) => kind).filter((kind) => kind !== 'send' && kind !== 'comment')
  if (new Set(kinds).size < kinds.length) return undefined
  return others.reduce<Question | undefined>(addLine, fromOption(first.slice(2)))
}

function isCheckOption([keyword, name = '']: readonly string[]): boolean {
  return keyword === 'option' && /chk$|-check$/.test(name)
}

function addLine(
  question: Question | undefined,
  [keyword, kind, ...rest]: readonly string[],
): Question | undefined {
  if (question === undefined || keyword !== 'http-check') return undefined
  if (kind === 'send') return fromSend(question, rest)
  if (kind === 'expect') return fromExpect(question, rest)
  return kind === 'comment' ? question : undefined
}

/** HAProxy's own default when nothing is expected in so many words. */
const anySuccess = [[200, 399]] as const

function fromOption(words: readonly string[]): Question | undefined {
  const [method, path, version] = words.length === 1 ? ['OPTIONS', words[0]] : words
  // Headers used to be written behind the version.
  if (words.length > 3 || (version !== undefined && !/^HTTP\/1\.[01]$/.test(version))) return undefined
  return { method: method ?? 'OPTIONS', path: path ?? '/', headers: {}, expect: anySuccess }
}

function fromSend(question: Question, words: readonly string[]): Question | undefined {
  let { method, path } = question
  const headers: Record<string, string> = {}
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]
    if (value === undefined) return undefined
    if (words[i] === 'meth') method = value
    else if (words[i] === 'uri') path = value
    else if (words[i] === 'hdr') {
      headers[value] = words[i + 2] ?? ''
      i += 1
    } else if (words[i] !== 'ver') return undefined
  }
  const isPlain = !/%\[/.test(JSON.stringify(headers)) && /^[A-Z]+$/.test(method) && path.startsWith('/')
  return isPlain ? { ...question, method, path, headers } : undefined
}

function fromExpect(question: Question, words: readonly string[]): Question | undefined {
  if (words.length !== 2 || words[0] !== 'status') return undefined
  const ranges = (words[1] ?? '').split(',').map((range) => /^(\d{3})(?:-(\d{3}))?$/.exec(range))
  const expect = ranges.flatMap((match) =>
    match ? [[Number(match[1]), Number(match[2] ?? match[1])] as const] : [],
  )
  return expect.length === ranges.length ? { ...question, expect } : undefined
}

/** Options that change what goes over the wire in a way that is not mirrored here. */
const foreign = ['check-send-proxy', 'send-proxy', 'send-proxy-v2', 'check-proto', 'check-via-socks4', 'crt']

export function probeOf(
  question: Question | undefined,
  server: { readonly address: string; readonly port: number },
  options: ServerOptions,
): Probe | undefined {
  const host = options.get('addr') ?? server.address
  const port = Number(options.get('port') ?? server.port)
  if (question === undefined || !(port > 0) || foreign.some((option) => options.has(option))) return undefined
  // The check goes where the service goes, then also by TLS, unless it has a place of its own.
  const isSamePlace = !options.has('port') && !options.has('addr')
  const isTls = options.has('check-ssl') || (options.has('ssl') && isSamePlace)
  return { ...question, host, port, tls: isTls ? tlsOf(options) : undefined }
}

function tlsOf(options: ServerOptions): NonNullable<Probe['tls']> {
  const caFile = options.get('ca-file') ?? '@system-ca'
  return {
    caFile: caFile === '@system-ca' ? '' : caFile,
    verify: options.get('verify') !== 'none',
    verifyHost: options.get('verifyhost') ?? '',
    sni: options.get('check-sni') ?? '',
  }
}
