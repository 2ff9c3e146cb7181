import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import type { CertificateRecord } from '../../../controller/store/trust-store.ts'
import { type CertificateBook, openCertificateBook } from '../../../controller/trust/certificate-book.ts'

let dir: string
let store: Store
let book: CertificateBook

const open = () =>
  openCertificateBook(store.trust, (error) => {
    throw error
  })

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-book-'))
  store = openStore(join(dir, 'pgsvc.db'))
  book = await open()
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

/** Valid from five minutes before `atMs`, as our own are. */
function certificate(serial: string, atMs: number, more: Partial<CertificateRecord> = {}): CertificateRecord {
  return {
    ...{ serial, kind: 'node', name: 'n1', role: '', keyDigest: `key-${serial}`, issuer: 'ca' },
    ...{ notBeforeMs: atMs - 300_000, notAfterMs: atMs + 86_400_000, signedMs: 0, signedBy: '' },
    ...more,
  }
}

const t0 = 1_000_000_000

test('what was signed before is withdrawn, what is signed afterwards counts, though its time begins before', async () => {
  const before = await book.signed(certificate('a', t0), t0, 'root')
  expect(book.isRevoked(before)).toBe(false)

  await book.revoke('node', 'n1', t0 + 1, 'root')
  const after = await book.signed(certificate('b', t0 + 2), t0 + 2, 'root')

  expect([before, after].map(book.isRevoked)).toEqual([true, false])
  // A peer shows its certificate; when it was signed, it does not show.
  expect([certificate('a', t0), certificate('b', t0 + 2)].map(book.isRevoked)).toEqual([true, false])
})

test('one that was never seen here is withdrawn by its name, and by the begin of its time', async () => {
  await book.revoke('node', 'n1', t0, 'root')

  expect(book.isRevoked(certificate('x', t0 - 1))).toBe(true)
  expect(book.isRevoked(certificate('y', t0 + 299_999))).toBe(true)
  expect(book.isRevoked(certificate('z', t0 + 300_000))).toBe(false)
})

test('only that name, and only of that kind, is withdrawn', async () => {
  await book.revoke('node', 'n1', t0, 'root')

  expect(book.isRevoked(certificate('a', t0 - 1, { name: 'n11' }))).toBe(false)
  expect(book.isRevoked(certificate('b', t0 - 1, { kind: 'operator' }))).toBe(false)
})

test('all of it survives a restart', async () => {
  await book.signed(certificate('a', t0), t0, 'root')
  await book.revoke('node', 'n1', t0 + 1, 'root')
  await book.signed(certificate('b', t0 + 2), t0 + 2, 'root')

  book = await open()

  expect([certificate('a', t0), certificate('b', t0 + 2)].map(book.isRevoked)).toEqual([true, false])
  expect(book.revocations()).toEqual([{ kind: 'node', name: 'n1', beforeMs: t0 + 1, by: 'root' }])
})

test('a clock that was put back neither spares what was signed nor spoils what is signed next', async () => {
  await book.signed(certificate('a', t0), t0, 'root')

  await book.revoke('node', 'n1', t0 - 3_600_000, 'root')
  await book.signed(certificate('b', t0 - 3_600_000), t0 - 3_600_000, 'root')

  expect([certificate('a', t0), certificate('b', t0 - 3_600_000)].map(book.isRevoked)).toEqual([true, false])
})

test('signed and withdrawn in the same millisecond is withdrawn', async () => {
  await book.signed(certificate('a', t0), t0, 'root')
  await book.revoke('node', 'n1', t0, 'root')

  expect(book.isRevoked(certificate('a', t0))).toBe(true)
})

test('the key of what was withdrawn is burnt, also when it was only seen here', async () => {
  book.seen(certificate('a', t0), t0)
  await book.revoke('node', 'n1', t0 + 1, 'root')

  expect([book.isBurnt('key-a'), book.isBurnt('key-b')]).toEqual([true, false])
})

test('withdrawing again names only what counted until then', async () => {
  await book.signed(certificate('a', t0), t0, 'root')
  await book.signed(certificate('old', t0 - 2 * 86_400_000), t0 - 2 * 86_400_000, 'root')
  const first = await book.revoke('node', 'n1', t0 + 1, 'root')
  await book.signed(certificate('b', t0 + 2), t0 + 2, 'root')
  const second = await book.revoke('node', 'n1', t0 + 3, 'root')

  expect(first.ended.map(({ serial }) => serial)).toEqual(['a'])
  expect(second.ended.map(({ serial }) => serial)).toEqual(['b'])
})

test('what ended long ago is forgotten', async () => {
  await book.signed(certificate('a', t0), t0, 'root')
  await book.signed(certificate('b', t0 + 40 * 86_400_000), t0 + 40 * 86_400_000, 'root')

  expect(book.certificates().map(({ serial }) => serial)).toEqual(['b'])
  expect((await store.trust.certificates()).map(({ serial }) => serial)).toEqual(['b'])
})
