import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp, Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { initAuthority, issueCertificate } from '../../controller/pki/pki.ts'
import { createTlsGate, type TlsGate, type TlsGateOptions } from '../../controller/stream/tls-gate.ts'
import { createLogger } from '../../shared/log/logger.ts'
import { until } from './controller-agent.ts'

const log = createLogger('test', 'silent')
const dir = mkdtempSync(join(tmpdir(), 'pgsvc-gate-'))
let ca: string
let authorities: readonly X509Certificate[]
let server: { cert: string; key: string }
let client: { cert: string; key: string }
let cleanUp: (() => void)[] = []

beforeAll(async () => {
  initAuthority(dir, Date.now())
  const issue = async (subject: Parameters<typeof issueCertificate>[0]) => {
    const { cert, key } = issueCertificate(subject, { dir, out: dir, days: 1, nowMs: Date.now() })
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  }
  ca = readFileSync(join(dir, 'ca.crt'), 'utf8')
  authorities = [new X509Certificate(ca)]
  server = await issue({ kind: 'controller' })
  client = await issue({ kind: 'node', name: 'n1' })
})

afterAll(() => rmSync(dir, { recursive: true }))

afterEach(() => {
  for (const end of cleanUp.reverse()) end()
  cleanUp = []
  vi.restoreAllMocks()
})

async function open(options: Partial<TlsGateOptions> = {}): Promise<{ gate: TlsGate; port: number }> {
  const greet = (socket: Socket) => {
    socket.on('error', () => undefined)
    socket.end('served')
  }
  const gate = createTlsGate({ authorities, ...server, maxHandshakes: 1, ...options }, greet, log)
  cleanUp.push(() => gate.close())
  const { port } = await gate.listen('127.0.0.1', 0)
  return { gate, port }
}

/** Connects and says nothing; `closed` when the gate has ended it. */
async function sit(port: number): Promise<{ socket: Socket; closed: boolean }> {
  const sitter = { socket: connectTcp(port, '127.0.0.1'), closed: false }
  cleanUp.push(() => sitter.socket.destroy())
  sitter.socket.on('error', () => undefined)
  sitter.socket.on('close', () => {
    sitter.closed = true
  })
  sitter.socket.resume()
  await new Promise((resolve) => sitter.socket.once('connect', resolve))
  return sitter
}

/** Resolves with what a client with a certificate of ours reads: `served`, or nothing. */
function knock(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const options = { host: '127.0.0.1', port, ca, ...client, servername: 'pgsvc-controller' }
    const socket = connect({ ...options, ALPNProtocols: ['h2'] })
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}

test('connections beyond those that may wait are closed at once, the others stay', async () => {
  const { gate, port } = await open({ maxWaiting: 2 })
  const shaking = await sit(port)
  await until('the handshake', () => gate.inFlight === 1)
  const waiting = [await sit(port), await sit(port)]

  const late = await sit(port)

  await until('the end of the late one', () => late.closed)
  expect([shaking, ...waiting].map(({ closed }) => closed)).toEqual([false, false, false])
})

/** Ample for the event loop to go round once, which is all that a connection needs to be accepted. */
const turnMs = 50

test('who has waited too long is closed when its turn comes, and who has not is served', async () => {
  // Hours, and a clock that is put forward: a busy machine must not make anybody wait too long.
  const now = performance.now.bind(performance)
  let aheadMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs)
  const { gate, port } = await open({ maxWaitMs: 3_600_000 })
  const shaking = await sit(port)
  await until('the handshake', () => gate.inFlight === 1)
  const tired = await sit(port)
  await new Promise((resolve) => setTimeout(resolve, turnMs))
  aheadMs = 2 * 3_600_000
  const answer = knock(port)
  await new Promise((resolve) => setTimeout(resolve, turnMs))
  const before = tired.closed

  shaking.socket.destroy()

  expect(await answer).toBe('served')
  await until('the end of the tired one', () => tired.closed)
  expect(before).toBe(false)
})

test('a slow handshake is cut off and gives its place to the next', async () => {
  const { gate, port } = await open({ handshakeMs: 3_000 })
  const slow = await sit(port)
  await until('the handshake', () => gate.inFlight === 1)

  expect(await knock(port)).toBe('served')

  await until('the end of the slow one', () => slow.closed)
})

test('an accept that fails is logged, and the next client is served', async () => {
  const listening = vi.spyOn(Server.prototype, 'listen')
  const logged = vi.spyOn(log, 'error')
  const { port } = await open()
  const noDescriptors = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })

  const [listener] = listening.mock.contexts
  if (!(listener instanceof Server)) throw new Error('nobody listens')
  listener.emit('error', noDescriptors)

  expect(logged).toHaveBeenCalledWith({ err: noDescriptors }, expect.any(String))
  expect(await knock(port)).toBe('served')
})

test('a port that is taken is an error of the one who asks for it', async () => {
  const { port } = await open()
  const other = createTlsGate({ authorities, ...server, maxHandshakes: 1 }, () => undefined, log)

  await expect(other.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
