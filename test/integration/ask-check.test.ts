import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Asker, askAll, systemAsker } from '../../agent/server-state/ask.ts'
import { type Probe, probeKey } from '../../agent/server-state/probe.ts'
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

  expect(await systemAsker().ask(probe(port), 2_000)).toBe('passes')
  expect(await systemAsker().ask(probe(port, { path: '/replica' }), 2_000)).toBe('fails')
  expect(await systemAsker().ask(probe(port, { expect: [[503, 599]] }), 2_000)).toBe('fails')
})

test('a port where nobody is says no; silence says nothing, and ends in time', async () => {
  const silent = await serve(http.createServer(() => undefined))
  const gone = http.createServer()
  const port = await serve(gone)
  await new Promise((resolve) => gone.close(resolve))

  expect(await systemAsker().ask(probe(port), 2_000)).toBe('fails')
  const answers = await askAll(systemAsker(), [probe(silent), probe(port)], systemClock(), 300)
  expect([...answers.values()].sort()).toEqual(['fails', 'silent'])
})

test('where the network has no way nobody has said anything', async () => {
  // Addresses for documentation; and the tests' namespace has no route to anywhere.
  expect(await systemAsker().ask(probe(8008, { host: '192.0.2.1' }), 2_000)).toBe('unreachable')
  expect(await systemAsker().ask(probe(8008, { host: '2001:db8::1' }), 2_000)).toBe('unreachable')
})

test('what cannot be asked is not answered', async () => {
  const tls = { caFile: join(dir, 'missing.crt'), verify: true, verifyHost: '', sni: '' }

  expect(await systemAsker().ask(probe(1, { tls }), 2_000)).toBe('silent')
  expect(await systemAsker().ask(probe(1, { host: 'no-such-host.invalid' }), 5_000)).not.toBe('fails')
})

test('many who are silent leave time for the others', async () => {
  const silent = Array.from({ length: 300 }, (_, n) => probe(n + 1))
  const asker: Asker = {
    async ask({ port }, timeoutMs) {
      // An answer takes some time too.
      if (port > silent.length) return timeoutMs < 20 ? 'silent' : 'passes'
      await systemClock().sleep(timeoutMs)
      return 'silent'
    },
  }
  const others = Array.from({ length: 300 }, (_, n) => probe(1_000 + n))

  const answers = await askAll(asker, [...others, ...silent], systemClock(), 2_000)

  expect(others.map((one) => answers.get(probeKey(one)))).toEqual(others.map(() => 'passes'))
  expect(silent.map((one) => answers.get(probeKey(one)))).toEqual(silent.map(() => 'silent'))
})

test('over TLS only an answer under the authority of the file counts, whatever its name', async () => {
  const [own, other] = [makeCertificate('own'), makeCertificate('other')]
  const options = { key: readFileSync(own.key), cert: readFileSync(own.cert) }
  const port = await serve(https.createServer(options, patroni))
  const tls = { caFile: own.cert, verify: true, verifyHost: '', sni: '' }
  const answer = (change: Partial<typeof tls>) =>
    systemAsker().ask(probe(port, { tls: { ...tls, ...change } }), 2_000)

  expect(await answer({})).toBe('passes')
  expect(await answer({ caFile: other.cert })).toBe('fails')
  expect(await answer({ caFile: other.cert, verify: false })).toBe('passes')
  expect(await answer({ verifyHost: 'db.example' })).toBe('fails')
})
