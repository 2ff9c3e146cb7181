import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Health } from '../../shared/rpc/services.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type Pem, until } from './controller-agent.ts'
import { Harness, publish } from './controller-harness.ts'

let harness: Harness
let n1: Pem

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  n1 = await harness.issue({ kind: 'node', name: 'n1' })
})

afterEach(() => harness.destroy())

test('a stop ends the agents with a word, and a second start finds everything', async () => {
  await harness.start()
  await harness.visit('n1', n1)
  harness.inventory.set('pg-test', samplePlan('pg-test', ['n1'], 'one'))
  await publish(harness.admin(), { pattern: 'pg-test' })
  const agent = harness.agent('n1', n1)
  await until('the snapshot', () => agent.heard.includes('snapshot v1 pg-test@1'))

  await harness.stop()

  await until('the end', () => agent.ended !== undefined)
  expect(agent.ended).toMatchObject({ code: 14 })
  await harness.start()
  const again = harness.agent('n1', n1)
  await until('the snapshot', () => again.heard.includes('snapshot v1 pg-test@1'))
})

test('both sides beat, and an agent that falls silent is given up', async () => {
  await harness.start({ heartbeat_ms: 100, silence_ms: 300 })
  const agent = harness.agent('n1', n1)
  await until('a heartbeat', () => agent.heartbeats > 0)

  await until('the end', () => agent.ended !== undefined)

  expect(agent.ended).toMatchObject({ code: 14, details: 'nothing heard for 300 ms' })
})

test('an agent that beats is kept', async () => {
  await harness.start({ heartbeat_ms: 100, silence_ms: 1_000 })
  const agent = harness.agent('n1', n1)
  for (let beats = 0; beats < 15; beats += 1) {
    agent.send({ heartbeat: {} })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }

  expect(agent.ended).toBeUndefined()
})

test('a controller without state does not take away what a node runs', async () => {
  await harness.start()
  const agent = harness.agent(
    'n1',
    n1,
    {},
    { applied: [{ owner: 'pg-old', revision: 3, leader: 'a' }], appliedVersion: 9 },
  )
  await until('welcome', () => agent.heard.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 100))

  const status = await new Promise<{ nodes: { problems: string[] }[] } | undefined>((resolve, reject) => {
    harness.admin().Status({}, (error, response) => (error ? reject(error) : resolve(response)))
  })

  expect(agent.heard).toEqual(['welcome n1'])
  expect(status?.nodes[0]?.problems).toContain('runs pg-old, which was never published to it from here')
})

test('a socket file that nobody answers on is replaced', async () => {
  await harness.start()
  const abandoned = join(harness.dir, 'run', 'old.sock')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(abandoned, resolve))
  // An unref'd handle that is closed without unlinking is what kill -9 leaves behind.
  const { linkSync, unlinkSync } = await import('node:fs')
  linkSync(abandoned, `${abandoned}.kept`)
  await new Promise<void>((resolve) => server.close(() => resolve()))
  linkSync(`${abandoned}.kept`, abandoned)
  unlinkSync(`${abandoned}.kept`)
  await harness.stop()

  await harness.start({ socket: abandoned })

  const client = new Health(`unix:${abandoned}`, credentials.createInsecure())
  const answer = await new Promise((resolve, reject) => {
    client.Check({ service: '' }, (error, response) => (error ? reject(error) : resolve(response)))
  })
  expect(answer).toEqual({ status: 'SERVING' })
  client.close()
})

test('a second controller on the same socket does not start, and the first goes on', async () => {
  await harness.start()
  const second = new Harness()
  await second.authority()
  await second.issue({ kind: 'controller' })

  await expect(second.start({ socket: harness.socket })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })

  const agent = harness.agent('n1', n1)
  await until('welcome', () => agent.heard.length > 0)
  await second.destroy()
})

test('a plain file in place of the socket is left alone', async () => {
  const file = join(harness.dir, 'precious')
  writeFileSync(file, 'x')

  await expect(harness.start({ socket: file })).rejects.toMatchObject({ code: 'SOCKET_UNUSABLE' })
})

test('missing certificates are an error that says how to make them', async () => {
  const start = harness.start({ tls_cert: join(harness.dir, 'nowhere.crt') })

  await expect(start).rejects.toMatchObject({
    code: 'TLS_UNREADABLE',
    hint: expect.stringContaining('pgsvc pki'),
  })
})
