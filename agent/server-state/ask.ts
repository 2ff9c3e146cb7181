/** Asks what HAProxy's health checks ask, once and at the same time. */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { checkServerIdentity } from 'node:tls'
import { type Answer, type Probe, probeKey } from './probe.ts'

export interface Asker {
  /** Never rejects. */
  ask(probe: Probe, timeoutMs: number): Promise<Answer>
}

/** A proxy of hundreds of clusters must not open thousands of sockets at once. */
const maxAtOnce = 256

/** By `probeKey`. */
export type Answers = ReadonlyMap<string, Answer>

/** Ends after `timeoutMs` at the latest, with an answer for every probe. */
export async function askAll(
  asker: Asker,
  probes: readonly Probe[],
  clock: { monotonic(): number },
  timeoutMs: number,
): Promise<Answers> {
  const deadline = clock.monotonic() + timeoutMs
  const answers = new Map<string, Answer>()
  const waiting = [...probes]
  const work = async () => {
    for (let probe = waiting.pop(); probe !== undefined; probe = waiting.pop()) {
      // Those who are silent, a whole rack perhaps, must leave time for the others.
      const rounds = Math.ceil((waiting.length + 1) / maxAtOnce)
      const patienceMs = (deadline - clock.monotonic()) / rounds
      answers.set(probeKey(probe), patienceMs > 0 ? await asker.ask(probe, patienceMs) : 'silent')
    }
  }
  await Promise.all(Array.from({ length: maxAtOnce }, work))
  return answers
}

/** Real connections. */
export function systemAsker(): Asker {
  return {
    async ask(probe, timeoutMs) {
      const signal = AbortSignal.timeout(Math.ceil(timeoutMs))
      const answer = await request(probe, signal).catch((error: unknown) =>
        signal.aborted ? 'silent' : answerOf(error),
      )
      if (typeof answer === 'string') return answer
      return probe.expect.some(([from, to]) => answer >= from && answer <= to) ? 'passes' : 'fails'
    },
  }
}

/** What the system says when there is no way to an address, or to the name servers. */
const noWay: ReadonlySet<string> = new Set(
  'EADDRNOTAVAIL EAI_AGAIN EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH'.split(' '),
)
/** Troubles of our own, about which the other side has said nothing. */
const notAsked: ReadonlySet<string> = new Set(
  'EACCES EMFILE ENFILE ENOBUFS ENOENT ENOMEM ENOTFOUND EPERM ETIMEDOUT'.split(' '),
)

/** A refused or broken connection, or a certificate that is no good, is an answer. */
function answerOf(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (noWay.has(code)) return 'unreachable'
  return notAsked.has(code) ? 'silent' : 'fails'
}

/** @returns the status of the answer */
async function request(probe: Probe, signal: AbortSignal): Promise<number> {
  const { host, port, method, path, tls } = probe
  // A connection of its own, as HAProxy makes one for each check.
  const options = { host, port, method, path, headers: probe.headers, signal, agent: false as const }
  const security = tls && (await tlsOptions(tls))
  return await new Promise((resolve, reject) => {
    const request = security ? https.request({ ...options, ...security }) : http.request(options)
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.on('error', reject)
    request.end()
  })
}

async function tlsOptions({ caFile, verify, verifyHost, sni }: NonNullable<Probe['tls']>) {
  return {
    rejectUnauthorized: verify,
    // HAProxy's checks name no host unless they are told one.
    servername: sni,
    ...(caFile === '' ? {} : { ca: await readFile(caFile) }),
    checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      verifyHost === '' ? undefined : checkServerIdentity(verifyHost, certificate),
  }
}
