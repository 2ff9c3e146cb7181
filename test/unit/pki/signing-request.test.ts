import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorityDir, openAuthority } from '../../../controller/pki/authority.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { keyOfRequest } from '../../../controller/pki/read-request.ts'
import { bitString, readDer, readInside, sequence } from '../../../shared/pki/der.ts'
import { pemBlocks, pemOf } from '../../../shared/pki/pem.ts'
import { newKey, signingRequest } from '../../../shared/pki/signing-request.ts'

/** openssl is the second opinion: what it says of our bytes, and what we make of its. */
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-csr-'))
})

afterAll(() => rmSync(dir, { recursive: true }))

const file = (name: string) => join(dir, name)

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', [...args], { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** @param more - of `openssl req -new` */
function requestByOpenssl(keyArgs: readonly string[], ...more: readonly string[]): string {
  openssl('genpkey', ...keyArgs, '-out', 'other.key')
  return openssl('req', '-new', '-key', 'other.key', '-subj', '/CN=root/O=pigsty', ...more)
}

const ec = (curve: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`]

test('openssl takes our request for one that is signed with its own key', () => {
  const key = newKey()
  writeFileSync(file('ours.csr'), signingRequest(key))

  const said = openssl('req', '-in', 'ours.csr', '-noout', '-verify', '-subject', '-pubkey')

  expect(said).toContain(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString().trim())
  expect(said).toMatch(/^subject=$/m)
})

test('our own request brings its key', () => {
  const key = newKey()

  expect(keyOfRequest(signingRequest(key)).equals(createPublicKey(key))).toBe(true)
})

test.each([
  ['P-256', []],
  ['P-384', ['-sha384']],
  ['P-521', ['-sha512']],
])('a request of openssl with a key on %s is taken', (curve, more) => {
  const request = requestByOpenssl(ec(curve), ...more)

  expect(keyOfRequest(request).equals(createPublicKey(readFileSync(file('other.key'))))).toBe(true)
})

test.each([
  ['RSA', () => requestByOpenssl(['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'])],
  ['Ed25519', () => requestByOpenssl(['-algorithm', 'ED25519'])],
  ['a curve that is too small', () => requestByOpenssl(ec('P-224'))],
  ['a curve of others', () => requestByOpenssl(ec('secp256k1'))],
  ['SHA-1', () => requestByOpenssl(ec('P-256'), '-sha1')],
  ['nothing', () => ''],
  ['no PEM', () => 'hello'],
  ['two requests', () => signingRequest(newKey()) + signingRequest(newKey())],
  ['a certificate', () => pemOf('CERTIFICATE REQUEST', Buffer.from([0x30, 0x03, 0x02, 0x01, 0x00]))],
  ['too much', () => `${' '.repeat(20_000)}${signingRequest(newKey())}`],
  [
    'a curve that is written out',
    () => requestByOpenssl([...ec('P-256'), '-pkeyopt', 'ec_param_enc:explicit']),
  ],
  [
    'something more in it',
    () =>
      rebuilt(
        (info) => info,
        (parts) => [...parts, nothing],
      ),
  ],
  [
    'something more in what is signed',
    () =>
      rebuilt(
        (info) => [...info, nothing],
        (parts) => parts,
      ),
  ],
  [
    'no attributes, not even none',
    () =>
      rebuilt(
        (info) => info.slice(0, 3),
        (parts) => parts,
      ),
  ],
  ['something behind it', () => changed(signingRequest(newKey()), (der) => Buffer.concat([der, der]))],
])('%s is refused', (_what, request) => {
  expect(() => keyOfRequest(request())).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
})

const nothing = Buffer.from([0x05, 0x00])

/** A request with other values in it, and a signature that is right. */
function rebuilt(
  changeInfo: (values: readonly Buffer[]) => readonly Buffer[],
  changeOuter: (values: readonly Buffer[]) => readonly Buffer[],
): string {
  const key = newKey()
  const [request = Buffer.alloc(0)] = pemBlocks(signingRequest(key), 'CERTIFICATE REQUEST')
  const [info, algorithm] = readInside(readDer(request)[0])
  const signed = sequence(...changeInfo(readInside(info).map(({ whole }) => whole)))
  const parts = [signed, algorithm?.whole ?? nothing, bitString(sign('sha256', signed, key))]
  return pemOf('CERTIFICATE REQUEST', sequence(...changeOuter(parts)))
}

test('a request that is put together from its own values is the same request', () => {
  expect(
    keyOfRequest(
      rebuilt(
        (info) => info,
        (parts) => parts,
      ),
    ).asymmetricKeyType,
  ).toBe('ec')
})

function changed(pem: string, change: (der: Buffer) => Buffer): string {
  const [der = Buffer.alloc(0)] = pemBlocks(pem, 'CERTIFICATE REQUEST')
  return pemOf('CERTIFICATE REQUEST', change(Buffer.from(der)))
}

test("a request with another's key is refused: who asks has to have the key", () => {
  const stolen = createPublicKey(newKey()).export({ type: 'spki', format: 'der' })
  const forged = changed(signingRequest(newKey()), (der) => {
    // Both keys are on P-256, so the one takes exactly the place of the other.
    stolen.copy(der, der.indexOf(stolen.subarray(0, 26)))
    return der
  })

  expect(() => keyOfRequest(forged)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
})

test('no byte of a request can be changed: it is refused, or brings the same key', () => {
  const key = newKey()
  const good = signingRequest(key)
  const [der = Buffer.alloc(0)] = pemBlocks(good, 'CERTIFICATE REQUEST')
  const taken: number[] = []
  for (let at = 0; at < der.length; at += 1) {
    try {
      const read = keyOfRequest(changed(good, (bytes) => flipped(bytes, at)))
      if (!read.equals(createPublicKey(key))) taken.push(at)
    } catch (error) {
      expect(error).toMatchObject({ code: 'REQUEST_INVALID' })
    }
  }
  expect(taken).toEqual([])
})

function flipped(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at)
  return bytes
}

function ownAuthority(name: string): string {
  initAuthority(file(name), nowMs)
  return file(name)
}

/** An authority as Pigsty makes it: RSA, its own name. */
function pigstyAuthority(): string {
  const subject = [
    '-subj',
    '/O=pigsty/OU=ca/CN=pigsty-ca',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '9',
    ...subject,
  )
  return dir
}

const nowMs = Date.now()

test.each([
  ['an authority of ours', () => ownAuthority('own')],
  ["Pigsty's, with an RSA key", pigstyAuthority],
])('openssl takes what %s signs, for clients alone', (_what, make) => {
  const authority = openAuthority(make(), nowMs)
  const request = requestByOpenssl(ec('P-256'), '-addext', 'subjectAltName=URI:pgsvc://operator/root')

  const certificate = authority.sign({ kind: 'node', name: 'db-1.example' }, keyOfRequest(request), {
    nowMs,
    days: 3,
  })

  writeFileSync(file('n.crt'), certificate.toString())
  writeFileSync(file('a.crt'), authority.certificate.toString())
  const check = (purpose: string) =>
    openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'a.crt', 'n.crt')
  expect(check('sslclient')).toBe('n.crt: OK\n')
  expect(() => check('sslserver')).toThrow()
  // Nothing of what the request says of itself.
  expect(certificate.subject).toBe('CN=db-1.example')
  expect(certificate.subjectAltName).toBe('URI:pgsvc://node/db-1.example, DNS:db-1.example')
  expect(certificate.checkIssued(authority.certificate)).toBe(true)
  expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(nowMs - 5 * 60_000 + 1_000)
})

test('openssl takes the certificate of the authority itself', () => {
  initAuthority(file('strict'), nowMs)

  expect(openssl('verify', '-x509_strict', '-CAfile', 'strict/ca.crt', 'strict/ca.crt')).toBe(
    'strict/ca.crt: OK\n',
  )
})

test('a certificate does not outlive its authority', () => {
  const authority = openAuthority(pigstyAuthority(), nowMs)
  const key = createPublicKey(newKey())

  const { validTo } = authority.sign({ kind: 'node', name: 'n1' }, key, { nowMs, days: 100 })

  expect(validTo).toBe(authority.certificate.validTo)
})

test('serial numbers are long, and printed alike by Node and by openssl', () => {
  const authority = openAuthority(ownAuthority('serials'), nowMs)
  const key = createPublicKey(newKey())
  const issue = () => authority.sign({ kind: 'node', name: 'n1' }, key, { nowMs, days: 1 })
  writeFileSync(file('s.crt'), issue().toString())

  const { serialNumber } = new X509Certificate(readFileSync(file('s.crt')))

  expect(openssl('x509', '-in', 's.crt', '-noout', '-serial')).toBe(`serial=${serialNumber}\n`)
  expect(new Set(Array.from({ length: 50 }, () => issue().serialNumber.length))).toEqual(new Set([32]))
})

test.each([
  [
    'a certificate that is no authority',
    (at: string) => leafAsAuthority(at),
    'no certificate of an authority',
  ],
  [
    'the key of another',
    (at: string) =>
      writeFileSync(join(at, 'ca.key'), pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)),
    'key of another',
  ],
  ['no key at all', (at: string) => writeFileSync(join(at, 'ca.key'), 'x'), 'ca.key'],
])('%s signs nothing, and why is said', (_what, spoil, why) => {
  const at = mkdtempSync(file('bad-'))
  initAuthority(join(at, 'pki'), nowMs)
  spoil(join(at, 'pki'))

  expect(() => openAuthority(join(at, 'pki'), nowMs)).toThrow(
    expect.objectContaining({ code: 'PKI_UNREADABLE', message: expect.stringContaining(why) }),
  )
})

function leafAsAuthority(at: string): void {
  const key = newKey()
  const leaf = openAuthority(at, nowMs).sign({ kind: 'node', name: 'n1' }, createPublicKey(key), {
    nowMs,
    days: 1,
  })
  writeFileSync(join(at, 'ca.crt'), leaf.toString())
  writeFileSync(join(at, 'ca.key'), pem(key))
}

function pem(key: ReturnType<typeof newKey>): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

test('an authority whose time is over signs nothing', () => {
  initAuthority(file('old'), Date.UTC(2001, 0, 1))

  expect(() => openAuthority(file('old'), nowMs)).toThrow(
    expect.objectContaining({ code: 'PKI_UNREADABLE', message: expect.stringContaining('its time is over') }),
  )
})

test("without ca_dir Pigsty's authority signs, unless ours alone is trusted", () => {
  const home = mkdtempSync(file('home-'))
  mkdirSync(join(home, 'files/pki'), { recursive: true })
  const pigsty = join(home, 'files/pki/ca')
  const [all, none] = [() => true, () => false]
  expect(authorityDir('', home, all)).toBe('/etc/pgsvc/pki') // not there yet

  initAuthority(pigsty, nowMs)

  expect(authorityDir('', home, all)).toBe(pigsty)
  expect(authorityDir('', home, none)).toBe(pigsty) // and is then refused, with the way to mend it
  expect(authorityDir('/elsewhere', home, all)).toBe('/elsewhere')
  expect(authorityDir('', '', all)).toBe('/etc/pgsvc/pki')
})
