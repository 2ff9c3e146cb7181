/** Those who may not, or may no longer: what they had open ends, and asking again and again does not go on for ever. */
import { connect as connectHttp2 } from 'node:http2'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Health } from '../../shared/rpc/services.ts'
import { mintOf } from '../support/mint.ts'
import { controllerNameOverride, type Pem, until } from './controller-agent.ts'
import { type AdminClient, Harness } from './controller-harness.ts'

let harness: Harness
const closers: (() => void)[] = []

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  await harness.start()
})

afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await harness.destroy()
})

const nodePem = (name: string, ageMs = 0) =>
  mintOf(harness.path('pki')).issue({ kind: 'node', name }, { ageMs })

/** How a watch of the health service came out, as far as it has. */
function watchHealth({ ca, cert, key }: Pem): { readonly end: () => string } {
  const client = new Health(
    `127.0.0.1:${harness.port}`,
    credentials.createSsl(ca, key, cert),
    controllerNameOverride,
  )
  closers.push(() => client.close())
  let [seen, end] = ['', '']
  const watch = client.Watch({ service: '' })
  watch.on('data', ({ status }) => {
    seen = status
  })
  watch.on('error', (error: Error & { details: string }) => {
    end = error.details
  })
  return { end: () => end || seen }
}

const revoke = (node: string) =>
  new Promise<number>((resolve, reject) =>
    harness
      .admin()
      .RevokeNode({ node, unseen: true }, (error, answer) =>
        error || !answer ? reject(error) : resolve(answer.ended),
      ),
  )

test('a watch of the health service ends when its certificate is withdrawn', async () => {
  const [own, other] = [watchHealth(nodePem('n1')), watchHealth(nodePem('n2'))]
  await until('both', () => own.end() === 'SERVING' && other.end() === 'SERVING')

  expect(await revoke('n1')).toBe(1)

  await until('its end', () => own.end() === 'this certificate was revoked')
  expect(other.end()).toBe('SERVING')
})

test('a watch of the health service ends with its certificate', { timeout: 120_000 }, async () => {
  const watch = watchHealth(nodePem('n1', 24 * 3_600_000 - 15_000))
  await until('it', () => watch.end() === 'SERVING')

  await until('its end', () => watch.end() === 'the certificate of this stream has expired', 60_000)
})

test('connections of whoever is withdrawn end, also those on which nothing is asked', async () => {
  const [own, other] = [knock(nodePem('n1')), knock(nodePem('n2'))]
  await until('both', () => own.isServed() && other.isServed())

  expect(await revoke('n1')).toBe(0)

  await until('its end', () => own.socket.destroyed)
  expect(other.socket.destroyed).toBe(false)
})

function knock({ ca, cert, key }: Pem): { readonly socket: TLSSocket; readonly isServed: () => boolean } {
  const to = { host: '127.0.0.1', port: harness.port, servername: 'pgsvc-controller', ALPNProtocols: ['h2'] }
  const options: ConnectionOptions = { ...to, ca, cert, key }
  const socket = connect(options)
  closers.push(() => socket.destroy())
  let served = false
  socket.on('error', () => undefined)
  socket.on('data', () => {
    served = true
  })
  return { socket, isServed: () => served }
}

const status = (admin: AdminClient) =>
  new Promise<number>((resolve) => admin.Status({}, (error) => resolve(error?.code ?? 0)))

test('a connection on which is asked again and again what may not be is ended, and no other', {
  timeout: 60_000,
}, async () => {
  const [own, agent] = [nodePem('n1'), harness.agent('n1', nodePem('n1'))]
  await until('welcome', () => agent.heard.length > 0)

  const { session, ask } = bareClient(own)
  const codes = new Set<string>()
  // Many at a time: one after the other a busy machine may ask no faster than anybody may.
  for (let round = 0; round < 100 && !session.closed; round += 1) {
    const asked = Array.from({ length: 20 }, () => ask('/pgsvc.v1.AdminService/Status'))
    for (const code of await Promise.all(asked)) codes.add(code)
  }

  await until('its end', () => session.closed)
  expect(codes).toContain('7')
  expect(await status(harness.admin())).toBe(0)
  expect(agent.ended).toBe(undefined)
})

test('whoever was withdrawn and comes again and again is not let in any more for a while', {
  timeout: 60_000,
}, async () => {
  await revoke('n1')

  const codes = await askUntilCut(harness.admin(nodePem('n1', 3_600_000)))

  expect(codes[0]).toBe(16)
  const again = knock(nodePem('n1', 3_600_000))
  await until('its end', () => again.socket.destroyed)
  expect(again.isServed()).toBe(false)
  expect(await status(harness.admin(nodePem('n2')))).toBe(7)
})

/** One connection that is not made anew by itself, as a client of gRPC's would be. */
function bareClient({ ca, cert, key }: Pem) {
  const session = connectHttp2(`https://127.0.0.1:${harness.port}`, {
    ...{ ca, cert, key, servername: 'pgsvc-controller' },
  })
  closers.push(() => session.destroy())
  session.on('error', () => undefined)
  const ask = (path: string) =>
    new Promise<string>((resolve) => {
      if (session.closed || session.destroyed) return resolve('closed')
      const request = session.request({
        ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
      })
      const note = (headers: Readonly<Record<string, unknown>>) => {
        if (headers['grpc-status'] !== undefined) resolve(String(headers['grpc-status']))
      }
      request.on('response', note)
      request.on('trailers', note)
      request.on('error', () => resolve('closed'))
      request.on('close', () => resolve('closed'))
      request.end(Buffer.alloc(5)) // an empty message
      request.resume()
    })
  return { session, ask }
}

/** Codes of its answers, until the connection ends under it. */
async function askUntilCut(admin: AdminClient): Promise<readonly number[]> {
  const codes: number[] = []
  while (codes.length < 600 && codes.at(-1) !== 14) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => status(admin)))
    codes.push(...answers.sort((a, b) => a - b))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return codes
}
