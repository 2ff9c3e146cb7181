/** A file of authorities that cannot be read as a whole changes nothing: not who is believed, and nothing else either. */
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import type { AuditResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditResponse.ts'
import type { CertificatesResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { mintOf } from '../support/mint.ts'
import { NodeProcess } from '../support/node-process.ts'
import { type Pem, until } from './controller-agent.ts'
import { type AdminClient, Harness } from './controller-harness.ts'

let harness: Harness

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.authority('next')
  await harness.issue({ kind: 'controller' })
  put(ca('pki'))
})

afterEach(() => harness.destroy())

const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const lookMs = 30_000
const bundle = () => harness.path('trusted.crt')
const put = (text: string) => writeFileSync(bundle(), text)
const ca = (name: string) => readFileSync(harness.path(`${name}/ca.crt`), 'utf8')
const printOf = (name: string) => new X509Certificate(ca(name)).fingerprint256
const start = () => harness.start({ tls_ca: bundle() })
const certificateOf = (node: string, by = 'pki') =>
  mintOf(harness.path(by), harness.path('pki')).issue({ kind: 'node', name: node })

async function connected(node: string, pem = certificateOf(node)) {
  const agent = harness.agent(node, pem)
  await until(`${node} to be let in`, () => agent.heard.length > 0)
  return agent
}

