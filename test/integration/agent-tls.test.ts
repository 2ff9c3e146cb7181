import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { keepAuthorities } from '../../agent/identity/authorities-file.ts'
import { openStream, readCredentials, type TlsPaths } from '../../agent/session/connect.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { AgentService } from '../../shared/rpc/services.ts'

let dir: string
let server: Server | undefined

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { cwd: dir, stdio: 'ignore' })
}

/** A certificate `<name>.crt` signed by `<ca>.crt`, valid for one DNS name. */
function issue(name: string, dnsName: string, ca = 'ca', uri = 'pgsvc://controller'): void {
  writeFileSync(join(dir, `${name}.ext`), `subjectAltName=DNS:${dnsName},URI:${uri}\n`)
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  const signed = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', `${name}.ext`]
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`, '-days', '2')
}

function authority(name: string): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...curve, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`)
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-tls-'))
  authority('ca')
  authority('stranger')
  issue('controller', 'pgsvc-controller')
  issue('impostor', 'node-2')
  issue('forged', 'pgsvc-controller', 'stranger')
  issue('other', 'pgsvc-controller', 'ca', 'https://pigsty.io')
  issue('disguised', 'pgsvc-controller', 'ca', 'pgsvc://node/pgsvc-controller')
  issue('node', 'node-1')
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

afterEach(() => {
  server?.forceShutdown()
  server = undefined
})

const file = (name: string) => join(dir, name)
const nodePaths = (): TlsPaths => ({ ca: file('ca.crt'), cert: file('node.crt'), key: file('node.key') })

async function serve(name: string): Promise<string> {
  const pair = {
    cert_chain: readFileSync(file(`${name}.crt`)),
    private_key: readFileSync(file(`${name}.key`)),
  }
  const started = new Server()
  server = started
  started.addService(AgentService.service, {
    Connect(call: ServerDuplexStream<AgentMessage__Output, ControllerMessage>) {
      call.on('data', () => call.write({ welcome: { node: 'node-1' }, nonce: '' }))
      call.on('error', () => undefined)
      call.on('end', () => call.end())
    },
  })
  const credentials = ServerCredentials.createSsl(readFileSync(file('ca.crt')), [pair], true)
  return await new Promise((resolve, reject) => {
    started.bindAsync('127.0.0.1:0', credentials, (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    )
  })
}

/** What the first answer is: a welcome, or why there is none. */
async function greet(
  address: string,
  paths: TlsPaths,
  believed?: Parameters<typeof readCredentials>[2],
): Promise<string> {
  const { stream, close } = openStream(address, await readCredentials(systemFiles(), paths, believed))
  try {
    return await new Promise((resolve) => {
      stream.on('error', (error) => resolve(error.message))
      stream.on('data', (message: ControllerMessage) =>
        resolve(message.welcome ? 'welcome' : 'something else'),
      )
      stream.write({ hello: { node: 'node-1' } })
    })
  } finally {
    close()
  }
}

test('a controller is believed by its certificate, whatever its address', async () => {
  expect(await greet(await serve('controller'), nodePaths())).toBe('welcome')
})

test('the certificate of a node is no certificate of a controller', async () => {
  expect(await greet(await serve('impostor'), nodePaths())).toContain('UNAVAILABLE')
})

test.each(['other', 'disguised'])('the name alone makes no controller: %s', async (name) => {
  expect(await greet(await serve(name), nodePaths())).toContain('not that of a controller')
})

test('a controller that knows TLS 1.2 only is not spoken to', async () => {
  const [ca, cert, key] = ['ca.crt', 'controller.crt', 'controller.key'].map((name) =>
    readFileSync(file(name)),
  )
  const old = createTlsServer({ ca, cert, key, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'] })
  old.on('tlsClientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
  const address = old.address()
  const port = typeof address === 'object' ? address?.port : 0

  const answer = await greet(`127.0.0.1:${port}`, nodePaths())

  expect(answer).toMatch(/protocol version|unsupported protocol/i)
  await new Promise((resolve) => old.close(resolve))
})

test('a controller signed by a stranger is not believed', async () => {
  expect(await greet(await serve('forged'), nodePaths())).toContain('UNAVAILABLE')
})

test('a missing certificate, and a key of another, are named before anything is dialled', async () => {
  const missing = readCredentials(systemFiles(), { ...nodePaths(), cert: file('none.crt') })
  const mixed = readCredentials(systemFiles(), { ...nodePaths(), key: file('controller.key') })

  await expect(missing).rejects.toMatchObject({
    code: 'CERTIFICATE_UNREADABLE',
    message: expect.stringContaining('none.crt does not exist'),
  })
  await expect(mixed).rejects.toMatchObject({ code: 'CERTIFICATE_UNREADABLE' })
})

test('a file of authorities with one that cannot be read is refused as a whole; one that has been read goes on', async () => {
  const [own, stranger] = [readFileSync(file('ca.crt'), 'utf8'), readFileSync(file('stranger.crt'), 'utf8')]
  const paths = { ...nodePaths(), ca: file('bundle.crt') }
  const put = (text: string) => writeFileSync(paths.ca, text)
  const believed = keepAuthorities(systemFiles(), paths.ca)
  const address = await serve('controller')
  put(stranger.trimEnd() + own)
  expect(await greet(address, paths, believed)).toBe('welcome')

  for (const text of [`${own}${stranger.slice(0, -40)}`, `${stranger}\n-----BEGIN CERTIFICATE-----\n`, '']) {
    put(text)
    await expect(readCredentials(systemFiles(), paths)).rejects.toMatchObject({
      code: 'CERTIFICATE_UNREADABLE',
      message: expect.stringContaining(paths.ca),
    })
    expect(await greet(address, paths, believed)).toBe('welcome')
  }

  // What can be read counts at once, and a file that was taken away is none.
  put(stranger)
  expect(await greet(address, paths, believed)).toContain('UNAVAILABLE')
  rmSync(paths.ca)
  await expect(greet(address, paths, believed)).rejects.toThrow('does not exist')
})

test('a controller that takes connections and stands still is left without any', async () => {
  const sockets = new Set<Socket>()
  let taken = 0
  const silent = createServer((socket) => {
    taken += 1
    sockets.add(socket)
    socket.resume()
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0

  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const open = openStream(`127.0.0.1:${port}`, await readCredentials(systemFiles(), nodePaths()))
    open.stream.on('error', () => undefined)
    await vi.waitFor(() => expect(taken).toBe(attempt), 10_000)
    open.close()
  }

  await vi.waitFor(() => expect(sockets.size).toBe(0), 10_000)
  await new Promise((resolve) => silent.close(resolve))
})
