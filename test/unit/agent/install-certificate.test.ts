/** A right pair does not give way to a wrong one: all is looked at before anything is replaced. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installSigned } from '../../../agent/identity/install.ts'
import { requestFor } from '../../../agent/identity/request.ts'
import { openAuthority } from '../../../controller/pki/authority.ts'
import { buildCertificate, selfIssuer, type Use } from '../../../controller/pki/build-certificate.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { keyOfRequest } from '../../../controller/pki/read-request.ts'
import { pemOf } from '../../../shared/pki/pem.ts'
import { systemFiles } from '../../../shared/ports/files.ts'
import { mintOf } from '../../support/mint.ts'

const dayMs = 86_400_000
const nowMs = Date.now()
let dir: string
let csr: string
const file = (name: string) => join(dir, name)
const paths = () => ({ ca: file('ca.crt'), cert: file('agent.crt'), key: file('agent.key') })
const read = (name: string) => readFileSync(file(name), 'utf8')

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-install-'))
  for (const name of ['pki', 'foreign']) initAuthority(file(name), nowMs - 20 * dayMs)
  const { ca, cert, key } = mintOf(file('pki')).issue({ kind: 'node', name: 'n1' })
  writeFileSync(paths().ca, ca)
  writeFileSync(paths().cert, cert)
  writeFileSync(paths().key, key)
  csr = await requestFor(systemFiles(), paths(), true)
})

afterEach(() => rmSync(dir, { recursive: true }))

function sign({ by = 'pki', name = 'n1', ageMs = 0 } = {}): string {
  const life = { nowMs: nowMs - ageMs, days: 10 }
  return openAuthority(file(by), nowMs).sign({ kind: 'node', name }, keyOfRequest(csr), life).toString()
}

/** With any purpose, and by whom it likes. */
function forge(use: Use, issuerKey: string, issuer = 'pgsvc authority', key = keyOfRequest(csr)): string {
  const content = {
    ...{ commonName: issuer, uris: ['pgsvc://node/n1'], dnsNames: [], use, key },
    ...{ notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + dayMs },
  }
  return pemOf('CERTIFICATE', buildCertificate(content, selfIssuer(issuer, createPrivateKey(issuerKey))))
}

const install = (pem: string) =>
  installSigned(
    { files: systemFiles(), clock: { now: () => nowMs }, onLeft: () => undefined },
    paths(),
    'n1',
    pem,
  )
const everything = () => Object.values(paths()).map((path) => readFileSync(path, 'utf8'))

test.each<[string, () => string, RegExp]>([
  ["another node's", () => sign({ name: 'n2' }), /is for .*n2/],
  ['one whose time is over', () => sign({ ageMs: 11 * dayMs }), /time is over/],
  ['one whose time has not begun', () => sign({ ageMs: -2 * dayMs }), /has not begun/],
  ['one for a server', () => forge('server', read('pki/ca.key')), /not for a client/],
  ['one of an authority that is not in place', () => sign({ by: 'foreign' }), /none of the authorities/],
  [
    'one with an authority that has not signed it',
    () => sign() + read('foreign/ca.crt'),
    /none of the authorities/,
  ],
  ['one signed by what is no authority', signedByNobody, /none of the authorities/],
  ['one and an authority that is broken', () => `${sign()}${pemOf('CERTIFICATE', Buffer.from('x'))}`, /./],
])('%s changes nothing', async (_what, pem, why) => {
  const before = everything()

  await expect(install(pem())).rejects.toMatchObject({
    code: 'CERTIFICATE_UNFIT',
    message: expect.stringMatching(why),
  })

  expect(everything()).toEqual(before)
})

/** A node's key signs for another one, and its certificate comes along as the authority. */
function signedByNobody(): string {
  const key = read('agent.key')
  const leaf = forge('client', key, 'leaf', createPublicKey(key))
  return forge('client', key, 'leaf') + leaf
}

test('authorities in place that cannot be read stay, and are replaced by those that come along', async () => {
  writeFileSync(paths().ca, `${read('ca.crt')}${pemOf('CERTIFICATE', Buffer.from('x'))}`)
  const before = everything()
  const own = sign()

  await expect(install(own)).rejects.toMatchObject({
    code: 'CERTIFICATE_UNREADABLE',
    message: expect.stringContaining(`certificate 2 of ${paths().ca}`),
  })
  expect(everything()).toEqual(before)

  await install(own.trimEnd() + read('pki/ca.crt'))
  expect([read('agent.crt'), read('ca.crt')]).toEqual([own, read('pki/ca.crt')])
})

test('where no authority is in place and none comes along, it is refused', async () => {
  rmSync(paths().ca)

  await expect(install(sign())).rejects.toMatchObject({
    message: expect.stringContaining('no authority came'),
  })
})

test('one of the authority in place, and one that brings its own, take the place of what was', async () => {
  const own = sign()
  await install(own)
  expect([read('agent.crt'), read('ca.crt')]).toEqual([own, read('pki/ca.crt')])

  csr = await requestFor(systemFiles(), paths(), true)
  const foreign = sign({ by: 'foreign' })
  await install(foreign + read('foreign/ca.crt'))
  expect([read('agent.crt'), read('ca.crt')]).toEqual([foreign, read('foreign/ca.crt')])
})