function ask<Response>(
  work: (done: (error: Error | null, response?: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    work((error, response) => (error || response === undefined ? reject(error) : resolve(response))),
  )
}

const status = (admin: AdminClient = harness.admin()) =>
  ask<StatusResponse__Output>((done) => admin.Status({}, done))
const authorities = async () =>
  (await ask<CertificatesResponse__Output>((done) => harness.admin().Certificates({}, done))).authorities.map(
    ({ fingerprint }) => fingerprint,
  )

/** What is on record of a change of the authorities. */
async function onRecord(): Promise<{ readonly audit: number; readonly events: number }> {
  const { records } = await ask<AuditResponse__Output>((done) => harness.admin().Audit({}, done))
  let events = 0
  for await (const { message } of harness.admin().Events({ names: [] }) as AsyncIterable<Event__Output>)
    if (message.startsWith('the controller believes other authorities now')) events += 1
  return { audit: records.filter(({ what }) => what === 'tls_ca').length, events }
}

/** That the controller has looked at the file as it is now, and says what is wrong. */
async function saysWhatIsWrong(): Promise<void> {
  await until(
    'status to tell it',
    async () =>
      (await status()).problems.some((one) =>
        /old ones go on: TLS_UNREADABLE: certificate \d of tls_ca, .*trusted\.crt \(line \d+\) cannot be read/.test(
          one,
        ),
      ),
    lookMs,
  )
}

test.each([
  [
    'a second block that cannot be read',
    () => ca('pki') + broken,
    /^certificate 2 of tls_ca, .*trusted\.crt/,
  ],
  ['nothing in it', () => '', /^there is no certificate in tls_ca, .*trusted\.crt$/],
  ['one that was cut', () => ca('pki').replace(/-----END.*/s, ''), /^line 1 of tls_ca, .* BEGIN CERTIFICATE/],
])('a controller does not start with %s, and says where it is', async (_what, textOf, message) => {
  put(textOf())

  await expect(start()).rejects.toMatchObject({
    code: 'TLS_UNREADABLE',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('ca.crt'),
  })
})

test('an authority added before a broken block is not believed, and those inside stay', async () => {
  const operator = async (name: string, by: string): Promise<Pem> =>
    harness.issue({ kind: 'operator', name, role: 'administer' }, by)
  const [alice, mallory] = [await operator('alice', 'pki'), await operator('mallory', 'next')]
  await start()
  const n1 = await connected('n1')

  put(ca('pki') + ca('next') + broken)
  await saysWhatIsWrong()

  await expect(status(harness.admin(mallory))).rejects.toThrow('UNAVAILABLE')
  expect((await status(harness.admin(alice))).nodes.map(({ node }) => node)).toEqual(['n1'])
  expect([await authorities(), await onRecord(), n1.ended]).toEqual([
    [printOf('pki')],
    { audit: 0, events: 0 },
    undefined,
  ])

  // And mended it is as if nothing had been: believed, and on record once.
  put(ca('pki') + ca('next'))
  await until('the change', async () => (await onRecord()).events > 0, lookMs)
  await until('nothing to be wrong', async () => (await status()).problems.length === 0)
  await status(harness.admin(mallory))
  expect([await authorities(), await onRecord(), n1.ended]).toEqual([
    [printOf('pki'), printOf('next')],
    { audit: 1, events: 1 },
    undefined,
  ])
})

test('with a broken block in the file nodes still get certificates, and the authorities of before', async () => {
  await start()
  const n1 = await connected('n1')
  put(ca('pki') + broken)
  await saysWhatIsWrong()

  n1.send({ certificateRequest: { csrPem: signingRequest(newKey()) } })
  await until('the answer', () => n1.signed.length > 0)

  expect(n1.signed.map(({ code, caPem }) => ({ code, caPem }))).toEqual([{ code: '', caPem: ca('pki') }])
  expect(n1.ended).toBe(undefined)
})

test('two files put together without a newline between them are two authorities, also at the next start', async () => {
  await start()
  const n1 = await connected('n1')

  put(ca('pki').trimEnd() + ca('next'))
  await until('the change', async () => (await onRecord()).events > 0, lookMs)

  expect(await authorities()).toEqual([printOf('pki'), printOf('next')])
  for (const by of ['pki', 'next']) (await connected(`of-${by}`, certificateOf(`of-${by}`, by))).close()
  expect(n1.ended).toBe(undefined)
  await harness.stop()
  await start()
  for (const by of ['pki', 'next']) await connected(`again-${by}`, certificateOf(`again-${by}`, by))
  expect(await onRecord()).toEqual({ audit: 1, events: 1 })
})

test('an agent whose authorities were broken goes on with those of before, says so, and leaves the file alone', async () => {
  await start()
  const node = new NodeProcess(harness.path('n1'), 'n1')
  node.put(certificateOf('n1'))
  const streams = () => node.log.split('"msg":"connected"').length - 1
  const problems = async () => (await status()).nodes.flatMap((one) => one.problems)
  try {
    node.start(harness.port)
    await until('the agent to come', () => streams() === 1, lookMs)
    await until('nothing to be wrong', async () => !(await problems()).join().includes('CERTIFICATE'), lookMs)
    const text = ca('pki') + ca('next') + broken
    writeFileSync(node.path('ca.crt'), text)

    // Asked for a new certificate, it looks.
    await ask((done) => harness.admin().Renew({ nodes: ['n1'] }, done))
    await until(
      'status to tell it',
      async () =>
        (await problems()).some((one) =>
          /^CERTIFICATE_UNREADABLE: certificate 3 of .*ca\.crt \(line \d+\) cannot be read/.test(one),
        ),
      lookMs,
    )

    const { port } = harness
    await harness.stop()
    await harness.start({ tls_ca: bundle(), listen: `127.0.0.1:${port}` })
    await until('the agent to come again', () => streams() === 2, lookMs)
    expect(node.read('ca.crt')).toBe(text)
    expect(node.log).toContain('the authorities in place cannot be read; those of before go on')
    expect(node.log).not.toContain('have changed')

    // Mended, what failed is done at once.
    writeFileSync(node.path('ca.crt'), ca('pki').trimEnd() + ca('next'))
    await until('the renewal', () => node.log.includes('"msg":"certificate renewed"'), 2 * lookMs)
    await until('nothing to be wrong', async () => !(await problems()).join().includes('CERTIFICATE'), lookMs)
    expect(node.read('ca.crt')).toBe(ca('pki'))
  } finally {
    await node.kill()
  }
})
