/** A bundle of authorities is read as a whole or not at all, and TLS believes exactly what was read. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { authoritiesIn, bundleOf } from '../../../shared/pki/authorities.ts'
import { pemOf } from '../../../shared/pki/pem.ts'

let dir: string
let one: string
let two: string
const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const origin = { code: 'TLS_UNREADABLE', from: '/etc/pgsvc/ca.crt' }

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-authorities-'))
  const pems = ['one', 'two'].map((name) =>
    readFileSync(initAuthority(join(dir, name), Date.now()).cert, 'utf8'),
  )
  one = pems[0] ?? ''
  two = pems[1] ?? ''
})

afterAll(() => rmSync(dir, { recursive: true }))

const print = (pem: string) => new X509Certificate(pem).fingerprint256
const read = (text: string) => authoritiesIn(text, origin).map(({ fingerprint256 }) => fingerprint256)

function faultOf(text: string): unknown {
  try {
    return read(text)
  } catch (error) {
    return error
  }
}

const bodyOf = (pem: string) => pem.replaceAll(/-----[A-Z ]+-----\n/g, '')

test.each<[string, () => string]>([
  ['one below the other', () => one + two],
  ['the newline at the end of the first is missing', () => one.trimEnd() + two],
  ['blanks where the newline is missing', () => `${one.trimEnd()}  ${two}`],
  ['lines end as on Windows', () => (one + two).replaceAll('\n', '\r\n')],
  ['lines end with carriage returns', () => (one + two).replaceAll('\n', '\r')],
  ['a byte order mark is before it', () => `\uFEFF${one}${two}`],
  ['the last line of a body runs into its END', () => one.replace('\n-----END', '-----END') + two],
  ['all in one line each', () => one.replaceAll('\n', '') + two.replaceAll('\n', '')],
  ['text around', () => `Pigsty's\n${one}\nsubject=CN=x\n\n${two}the end`],
  ['indented', () => (one + two).replaceAll(/^/gm, '  ')],
  ['another block before', () => pemOf('EC PRIVATE KEY', Buffer.from('a secret')) + one + two],
  ['the label of long ago', () => one.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE') + two],
  [
    'one between them that is commented out',
    () => one + broken.replaceAll(/^(?=.)/gm, '# ') + two.replaceAll(/\s+$/g, ''),
  ],
])('both are read: %s', (_how, textOf) => {
  expect(read(textOf())).toEqual([print(one), print(two)])
})

test('one that is commented out is not believed', () => {
  expect(read(one + two.replaceAll(/^(?=.)/gm, '#'))).toEqual([print(one)])
})

test.each<[string, () => string, string | RegExp]>([
  ['nothing', () => '', 'there is no certificate in /etc/pgsvc/ca.crt'],
  [
    'a key alone',
    () => pemOf('PRIVATE KEY', Buffer.from('x')),
    'there is no certificate in /etc/pgsvc/ca.crt',
  ],
  ['no text at all', () => Buffer.from(one, 'utf16le').toString('utf8'), /no certificate in/],
  [
    'a second block that is none',
    () => one + broken,
    /^certificate 2 of \/etc\/pgsvc\/ca\.crt \(line \d+\) cannot be read: wrong tag$/,
  ],
  ['a first block that is none', () => broken + one, /^certificate 1 of .* \(line 1\) cannot be read/],
  ['a body that was cut', () => one + two.replace(/\n.{30}/, '\n'), /^certificate 2 .* cannot be read/],
  ['a body with a comment in it', () => one.replace('\n', '\n# x\n'), /^certificate 1 .* is no base64$/],
  ['an empty body', () => `${one}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----`, /is no base64$/],
  [
    'the end is missing',
    () => one + two.replace(/-----END.*\n/, ''),
    /^line \d+ of .* BEGIN CERTIFICATE that/,
  ],
  [
    'the end of the first is missing',
    () => one.replace(/-----END.*\n/, '') + two,
    /^line 1 of .* BEGIN CERT/,
  ],
  [
    'the begin is missing',
    () => one + bodyOf(two) + one.slice(one.indexOf('-----END')),
    /END CERTIFICATE that/,
  ],
  ['a begin in the middle of a line', () => `${one}x ${two}`, /BEGIN CERTIFICATE that/],
  [
    'another label at the end',
    () => one.replace('END CERTIFICATE', 'END X509 CRL'),
    /BEGIN CERTIFICATE that/,
  ],
  ['a begin with a dash too few', () => one + two.slice(1), /END CERTIFICATE that/],
  ["OpenSSL's own form", () => one + two.replaceAll(' CERT', ' TRUSTED CERT'), /^certificate 2 .*own form$/],
  [
    'two bodies in one block',
    () => pemOf('CERTIFICATE', Buffer.concat([new X509Certificate(one).raw, new X509Certificate(two).raw])),
    /^certificate 1 .* cannot be read/,
  ],
  [
    "OpenSSL's own form without its label",
    () => pemOf('CERTIFICATE', Buffer.concat([new X509Certificate(one).raw, Buffer.from([0x30, 0])])),
    /has something behind its end$/,
  ],
])('refused as a whole, with what to mend: %s', (_what, textOf, message) => {
  expect(faultOf(textOf())).toMatchObject({
    code: 'TLS_UNREADABLE',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    hint: expect.stringContaining('ca.crt'),
  })
})

test('what TLS is given is what was read, and reads the same again', () => {
  const text = `Pigsty's\r\n${one.trimEnd()}${two.trimEnd()}`

  expect(bundleOf(authoritiesIn(text, origin))).toBe(one + two)
})
