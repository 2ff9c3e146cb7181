import { statSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AgentService, Health } from '../../shared/rpc/services.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { controllerNameOverride, type Pem, until } from './controller-agent.ts'
import { Harness, publish, summary } from './controller-harness.ts'

const harness = new Harness()
let n1: Pem
let n2: Pem
let ann: Pem
let foreign: Pem

beforeAll(async () => {
  await harness.authority()
  await harness.authority('foreign')
  await harness.issue({ kind: 'controller' })
  n1 = await harness.issue({ kind: 'node', name: 'n1' })
  n2 = await harness.issue({ kind: 'node', name: 'n2' })
  ann = await harness.issue({ kind: 'operator', name: 'ann', role: 'publish' })
  foreign = await harness.issue({ kind: 'node', name: 'n1' }, 'foreign')
  await harness.start({ max_handshakes: 4 })
  await harness.visit('n1', n1)
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1'], 'secret of n1'))
  await publish(harness.admin(), { pattern: 'pg-test' })
})

afterAll(() => harness.destroy())

test("a node's certificate does not open another node's snapshot", async () => {
  const thief = harness.agent('n1', n2)

  await until('the refusal', () => thief.ended !== undefined)

  expect(thief.ended).toEqual({ code: 7, details: 'the certificate is for n2, the Hello says n1' })
  expect(thief.heard).toEqual([])
})

test('the same certificate opens its own, and nothing is sent that is not its own', async () => {
  const [own, other] = [harness.agent('n1', n1), harness.agent('n2', n2)]

  await until('the snapshot', () => own.heard.includes('snapshot v1 pg-test@1'))
  await until('welcome', () => other.heard.length > 0)

  expect(other.heard).toEqual(['welcome n2'])
  own.close()
  other.close()
})

test("a node's certificate does not open the operators' service", async () => {
  await expect(publish(harness.admin(n1), { pattern: 'pg-test' })).rejects.toMatchObject({ code: 7 })
  const status = new Promise((resolve, reject) => {
    harness.admin(n1).Status({}, (error, response) => (error ? reject(error) : resolve(response)))
  })
  await expect(status).rejects.toMatchObject({ code: 7 })
})

test("an operator's certificate does not open an agent's stream", async () => {
  const thief = harness.agent('ann', ann)

  await until('the refusal', () => thief.ended !== undefined)

  expect(thief.ended?.code).toBe(7)
})

test("an operator's certificate publishes, under its own name whatever the request says", async () => {
  await harness.visit('n9')
  harness.inventory.set('pg-new', samplePlan('pg-new', ['n9'], 'x'))

  const events = await publish(harness.admin(ann), { pattern: 'pg-new', options: { operator: 'root' } })

  expect(summary(events)).toMatchObject({ committed: true })
  const history = await new Promise<{ acts: { operator: string }[] } | undefined>((resolve, reject) => {
    harness
      .admin()
      .History({ owner: 'pg-new' }, (error, response) => (error ? reject(error) : resolve(response)))
  })
  expect(history?.acts[0]?.operator).toBe('ann')
})

test('the unix socket is for its owner alone', () => {
  expect(statSync(harness.socket).mode & 0o777).toBe(0o600)
})

/** Resolves with the first byte received, or with how the connection ended. */
function knock(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port: harness.port,
      servername: 'pgsvc-controller',
      ALPNProtocols: ['h2'],
      ...options,
    })
    socket.on('data', () => {
      resolve('served')
      socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('close', () => resolve('closed'))
  })
}

test('a client with a certificate of ours is served', async () => {
  // The server's SETTINGS frame is the first thing HTTP/2 sends.
  expect(await knock({ ca: n1.ca, cert: n1.cert, key: n1.key })).toBe('served')
})

test('a client without a certificate is not', async () => {
  expect(await knock({ ca: n1.ca })).not.toBe('served')
})

test('a certificate of another authority is not, though it says the right name', async () => {
  expect(await knock({ ca: n1.ca, cert: foreign.cert, key: foreign.key })).not.toBe('served')
})

test('TLS 1.2 is refused', async () => {
  const answer = await knock({ ca: n1.ca, cert: n1.cert, key: n1.key, maxVersion: 'TLSv1.2' })

  expect(answer).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

test('plain text is refused and the next client is served', async () => {
  await new Promise<void>((resolve) => {
    const socket = connectTcp(harness.port, '127.0.0.1', () =>
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    )
    socket.resume()
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })

  expect(await knock({ ca: n1.ca, cert: n1.cert, key: n1.key })).toBe('served')
})

test('of many clients that dial at once all get in, and never more than allowed shake hands', async () => {
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, harness.running.gate.inFlight)
  }, 0)
  const sockets = await Promise.all(
    Array.from({ length: 80 }, () => knock({ ca: n1.ca, cert: n1.cert, key: n1.key })),
  )
  clearInterval(watch)

  expect(new Set(sockets)).toEqual(new Set(['served']))
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(4)
  expect(harness.running.gate.inFlight).toBe(0)
})

test('no more than the allowed handshakes are under way, the rest waits, and closing frees the slots', async () => {
  const idle = Array.from({ length: 70 }, () => connectTcp(harness.port, '127.0.0.1'))
  await until('all slots taken', () => harness.running.gate.inFlight === 4)
  let served = false
  const patient = knock({ ca: n1.ca, cert: n1.cert, key: n1.key }).then((answer) => {
    served = true
    return answer
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const meanwhile = { inFlight: harness.running.gate.inFlight, served }

  for (const socket of idle) socket.destroy()

  expect(meanwhile).toEqual({ inFlight: 4, served: false })
  expect(await patient).toBe('served')
  await until('all slots free', () => harness.running.gate.inFlight === 0)
})

test('a stream that does not begin with a Hello is ended', async () => {
  const client = new AgentService(
    `127.0.0.1:${harness.port}`,
    credentials.createSsl(n1.ca, n1.key, n1.cert),
    controllerNameOverride,
  )
  const stream = client.Connect()
  const ended = new Promise((resolve) => stream.on('error', resolve))
  stream.write({ heartbeat: {} })

  expect(await ended).toMatchObject({ code: 3 })
  client.close()
})

test('health says SERVING to a certificate of ours', async () => {
  const client = new Health(
    `127.0.0.1:${harness.port}`,
    credentials.createSsl(n1.ca, n1.key, n1.cert),
    controllerNameOverride,
  )
  const answer = await new Promise((resolve, reject) => {
    client.Check({ service: 'pgsvc.v1.AgentService' }, (error, response) =>
      error ? reject(error) : resolve(response),
    )
  })

  expect(answer).toEqual({ status: 'SERVING' })
  client.close()
})
