/** One attempt to renew: whatever is wrong with what comes back, nothing is exchanged. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RenewalPorts, renewOnce } from '../../../agent/identity/renew-once.ts'
import { openAuthority } from '../../../controller/pki/authority.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { keyOfRequest } from '../../../controller/pki/read-request.ts'
import { readPair } from '../../../shared/pki/pair-files.ts'
import { newKey, signingRequest } from '../../../shared/pki/signing-request.ts'
import { systemClock } from '../../../shared/ports/clock.ts'
import { type Files, systemFiles } from '../../../shared/ports/files.ts'
import { mintOf } from '../../support/mint.ts'

let dir: string
/** What could not be removed. */
let left: string[]
const file = (name: string) => join(dir, name)
const paths = () => ({ ca: file('ca.crt'), cert: file('agent.crt'), key: file('agent.key') })

beforeEach(() => {
  left = []
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-renew-'))
  initAuthority(file('pki'), Date.now())
  const { ca, cert, key } = mintOf(file('pki')).issue({ kind: 'node', name: 'n1' })
  writeFileSync(paths().ca, ca)
  writeFileSync(paths().cert, cert)
  writeFileSync(paths().key, key)
})

afterEach(() => rmSync(dir, { recursive: true }))

/** As a controller answers. */
function sign(csrPem: string, name = 'n1', ageMs = 0, by = 'pki') {
  const life = { nowMs: Date.now() - ageMs, days: 1 }
  const certificate = openAuthority(file(by), Date.now()).sign(
    { kind: 'node', name },
    keyOfRequest(csrPem),
    life,
  )
  const caPem = readFileSync(file(`${by}/ca.crt`), 'utf8')
  return { certPem: certificate.toString(), caPem, notAfterMs: 0, code: '', message: '' }
}

const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

const nothing = { certPem: '', caPem: '', notAfterMs: 0, code: 'PKI_MISSING', message: 'no authority' }
const good: Pick<RenewalPorts, 'ask' | 'probe'> = {
  ask: async (csrPem) => sign(csrPem),
  probe: async () => undefined,
}

function renew(
  how: Partial<Pick<RenewalPorts, 'ask' | 'probe'>>,
  areAuthoritiesFixed = false,
  files = systemFiles(),
) {
  const ports = {
    files,
    clock: systemClock(),
    onLeft: (path: string) => void left.push(path),
    ...good,
    ...how,
  }
  return renewOnce(ports, { node: 'n1', paths: paths(), areAuthoritiesFixed }, '10.10.10.10:9750')
}

test.each<[string, Partial<Pick<RenewalPorts, 'ask' | 'probe'>>, string]>([
  ['no answer', { ask: async () => undefined }, 'NO_ANSWER'],
  ['a refusal', { ask: async () => nothing }, 'PKI_MISSING'],
  ["another node's certificate", { ask: async (csr) => sign(csr, 'n2') }, 'CERTIFICATE_UNFIT'],
  ['one for another key', { ask: async () => sign(signingRequest(newKey())) }, 'CERTIFICATE_UNFIT'],
  ['one whose time is over', { ask: async (csr) => sign(csr, 'n1', 2 * 86_400_000) }, 'CERTIFICATE_UNFIT'],
  ['no authority with it', { ask: async (csr) => ({ ...sign(csr), caPem: '' }) }, 'CERTIFICATE_UNFIT'],
  [
    'an authority that cannot be read',
    { ask: async (csr) => ({ ...sign(csr), caPem: sign(csr).caPem + broken }) },
    'CERTIFICATE_UNFIT',
  ],
  ['no PEM at all', { ask: async (csr) => ({ ...sign(csr), certPem: 'x' }) }, 'RENEWAL_FAILED'],
  ['a trial that fails', { probe: () => Promise.reject(new Error('14 UNAVAILABLE')) }, 'RENEWAL_FAILED'],
])('after %s everything is as it was', async (_what, how, code) => {
  const before = Object.values(paths()).map((path) => readFileSync(path, 'utf8'))

  expect(await renew(how)).toMatchObject({ kind: 'failed', code })

  expect(Object.values(paths()).map((path) => readFileSync(path, 'utf8'))).toEqual(before)
})

test('what is tried is what is put in place, and the key in place is the one that was asked for', async () => {
  const tried: string[] = []
  const before = readFileSync(paths().key, 'utf8')

  const outcome = await renew({ probe: async (_address, { certPem }) => void tried.push(certPem) })

  expect(outcome).toEqual({ kind: 'renewed' })
  const pair = await readPair(systemFiles(), paths())
  expect(pair?.certPem).toBe(tried[0])
  expect(pair?.keyPem).not.toBe(before)
  expect(new X509Certificate(pair?.certPem ?? '').subjectAltName).toContain('pgsvc://node/n1')
})

