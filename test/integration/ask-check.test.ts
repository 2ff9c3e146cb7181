import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { askAll, systemAsker } from '../../agent/server-state/ask.ts'
import type { Probe } from '../../agent/server-state/probe.ts'
import { systemClock } from '../../shared/ports/clock.ts'

const dir = mkdtempSync(join(tmpdir(), 'pgsvc-ask-'))
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(dir, { recursive: true })
})

/** A certificate that is its own authority, for a name that nobody asks for. */
function makeCertificate(name: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)]
  const subject = ['-subj', `/CN=${name}`, '-days', '1', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' })
  return { key, cert }
}

async function serve(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a network has such an address.
  return (server.address() as AddressInfo).port
}

function probe(port: number, change: Partial<Probe> = {}): Probe {
  const usual = { host: '127.0.0.1', method: 'OPTIONS', path: '/primary', headers: {}, tls: undefined }
  return { ...usual, port, expect: [[200, 200]], ...change }
}

const patroni: http.RequestListener = (request, response) => {
  response.statusCode = request.method === 'OPTIONS' && request.url === '/primary' ? 200 : 503
  response.end()
}

test('asks by method and path, and takes only the code that is expected', async () => {
  const port = await serve(http.createServer(patroni))

  expect(await systemAsker().passes(probe(port), 2_000)).toBe(true)
  expect(await systemAsker().passes(probe(port, { path: '/replica' }), 2_000)).toBe(false)
  expect(await systemAsker().passes(probe(port, { expect: [[503, 599]] }), 2_000)).toBe(false)
})

test('a port where nobody is says no; silence says nothing, and ends in time', async () => {
  const silent = await serve(http.createServer(() => undefined))
  const gone = http.createServer()
  const port = await serve(gone)
  await new Promise((resolve) => gone.close(resolve))

  expect(await systemAsker().passes(probe(port), 2_000)).toBe(false)
  const answers = await askAll(systemAsker(), [probe(silent), probe(port)], systemClock(), 300)
  expect([...answers.values()]).toEqual([false])
})

test('over TLS only an answer under the authority of the file counts, whatever its name', async () => {
  const [own, other] = [makeCertificate('own'), makeCertificate('other')]
  const options = { key: readFileSync(own.key), cert: readFileSync(own.cert) }
  const port = await serve(https.createServer(options, patroni))
  const tls = { caFile: own.cert, verify: true, verifyHost: '', sni: '' }
  const passes = (change: Partial<typeof tls>) =>
    systemAsker().passes(probe(port, { tls: { ...tls, ...change } }), 2_000)

  expect(await passes({})).toBe(true)
  expect(await passes({ caFile: other.cert })).toBe(false)
  expect(await passes({ caFile: other.cert, verify: false })).toBe(true)
  expect(await passes({ verifyHost: 'db.example' })).toBe(false)
  expect(await passes({ caFile: join(dir, 'missing.crt') })).toBe(false)
})
