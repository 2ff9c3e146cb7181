import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerCredentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { initAuthority, issueCertificate } from '../../controller/pki/pki.ts'
import { mintOf } from '../support/mint.ts'
import { type FakeController, startFakeController } from './cli-fake-controller.ts'
import { runCommand } from './cli-process.ts'

let directory: string
let fake: FakeController
let operator: { cert: string; key: string }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pgsvc-cli-tls-'))
  initAuthority(directory, Date.now())
  const controller = issueCertificate(
    { kind: 'controller' },
    { dir: directory, out: directory, days: 1, nowMs: Date.now() },
  )
  operator = issueCertificate(
    { kind: 'operator', name: 'dba', role: 'publish' },
    { dir: directory, out: directory, days: 1, nowMs: Date.now() },
  )
  const pair = { cert_chain: await readFile(controller.cert), private_key: await readFile(controller.key) }
  fake = await startFakeController(
    ServerCredentials.createSsl(await readFile(join(directory, 'ca.crt')), [pair], true),
  )
  fake.script = {
    act: async (_method, _request, stream) => stream.send({ result: { ok: true, committed: true } }),
  }
})
afterAll(async () => {
  await fake.stop()
  await rm(directory, { recursive: true, force: true })
})

test("with an operator's certificate a controller on another host is asked", async () => {
  const run = await runCommand('pgsql-svc', ['pg-test', '--controller', fake.address], {
    PGSVC_TLS_CA: join(directory, 'ca.crt'),
    PGSVC_TLS_CERT: operator.cert,
    PGSVC_TLS_KEY: operator.key,
  })

  expect(run.status).toBe(0)
  expect(run.stdout).toContain('complete!')
})

test('whose own certificate ends soon is told so, on standard error', async () => {
  const dayMs = 86_400_000
  const run = async (ageMs: number) => {
    const { cert, key } = mintOf(directory).issue(
      { kind: 'operator', name: 'ann', role: 'plan' },
      { days: 30, ageMs },
    )
    const [certPath, keyPath] = [join(directory, 'ann.crt'), join(directory, 'ann.key')]
    await writeFile(certPath, cert)
    await writeFile(keyPath, key)
    return runCommand('pgsql-svc', ['pg-test', '--controller', fake.address, '--json'], {
      PGSVC_TLS_CA: join(directory, 'ca.crt'),
      PGSVC_TLS_CERT: certPath,
      PGSVC_TLS_KEY: keyPath,
    })
  }

  const [early, late] = [await run(20 * dayMs), await run(26.5 * dayMs)]

  expect([early.status, early.stderr, late.status]).toEqual([0, '', 0])
  expect(late.stderr).toBe(
    'your certificate ends in 3 days: on the admin node "pgsvc pki issue operator ann --role plan" makes another\n',
  )
  expect(JSON.parse(late.stdout)).toMatchObject({ event: 'summary', ok: true })
})

test('without a certificate the command says what is missing', async () => {
  const run = await runCommand('pgsql-svc', ['pg-test', '--controller', fake.address])

  expect(run.status).toBe(2)
  expect(run.stdout).toContain('OPERATOR_CERTIFICATE: a controller on another host needs --tls-ca')
})

test('an authority that did not sign the controller is not trusted', async () => {
  const other = join(directory, 'other')
  initAuthority(other, Date.now())

  const run = await runCommand(
    'pgsql-svc',
    ['pg-test', '--controller', fake.address, '--tls-ca', join(other, 'ca.crt')],
    {
      PGSVC_TLS_CERT: operator.cert,
      PGSVC_TLS_KEY: operator.key,
    },
  )

  expect(run.status).toBe(2)
  expect(run.stdout).toContain('no controller answers at 127.0.0.1')
})

test('a file of authorities with one that cannot be read is refused as a whole, and without a newline between two it is read', async () => {
  const other = join(directory, 'second')
  initAuthority(other, Date.now())
  const caOf = (dir: string) => readFile(join(dir, 'ca.crt'), 'utf8')
  const [own, second] = [await caOf(directory), await caOf(other)]
  const bundle = join(directory, 'bundle.crt')
  const run = async (text: string) => {
    await writeFile(bundle, text)
    return runCommand('pgsql-svc', ['pg-test', '--controller', fake.address, '--tls-ca', bundle], {
      PGSVC_TLS_CERT: operator.cert,
      PGSVC_TLS_KEY: operator.key,
    })
  }

  const cut = await run(`${own}${second.replace(/\n.{20}/, '\n')}`)
  const joined = await run(`${second.trimEnd()}${own}`)

  expect([cut.status, cut.stdout]).toEqual([
    2,
    expect.stringMatching(
      /OPERATOR_CERTIFICATE: certificate 2 of --tls-ca, .*bundle\.crt \(line \d+\) cannot/,
    ),
  ])
  expect(joined.status).toBe(0)
})
