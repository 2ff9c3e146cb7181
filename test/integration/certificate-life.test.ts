/** Certificates over their life: renewed over the stream, withdrawn, moved to another authority. Real agents. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { copyFileSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditResponse.ts'
import type { Certificate__Output } from '../../shared/rpc/generated/pgsvc/v1/Certificate.ts'
import type { CertificatesResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { SignNodeResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/SignNodeResponse.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { mintOf } from '../support/mint.ts'
import { NodeProcess } from '../support/node-process.ts'
import { type Pem, until } from './controller-agent.ts'
import { Harness } from './controller-harness.ts'

let harness: Harness
let node: NodeProcess

const hourMs = 3_600_000
const n1 = { kind: 'node', name: 'n1' } as const

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  node = new NodeProcess(harness.path('n1'), 'n1')
})

afterEach(async () => {
  await node.kill()
  await harness.destroy()
})

/** One call; the types are the service's own. */
function ask<Response>(
  work: (done: (error: Error | null, response?: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    work((error, response) => (error || response === undefined ? reject(error) : resolve(response))),
  )
}

const status = () => ask<StatusResponse__Output>((done) => harness.admin().Status({}, done))
const certificates = (all = true) =>
  ask<CertificatesResponse__Output>((done) => harness.admin().Certificates({ all }, done))

async function statusOfNode() {
  return (await status()).nodes.find((one) => one.node === 'n1')
}

async function isConnected(): Promise<boolean> {
  return (await statusOfNode())?.connected === true
}

/** Streams that the agent has had since it was started. */
function streams(): number {
  return node.log.split('"msg":"connected"').length - 1
}

/** What was said of n1's coming and going. */
async function presence(): Promise<readonly string[]> {
  const kinds: string[] = []
  for await (const event of harness.admin().Events({ names: [] }) as AsyncIterable<Event__Output>) {
    if (event.node === 'n1' && event.kind.endsWith('connected')) kinds.push(event.kind)
  }
  return kinds
}

/** Whom n1 was told to believe, each time that it changed. */
async function believed(): Promise<readonly string[]> {
  const told: string[] = []
  for await (const { message } of harness.admin().Events({ names: [] }) as AsyncIterable<Event__Output>) {
    const [, now] = /^the node believes other authorities now: (.*)$/.exec(message) ?? []
    if (now !== undefined) told.push(now)
  }
  return told
}

function shortOf(certificate: X509Certificate): string {
  return `${short(certificate)}; before: `
}

function short({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').slice(0, 16)
}

/** The audit record's lines of whom the controller believes. */
async function authoritiesOnRecord(): Promise<readonly string[]> {
  const { records } = await ask<AuditResponse__Output>((done) => harness.admin().Audit({}, done))
  return records.filter(({ what }) => what === 'tls_ca').map(({ detail }) => detail)
}

function serialOf(pem: string | Buffer): string {
  return new X509Certificate(pem).serialNumber
}

function isPairInPlace(): boolean {
  return new X509Certificate(node.read('agent.crt')).checkPrivateKey(createPrivateKey(node.read('agent.key')))
}

test('at two thirds of its life a certificate is replaced over the stream, which goes on', {
  timeout: 120_000,
}, async () => {
  await harness.start({ node_certificate_days: 30 })
  const old = mintOf(harness.path('pki')).issue(n1, { days: 1, ageMs: 18 * hourMs })
  node.put(old)
  node.start(harness.port)

  await until('a new certificate', () => serialOf(node.read('agent.crt')) !== serialOf(old.cert), 60_000)
  await until(
    'word of it',
    async () => ((await statusOfNode())?.certificateNotAfterMs ?? 0) > Date.now() + 29 * 24 * hourMs,
    60_000,
  )

  const now = node.read('agent.crt')
  expect(isPairInPlace()).toBe(true)
  expect(lstatSync(node.path('agent.key')).isSymbolicLink()).toBe(true)
  expect(await presence()).toEqual(['connected'])
  expect(streams()).toBe(1)
  const known = (await certificates()).certificates.filter(({ name }) => name === 'n1')
  expect(known.map(({ serial, state, signedBy }: Certificate__Output) => [serial, state, signedBy])).toEqual([
    [serialOf(now), 'CERTIFICATE_STATE_VALID', 'node n1'],
    [serialOf(old.cert), 'CERTIFICATE_STATE_REPLACED', ''],
  ])
  // The new pair is the one that counts after a restart.
  await node.kill()
  await until('its absence', async () => !(await isConnected()))
  node.start(harness.port)
  await until('its return', isConnected, 60_000)
  expect(serialOf(node.read('agent.crt'))).toBe(serialOf(now))
  await until(
    'metrics',
    () => node.read('pgsvc.prom').includes('pgsvc_agent_certificate_expiry_timestamp_seconds'),
    60_000,
  )
})

test('where nobody can sign, the old pair stays in use, and status says what is wrong', {
  timeout: 120_000,
}, async () => {
  await harness.start({ ca_dir: harness.path('nowhere') })
  const old = mintOf(harness.path('pki')).issue(n1, { days: 1, ageMs: 18 * hourMs })
  node.put(old)
  node.start(harness.port)

  await until(
    'the problem',
    async () => ((await statusOfNode())?.problems ?? []).join().includes('PKI_MISSING'),
    60_000,
  )

  expect(serialOf(node.read('agent.crt'))).toBe(serialOf(old.cert))
  expect(lstatSync(node.path('agent.crt')).isSymbolicLink()).toBe(false)
  expect(await presence()).toEqual(['connected'])
  expect(streams()).toBe(1)
})

test('who is withdrawn is out at once, and in again with a new key', { timeout: 180_000 }, async () => {
  await harness.start()
  const first = mintOf(harness.path('pki')).issue(n1)
  node.put(first)
  node.start(harness.port)
  await until('the agent', isConnected, 60_000)
  const sign = (csrPem: string) =>
    ask<SignNodeResponse__Output>((done) => harness.admin().SignNode({ node: 'n1', csrPem }, done))

  const revoked = await ask<{ ended: number; serials: readonly string[] }>((done) =>
    harness.admin().RevokeNode({ node: 'n1', unseen: true }, done),
  )

  // Not within a minute, but before the answer.
  expect(revoked).toMatchObject({ ended: 1, serials: [serialOf(first.cert)] })
  expect(await isConnected()).toBe(false)
  await until('its next attempts', () => node.log.split('this certificate was revoked').length > 2, 60_000)
  expect(await isConnected()).toBe(false)
  expect((await statusOfNode())?.problems).toContain('its certificate was revoked')
  // Nobody else may use the key either.
  await expect(sign(await node.act(['request-certificate']))).rejects.toMatchObject({
    details: expect.stringContaining('KEY_REVOKED'),
  })

  const { certPem, caPem } = await sign(await node.act(['request-certificate', '--new-key']))
  expect(serialOf(node.read('agent.crt'))).toBe(serialOf(first.cert))
  await node.act(['install-certificate'], certPem + caPem)

  await until('the agent again', isConnected, 90_000)
  expect((await statusOfNode())?.problems).not.toContain('its certificate was revoked')
  // And the old pair is still of no use.
  const thief = harness.agent('n1', first)
  await until('the refusal', () => thief.ended !== undefined)
  expect(thief.ended).toEqual({ code: 16, details: 'this certificate was revoked' })
})

test('authorities that were exchanged while no controller ran are on record, and their order means nothing', async () => {
  await harness.authority('next')
  const bundle = harness.path('trusted.crt')
  const trust = (...names: readonly string[]) =>
    writeFileSync(bundle, names.map((name) => readFileSync(harness.path(`${name}/ca.crt`), 'utf8')).join(''))
  const [a, b] = ['pki', 'next'].map((name) =>
    short(new X509Certificate(readFileSync(harness.path(`${name}/ca.crt`)))),
  )
  const starts: readonly (readonly string[])[] = [['pki'], ['pki'], ['pki', 'next'], ['next', 'pki']]
  for (const names of starts) {
    trust(...names)
    await harness.start({ tls_ca: bundle })
    await harness.stop()
  }
  await harness.start({ tls_ca: bundle })

  expect(await authoritiesOnRecord()).toEqual([`${[a, b].sort().join(', ')}; before: ${a}`])
})

test('an operator who is withdrawn sees no further event, and the others do', async () => {
  await harness.start()
  const follow = async (name: string) => {
    const pem = mintOf(harness.path('pki')).issue({ kind: 'operator', name, role: 'read' })
    const call = harness.admin(pem).Events({ names: [], follow: true })
    const seen = { kinds: [] as string[], end: '' }
    call.on('data', ({ kind }: Event__Output) => seen.kinds.push(kind))
    call.on('error', ({ message }: Error) => {
      seen.end = message
    })
    await until(`${name} to be known`, async () =>
      (await certificates()).certificates.some((one) => one.name === name),
    )
    await until(`${name} to see what was`, () => seen.kinds.includes('controller'))
    return seen
  }
  const [eve, ann] = [await follow('eve'), await follow('ann')]

  const revoked = await ask<{ ended: number }>((done) =>
    harness.admin().RevokeOperator({ operator: 'eve' }, done),
  )

  expect(revoked.ended).toBe(1)
  await until('the end', () => eve.end !== '')
  expect(eve.end).toContain('this certificate was revoked')
  await until('the event', () => ann.kinds.includes('revoked'))
  expect([eve.kinds, ann.end]).toEqual([['controller'], ''])
})

test("the controller's own certificate is renewed, and read anew, without an interruption", {
  timeout: 120_000,
}, async () => {
  await harness.start()
  const pem = mintOf(harness.path('pki')).issue(n1)
  node.put(pem)
  node.start(harness.port)
  await until('the agent', isConnected, 60_000)
  const before = await shownBy(harness.port, pem)

  await ask((done) => harness.admin().Renew({ controller: true }, done))

  const after = await shownBy(harness.port, pem)
  expect(after).not.toBe(before)
  expect(serialOf(readFileSync(harness.path('pki/controller.crt')))).toBe(after)
  // Somebody else may replace the files just as well.
  const others = mintOf(harness.path('pki')).issue({ kind: 'controller' })
  writeFileSync(harness.path('pki/controller.crt'), others.cert)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(await shownBy(harness.port, pem)).toBe(after) // a certificate without its key is not taken
  writeFileSync(harness.path('pki/controller.key'), others.key)
  await until(
    'the other one',
    async () => (await shownBy(harness.port, pem)) === serialOf(others.cert),
    30_000,
  )
  expect(await presence()).toEqual(['connected'])
  expect(streams()).toBe(1)
})

/** Serial number of the certificate that the controller shows. */
function shownBy(port: number, { ca, cert, key }: Pem): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: 'pgsvc-controller',
      ALPNProtocols: ['h2'],
      ca,
      cert,
      key,
    }
    const socket = connect(options, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('another authority takes over, step by step as docs/operations.md has it, and nobody is away for long', {
  timeout: 240_000,
}, async () => {
  await harness.authority('next')
  const bundle = harness.path('trusted.crt')
  const trust = (...names: readonly string[]) =>
    writeFileSync(bundle, names.map((name) => readFileSync(harness.path(`${name}/ca.crt`), 'utf8')).join(''))
  const authority = harness.path('authority')
  const signWith = (name: string) => {
    for (const file of ['ca.crt', 'ca.key'])
      copyFileSync(harness.path(`${name}/${file}`), `${authority}/${file}`)
  }
  await harness.authority('authority')
  signWith('pki')
  trust('pki')
  await harness.start({ tls_ca: bundle, ca_dir: authority })
  node.put(mintOf(harness.path('pki')).issue(n1))
  node.start(harness.port)
  await until('the agent', isConnected, 60_000)
  const next = new X509Certificate(readFileSync(harness.path('next/ca.crt')))
  const isFromNext = (pem: string) => new X509Certificate(pem).verify(next.publicKey)
  const renewed = async () => {
    const before = serialOf(node.read('agent.crt'))
    await ask((done) => harness.admin().Renew({}, done))
    await until('a new certificate', () => serialOf(node.read('agent.crt')) !== before, 60_000)
  }

  // A copy of the controller's key and certificate, in the wrong hands.
  const stolen = new X509Certificate(readFileSync(harness.path('pki/controller.crt')))
  const isBelieved = () => stolen.verify(new X509Certificate(node.read('ca.crt')).publicKey)
  expect(isBelieved()).toBe(true)
  // Somebody who has the old authority's key has let himself in.
  const thief = harness.admin(
    mintOf(harness.path('pki')).issue({ kind: 'operator', name: 'eve', role: 'administer' }),
  )
  const steal = () => ask<StatusResponse__Output>((done) => thief.Status({}, done))
  await steal()
  // 1. Both are trusted, the new one signs.
  trust('pki', 'next')
  signWith('next')
  await until('both', async () => (await certificates()).authorities.length === 2, 30_000)
  await renewed()
  expect(isFromNext(node.read('agent.crt'))).toBe(true)
  expect(node.read('ca.crt')).toBe(readFileSync(bundle, 'utf8'))
  // 2. The controller's own certificate.
  await ask((done) => harness.admin().Renew({ controller: true }, done))
  expect(isFromNext(readFileSync(harness.path('pki/controller.crt'), 'utf8'))).toBe(true)
  // 3. The old authority goes, and who came in by it: the agent comes back at once with what it has got meanwhile.
  trust('next')
  await until('one', async () => (await certificates()).authorities.length === 1, 30_000)
  await expect(steal()).rejects.toMatchObject({ code: 14 })
  await until('the agent again', async () => streams() === 2 && (await isConnected()), 60_000)
  await renewed()
  await until(
    'the end of the old authority on the node',
    () => node.read('ca.crt') === readFileSync(bundle, 'utf8'),
    30_000,
  )

  expect(isBelieved()).toBe(false)
  // Whom the controller believed is on record.
  const [a, b] = [short(new X509Certificate(readFileSync(harness.path('pki/ca.crt')))), short(next)]
  const both = [a, b].sort().join(', ')
  expect(await authoritiesOnRecord()).toEqual([`${both}; before: ${a}`, `${b}; before: ${both}`])
  // Whom the node believed, and since when, is told on both sides.
  expect(node.log).toContain('the authorities that this node believes have changed')
  await until('word of it', async () => (await believed()).at(-1)?.startsWith(shortOf(next)) === true, 30_000)

  expect(await presence()).toEqual(['connected'])
  expect(streams()).toBe(2)
  await node.kill()
  node.start(harness.port)
  await until('its return', isConnected, 60_000)
  const stranger = harness.agent('n1', mintOf(harness.path('pki')).issue(n1))
  await until('the refusal', () => stranger.ended !== undefined)
  expect(stranger.ended?.code).toBe(14)
})
