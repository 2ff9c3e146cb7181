/** What one peer can ask for: streams, messages, connections; and time that runs out under an open stream. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noTimings } from '../../shared/model/leader.ts'
import { mintOf } from '../support/mint.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type Pem, until } from './controller-agent.ts'
import { Harness, publish } from './controller-harness.ts'

let harness: Harness
const sockets: TLSSocket[] = []

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await harness.destroy()
})

const nodePem = (name = 'n1') => mintOf(harness.path('pki')).issue({ kind: 'node', name })

test('a node that opens streams again and again is refused after some, and others are not', async () => {
  await harness.start()
  const pem = nodePem()
  const ends = new Set<number | undefined>()
  for (let count = 0; count < 200 && !ends.has(8); count += 1) {
    const agent = harness.agent('n1', pem)
    await until('an answer', () => agent.heard.length > 0 || agent.ended !== undefined)
    ends.add(agent.ended?.code)
    agent.close()
  }
  const other = harness.agent('n2', nodePem('n2'))

  await until('welcome', () => other.heard.length > 0)

  expect(ends).toContain(8) // RESOURCE_EXHAUSTED
})

test('a message that is too big ends the stream that brought it', async () => {
  await harness.start()
  const agent = harness.agent('n1', nodePem())
  await until('welcome', () => agent.heard.length > 0)

  agent.send({ certificateRequest: { csrPem: 'x'.repeat(17 * 1024 * 1024) } })

  await until('its end', () => agent.ended !== undefined, 60_000)
  expect(agent.ended?.code).toBe(8)
})

test('a node that asks for certificates again and again gets no more for a while', async () => {
  await harness.start()
  const agent = harness.agent('n1', nodePem())
  await until('welcome', () => agent.heard.length > 0)
  for (let count = 0; count < 15; count += 1) agent.send({ certificateRequest: { csrPem: 'nonsense' } })

  await until('all answers', () => agent.refusals.length === 15)

  expect(agent.refusals.filter((code) => code === 'REQUEST_INVALID')).toHaveLength(10)
  expect(agent.refusals.slice(10)).toEqual(Array.from({ length: 5 }, () => 'TOO_MANY_REQUESTS'))
  // Another stream is the same node.
  const again = harness.agent('n1', nodePem())
  await until('welcome', () => again.heard.length > 0)
  again.send({ certificateRequest: { csrPem: 'nonsense' } })
  await until('its answer', () => again.refusals.length === 1)
  expect(again.refusals).toEqual(['TOO_MANY_REQUESTS'])
})

test('of a node with too many leader steps it is told that some are not kept, and that it went', {
  timeout: 60_000,
}, async () => {
  await harness.start()
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'x'))
  const agent = harness.agent('n1', nodePem())
  await until('welcome', () => agent.heard.length > 0)
  await publish(harness.admin(), { pattern: 'pg-a' })
  const events = async () => {
    const kept: string[] = []
    for await (const { kind, message } of harness.admin().Events({ names: ['n1'], limit: 5_000 })) {
      kept.push(kind === 'controller' ? message : kind)
    }
    return kept
  }
  const steps = ['suspected', 'confirmed'] as const

  for (let count = 0; count < 1_050; count += 1) {
    agent.report({ owner: 'pg-a', step: steps[count % 2] ?? 'suspected', leader: 'pg-a-1' })
  }
  await expect.poll(events, { timeout: 20_000 }).toContainEqual(expect.stringContaining('not kept'))
  agent.close()
  await expect.poll(events, { timeout: 20_000 }).toContain('disconnected')

  const kept = await events()
  expect(kept.filter((kind) => kind === 'leader')).toHaveLength(1_000)
  expect(kept.filter((text) => text.includes('further leader steps are not kept until'))).toHaveLength(1)
})

test('an operator who acts again and again is stopped before the record is full, and others are not', {
  timeout: 60_000,
}, async () => {
  await harness.start()
  const operator = (name: string) =>
    harness.admin(mintOf(harness.path('pki')).issue({ kind: 'operator', name, role: 'publish' }))
  const forget = (admin: ReturnType<typeof operator>) =>
    new Promise<string>((resolve) =>
      admin.Forget({ nodes: ['nobody'] }, (error) => resolve(error?.details ?? 'done')),
    )
  const eve = operator('eve')
  const said = new Set<string>()
  for (let count = 0; count < 1_300 && ![...said].some((text) => text.startsWith('TOO_MANY')); count += 50) {
    for (const text of await Promise.all(Array.from({ length: 50 }, () => forget(eve)))) said.add(text)
  }

  expect([...said].map((text) => text.split(':')[0])).toEqual(['NAME_UNKNOWN', 'TOO_MANY_REQUESTS'])
  expect(await forget(operator('ann'))).toContain('NAME_UNKNOWN')
})

test('a request that is too big is refused before anybody takes it apart', async () => {
  await harness.start()
  const admin = harness.admin(
    mintOf(harness.path('pki')).issue({ kind: 'operator', name: 'ann', role: 'read' }),
  )
  const ask = (name: string) =>
    new Promise<string>((resolve) =>
      admin.Status({ names: [name] }, (error) => resolve(error?.details ?? 'answered')),
    )

  // grpc-js keeps to itself what a decoder says.
  expect(await ask('x'.repeat(1 << 20))).toBe('Error deserializing request')
  expect(await ask('nobody')).toContain('NAME_UNKNOWN')
})

test('what a refused caller says of itself is not kept', async () => {
  await harness.start()
  const node = harness.admin(nodePem())
  const claimed = 'x'.repeat(1_000 * 1_000)
  const before = process.memoryUsage().heapUsed
  for (let count = 0; count < 60; count += 1) {
    const call = node.Publish({ pattern: `p${count}`, options: { operator: `${claimed}${count}` } })
    await new Promise<void>((resolve) => {
      call.on('error', () => resolve())
      call.on('end', () => resolve())
      call.resume()
    })
  }
  // Collected when there is need: what is held stays.
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()

  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * 1024 * 1024)
})

test('connections with one name are bounded, and those of others are not touched', async () => {
  await harness.start({ max_connections_per_name: 3, max_connections: 5 })
  const [one, two] = [nodePem(), nodePem('n2')]

  expect(await Promise.all([1, 2, 3].map(() => knock(one)))).toEqual(['served', 'served', 'served'])
  expect(await knock(one)).toBe('closed')
  expect([await knock(two), await knock(two)]).toEqual(['served', 'served'])
  expect(await knock(nodePem('n3'))).toBe('closed') // five in all
  for (const socket of sockets.splice(0)) socket.destroy()
  await until('room again', async () => (await knock(one)) === 'served')
})

/** Stays connected when it is served. */
function knock({ ca, cert, key }: Pem): Promise<'served' | 'closed'> {
  return new Promise((resolve) => {
    const to = {
      host: '127.0.0.1',
      port: harness.port,
      servername: 'pgsvc-controller',
      ALPNProtocols: ['h2'],
    }
    const options: ConnectionOptions = { ...to, ca, cert, key }
    const socket = connect(options)
    sockets.push(socket)
    socket.on('data', () => resolve('served'))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve('closed'))
  })
}

