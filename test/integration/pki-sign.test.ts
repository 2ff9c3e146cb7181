/** `pgsvc pki sign`: the way by hand from a node's request to its certificate, and who went it. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditResponse.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { mintOf } from '../support/mint.ts'
import { NodeProcess } from '../support/node-process.ts'
import { runCommand } from './cli-process.ts'
import { until } from './controller-agent.ts'
import { Harness } from './controller-harness.ts'

let harness: Harness
let node: NodeProcess

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  await harness.start()
  node = new NodeProcess(harness.path('n1'), 'n1')
})

afterEach(async () => {
  await node.kill()
  await harness.destroy()
})

const pki = (args: readonly string[], input?: string) =>
  runCommand('pgsvc', ['pki', ...args, '--controller', `unix:${harness.socket}`], {}, input)

test('what it prints is what a node takes, and the act is on record', { timeout: 60_000 }, async () => {
  const csr = await node.act(['request-certificate'])

  const signed = await pki(['sign', 'n1'], csr)

  expect([signed.status, signed.stderr]).toEqual([
    0,
    expect.stringMatching(/^certificate [0-9A-F]+ of node n1, valid until .*Z\n$/),
  ])
  await node.act(['install-certificate'], signed.stdout)
  const installed = new X509Certificate(node.read('agent.crt'))
  expect(installed.subjectAltName).toContain('pgsvc://node/n1')
  expect(installed.checkPrivateKey(createPrivateKey(node.read('agent.key')))).toBe(true)
  const { records } = await new Promise<AuditResponse__Output>((resolve, reject) =>
    harness.admin().Audit({}, (error, answer) => (answer ? resolve(answer) : reject(error))),
  )
  expect(records.filter(({ what }) => what === 'SignNode')).toMatchObject([{ detail: 'n1', outcome: 'ok' }])
})

test('a node that a stolen controller has brought to another authority is taken in again with a new key', {
  timeout: 120_000,
}, async () => {
  await harness.authority('thief')
  node.put(mintOf(harness.path('thief')).issue({ kind: 'node', name: 'n1' }))
  node.start(harness.port)
  await until(
    'its refusal',
    () => node.log.includes('UNAVAILABLE') || node.log.includes('certificate'),
    60_000,
  )

  // What docs/operations.md has for it, and what enroll does over SSH.
  const signed = await pki(['sign', 'n1'], await node.act(['request-certificate', '--new-key']))
  await node.act(['install-certificate'], signed.stdout)

  await until('the agent', async () => (await nodes()).includes('n1'), 60_000)
  expect(node.read('ca.crt').trim()).toBe(readFileSync(harness.path('pki/ca.crt'), 'utf8').trim())
  await until(
    'word of it',
    () => node.log.includes('the authorities that this node believes have changed'),
    60_000,
  )
})

async function nodes(): Promise<readonly string[]> {
  const { nodes: known } = await new Promise<StatusResponse__Output>((resolve, reject) =>
    harness.admin().Status({}, (error, answer) => (answer ? resolve(answer) : reject(error))),
  )
  return known.filter(({ connected }) => connected).map(({ node: name }) => name)
}

test('a request may come from a file, and one that is none is refused', { timeout: 60_000 }, async () => {
  const path = harness.path('n1.csr')
  writeFileSync(path, await node.act(['request-certificate']))

  const [good, missing, wrong] = [
    await pki(['sign', 'n1', '--request', path]),
    await pki(['sign', 'n1', '--request', harness.path('nothing')]),
    await pki(['sign', 'n1'], 'no request'),
  ]

  expect(new X509Certificate(good.stdout).subjectAltName).toContain('pgsvc://node/n1')
  expect([missing.status, missing.stdout, missing.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('REQUEST_INVALID'),
  ])
  expect([wrong.status, wrong.stdout, wrong.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('REQUEST_INVALID'),
  ])
})
