/** Asks what HAProxy's health checks ask, once and at the same time. */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { checkServerIdentity } from 'node:tls'
import type { Probe } from './probe.ts'

export interface Asker {
  /**
   * @returns true for an answer as expected within the time; false for anything else. Never rejects.
   */
  passes(probe: Probe, timeoutMs: number): Promise<boolean>
}

/** A proxy of hundreds of clusters must not open thousands of sockets at once. */
const maxAtOnce = 256

/** @returns the probes, as JSON, that passed within `timeoutMs` in all; who was not reached did not */
export async function askAll(
  asker: Asker,
  probes: readonly Probe[],
  clock: { monotonic(): number },
  timeoutMs: number,
): Promise<ReadonlySet<string>> {
  const deadline = clock.monotonic() + timeoutMs
  const passed = new Set<string>()
  const waiting = [...probes]
  const work = async () => {
    for (let probe = waiting.pop(); probe !== undefined; probe = waiting.pop()) {
      const leftMs = deadline - clock.monotonic()
      if (leftMs > 0 && (await asker.passes(probe, leftMs))) passed.add(JSON.stringify(probe))
    }
  }
  await Promise.all(Array.from({ length: maxAtOnce }, work))
  return passed
}

/** Real connections. */
export function systemAsker(): Asker {
  return {
    async passes(probe, timeoutMs) {
      const status = await ask(probe, timeoutMs).catch(() => undefined)
      return status !== undefined && probe.expect.some(([from, to]) => status >= from && status <= to)
    },
  }
}

async function ask(probe: Probe, timeoutMs: number): Promise<number | undefined> {
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs))
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
