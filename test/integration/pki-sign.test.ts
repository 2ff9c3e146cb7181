/** `pgsvc pki sign`: the way by hand from a node's request to its certificate, and who went it. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditResponse.ts'
import { NodeProcess } from '../support/node-process.ts'
import { runCommand } from './cli-process.ts'
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
