import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chosen } from '../../../controller/ssh/certified-keys.ts'
import { judgeCertificate, parseHostCertificate } from '../../../controller/ssh/host-certificate.ts'
import { keysOf } from '../../../controller/ssh/known-hosts.ts'

const kinds = { ed25519: [], rsa: ['-b', '2048'], ecdsa: ['-b', '256'] }
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-certificate-'))
  const keygen = (...args: string[]) => execFileSync('ssh-keygen', ['-q', ...args])
  keygen('-t', 'ed25519', '-N', '', '-C', '', '-f', join(dir, 'host'))
  for (const [type, size] of Object.entries(kinds)) {
    keygen('-t', type, ...size, '-N', '', '-C', '', '-f', join(dir, type))
    keygen('-s', join(dir, type), '-I', 'node', '-h', '-n', 'node-11,node-12', join(dir, 'host.pub'))
    execFileSync('mv', [join(dir, 'host-cert.pub'), join(dir, `${type}-cert`)])
  }
})
afterAll(() => rmSync(dir, { recursive: true }))

function bytesIn(file: string): Buffer {
  return Buffer.from(readFileSync(join(dir, file), 'utf8').split(' ')[1] ?? '', 'base64')
}

function question(authority: string, revoked = '') {
  const name = 'node-11'
  const line = (marker: string, key: string) =>
    `${marker} node-* ${readFileSync(join(dir, `${key}.pub`), 'utf8')}`
  const text = line('@cert-authority', authority) + (revoked === '' ? '' : line('@revoked', revoked))
  return { known: keysOf([{ path: 'f', text }], name), name, nowMs: Date.now() }
}

function verdict(blob: Buffer, authority: string): string {
  const certificate = parseHostCertificate(blob)
  return certificate ? judgeCertificate(certificate, question(authority)).kind : 'none'
}

describe.each(Object.keys(kinds))('a certificate of an authority with a key of %s', (type) => {
  test('vouches for the key of the host', () => {
    const certificate = parseHostCertificate(bytesIn(`${type}-cert`))
    expect(certificate).toMatchObject({ kind: 2, keyId: 'node', principals: ['node-11', 'node-12'] })
    expect(certificate?.key).toEqual(bytesIn('host.pub'))
    expect(verdict(bytesIn(`${type}-cert`), type)).toBe('good')
  })

  test('vouches for nothing when any of its bytes is another, or missing, or one too many', () => {
    const blob = bytesIn(`${type}-cert`)
    const good: number[] = []
    for (const at of blob.keys()) {
      const other = Buffer.from(blob)
      other[at] = (blob[at] ?? 0) ^ 1
      if (verdict(other, type) === 'good') good.push(at)
      if (verdict(blob.subarray(0, at), type) === 'good') good.push(-at)
    }
    expect(good).toEqual([])
    expect(verdict(Buffer.concat([blob, Buffer.alloc(1)]), type)).toBe('none')
  })

  test("signed by one authority in another's name it vouches for nothing", () => {
    for (const other of Object.keys(kinds).filter((one) => one !== type)) {
      const certificate = parseHostCertificate(bytesIn(`${type}-cert`))
      if (!certificate) throw new Error('no certificate')
      const forged = { ...certificate, authority: bytesIn(`${other}.pub`) }
      expect(judgeCertificate(forged, question(other)).kind).toBe('bad')
    }
  })
})

test.each(['host', 'ed25519'])('it is revoked with the key of %s', (revoked) => {
  const certificate = parseHostCertificate(bytesIn('ed25519-cert'))
  if (!certificate) throw new Error('no certificate')
  expect(judgeCertificate(certificate, question('ed25519', revoked))).toMatchObject({
    kind: 'revoked',
    by: { line: 2 },
  })
  expect(judgeCertificate(certificate, question('ed25519', 'rsa')).kind).toBe('good')
})

test('of several certificates those that do are taken, and the reasons against all others are told once', () => {
  const certificates = ['ed25519', 'rsa', 'rsa', 'ecdsa'].flatMap(
    (type) => parseHostCertificate(bytesIn(`${type}-cert`)) ?? [],
  )
  const { keys, why, revoked } = chosen(certificates, question('ed25519'))
  expect(keys).toEqual([bytesIn('host.pub')])
  expect(why).toBe('its certificate "node" does not do: another authority signed it')
  expect(revoked).toBeUndefined()
  expect(chosen([], question('ed25519')).why).toBe('it shows no certificate')
})