test('a file of authorities that says the same is not touched: the controller may use it too', async () => {
  writeFileSync(paths().ca, `# Pigsty's\n${readFileSync(paths().ca, 'utf8')}`)

  expect(await renew({})).toEqual({ kind: 'renewed' })

  expect(readFileSync(paths().ca, 'utf8')).toMatch(/^# Pigsty's/)
})

test.each([false, true])(
  'authorities in place that cannot be read are not exchanged; fixed: %s',
  async (fixed) => {
    initAuthority(file('added'), Date.now())
    writeFileSync(
      paths().ca,
      readFileSync(paths().ca, 'utf8') + readFileSync(file('added/ca.crt'), 'utf8') + broken,
    )
    const before = Object.values(paths()).map((path) => readFileSync(path, 'utf8'))
    const asked: string[] = []
    const ask = async (csrPem: string) => {
      asked.push(csrPem)
      return sign(csrPem)
    }

    expect(await renew({ ask }, fixed)).toMatchObject({
      kind: 'failed',
      code: 'CERTIFICATE_UNREADABLE',
      message: expect.stringMatching(/^certificate 3 of .*ca\.crt \(line \d+\) cannot be read/),
    })

    expect(Object.values(paths()).map((path) => readFileSync(path, 'utf8'))).toEqual(before)
    expect(asked).toEqual([])
  },
)

test('authorities that are broken while a renewal goes on stay as they are', async () => {
  initAuthority(file('next'), Date.now())
  const before = readFileSync(paths().cert, 'utf8')
  const probe = async () => writeFileSync(paths().ca, readFileSync(paths().ca, 'utf8') + broken)

  const outcome = await renew({ ask: async (csrPem) => sign(csrPem, 'n1', 0, 'next'), probe })

  expect(outcome).toMatchObject({ kind: 'failed', code: 'CERTIFICATE_UNREADABLE' })
  expect(readFileSync(paths().ca, 'utf8')).toContain(broken)
  expect(readFileSync(paths().cert, 'utf8')).toBe(before)
})

test('a controller that brings another authority is followed, or refused where authorities are fixed', async () => {
  initAuthority(file('thief'), Date.now())
  const thief = { ask: async (csrPem: string) => sign(csrPem, 'n1', 0, 'thief') }
  const before = Object.values(paths()).map((path) => readFileSync(path, 'utf8'))

  expect(await renew(thief, true)).toMatchObject({
    kind: 'failed',
    code: 'CERTIFICATE_UNFIT',
    message: expect.stringContaining('none of the authorities'),
  })
  expect(Object.values(paths()).map((path) => readFileSync(path, 'utf8'))).toEqual(before)

  expect(await renew(thief)).toEqual({ kind: 'renewed' })
  expect(readFileSync(paths().ca, 'utf8')).toBe(readFileSync(file('thief/ca.crt'), 'utf8'))
})

test('where authorities are fixed a renewal goes on, and what else comes with it is left', async () => {
  initAuthority(file('thief'), Date.now())
  const both = async (csrPem: string) => {
    const answer = sign(csrPem)
    return { ...answer, caPem: answer.caPem + readFileSync(file('thief/ca.crt'), 'utf8') }
  }
  const tried: string[] = []
  const before = [readFileSync(paths().ca, 'utf8'), readFileSync(paths().cert, 'utf8')]

  const outcome = await renew(
    { ask: both, probe: async (_address, { caPem }) => void tried.push(caPem) },
    true,
  )

  expect(outcome).toEqual({ kind: 'renewed' })
  expect([readFileSync(paths().ca, 'utf8'), ...tried]).toEqual([before[0], before[0]])
  expect(readFileSync(paths().cert, 'utf8')).not.toBe(before[1])
})

test('the old authorities are forgotten also when an old pair cannot be removed', async () => {
  expect(await renew({})).toEqual({ kind: 'renewed' })
  initAuthority(file('next'), Date.now())
  const files = systemFiles()
  const stuck: Files = {
    ...files,
    remove: (path) => (path.includes('.pair-') ? Promise.reject(new Error('EBUSY')) : files.remove(path)),
  }

  const outcome = await renew({ ask: async (csrPem) => sign(csrPem, 'n1', 0, 'next') }, false, stuck)

  expect(outcome).toEqual({ kind: 'renewed' })
  expect(readFileSync(paths().ca, 'utf8')).toBe(readFileSync(file('next/ca.crt'), 'utf8'))
  expect(left).toEqual([expect.stringMatching(/\.agent\.pair-[0-9a-f]{12}$/)])
})

test("beside a controller's certificate the pair is renewed, and the authorities stay as the operator has them", async () => {
  initAuthority(file('next'), Date.now())
  writeFileSync(file('controller.crt'), 'of the controller on this host')
  const [ca, cert] = [readFileSync(paths().ca, 'utf8'), readFileSync(paths().cert, 'utf8')]

  expect(await renew({ ask: async (csrPem) => sign(csrPem, 'n1', 0, 'next') })).toEqual({ kind: 'renewed' })

  expect(readFileSync(paths().ca, 'utf8')).toBe(ca)
  expect(readFileSync(paths().cert, 'utf8')).not.toBe(cert)
})