test('a stream whose certificate ends under it is ended', { timeout: 60_000 }, async () => {
  await harness.start()
  const seconds = 4
  const ageMs = 24 * 3_600_000 - seconds * 1_000
  const agent = harness.agent(
    'n1',
    mintOf(harness.path('pki')).issue({ kind: 'node', name: 'n1' }, { ageMs }),
  )
  await until('welcome', () => agent.heard.length > 0)

  await until('its end', () => agent.ended !== undefined, 45_000)

  expect(agent.ended).toEqual({ code: 16, details: 'the certificate of this stream has expired' })
})

test('a node has no say about clusters that it is not assigned', async () => {
  await harness.start()
  const [own, other] = [harness.agent('n1', nodePem()), harness.agent('n2', nodePem('n2'))]
  await until('both', () => own.heard.length > 0 && other.heard.length > 0)
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'x'))
  await publish(harness.admin(), { pattern: 'pg-a' })
  const view = {
    ...{
      owner: 'pg-a',
      confirmed: true,
      sinceMs: 5,
      running: 'pg-a-2',
      source: 'patroni',
      timings: noTimings,
    },
    ...({ follow: 'on', held: undefined } as const),
  }

  other.report({ owner: 'pg-a', step: 'confirmed', leader: 'pg-a-2' })
  other.observe([{ ...view, leader: 'pg-a-2' }])
  own.observe([{ ...view, leader: 'pg-a-1', running: 'pg-a-1' }])

  await until('what n1 sees', async () => (await leaders()).length > 0)
  expect(await leaders()).toEqual([['n1', 'pg-a-1']])
  expect(own.hints).toEqual([])
  expect(other.heard).toEqual(['welcome n2'])
})

async function leaders(): Promise<readonly (readonly [string, string | undefined])[]> {
  const answer = await new Promise<{
    clusters: readonly { nodes: readonly { node: string; view: { leader: string } | null }[] }[]
  }>((resolve, reject) =>
    harness
      .admin()
      .Leaders({}, (error, response) => (error || !response ? reject(error) : resolve(response))),
  )
  return answer.clusters.flatMap(({ nodes }) =>
    nodes.filter(({ view }) => view?.leader !== '').map(({ node, view }) => [node, view?.leader] as const),
  )
}
