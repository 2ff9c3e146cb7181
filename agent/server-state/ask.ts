/** Asks what HAProxy's health checks ask, once and at the same time. */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { checkServerIdentity } from 'node:tls'
import type { Probe } from './probe.ts'

export interface Asker {
  /**
   * @returns true for an answer as expected, false for another one or a refusal, undefined for silence. Never rejects.
   */
  passes(probe: Probe, timeoutMs: number): Promise<boolean | undefined>
}

/** A proxy of hundreds of clusters must not open thousands of sockets at once. */
const maxAtOnce = 256

/** Whether each probe, as JSON, passed; those that nobody answered are not in it. */
export type Answers = ReadonlyMap<string, boolean>

/** Ends after `timeoutMs` at the latest. */
export async function askAll(
  asker: Asker,
  probes: readonly Probe[],
  clock: { monotonic(): number },
  timeoutMs: number,
): Promise<Answers> {
  const deadline = clock.monotonic() + timeoutMs
  const answers = new Map<string, boolean>()
  const waiting = [...probes]
  const work = async () => {
    for (let probe = waiting.pop(); probe !== undefined; probe = waiting.pop()) {
      const leftMs = deadline - clock.monotonic()
      const answer = leftMs > 0 ? await asker.passes(probe, leftMs) : undefined
      if (answer !== undefined) answers.set(JSON.stringify(probe), answer)
    }
  }
  await Promise.all(Array.from({ length: maxAtOnce }, work))
  return answers
}

/** Real connections. */
export function systemAsker(): Asker {
  return {
    async passes(probe, timeoutMs) {
      const signal = AbortSignal.timeout(Math.ceil(timeoutMs))
      const status = await ask(probe, signal).catch(() => undefined)
      if (status === undefined) return signal.aborted ? undefined : false
      return probe.expect.some(([from, to]) => status >= from && status <= to)
    },
  }
}

async function ask(probe: Probe, signal: AbortSignal): Promise<number | undefined> {
  const { host, port, method, path, tls } = probe
  // A connection of its own, as HAProxy makes one for each check.
  const options = { host, port, method, path, headers: probe.headers, signal, agent: false as const }
  const security = tls && (await tlsOptions(tls))
  return await new Promise((resolve, reject) => {
    const request = security ? https.request({ ...options, ...security }) : http.request(options)
    request.on('response', (response) => {
      resolve(response.statusCode)
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
