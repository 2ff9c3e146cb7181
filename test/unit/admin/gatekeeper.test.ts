/** What stands before each method, with calls that are none. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGatekeeper } from '../../../controller/admin/gatekeeper.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import { createAuditLog } from '../../../controller/trust/audit-log.ts'
import { openCertificateBook } from '../../../controller/trust/certificate-book.ts'
import { createGuestBook } from '../../../controller/trust/guest-book.ts'
import { createLogger } from '../../../shared/log/logger.ts'

let dir: string
let store: Store

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-gate-'))
  store = openStore(join(dir, 'pgsvc.db'))
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

test('members of a group have their calls each, not all together', async () => {
  const clock = { now: () => 1_000, monotonic: () => 0 }
  const log = createLogger('test', 'silent')
  const once = { atOnce: 1, perSecond: 0 }
  const gate = createGatekeeper(
    {
      ...{ clock, log, guests: createGuestBook(), turnedAway: { refused: () => undefined } },
      audit: createAuditLog(store.trust, clock, log),
      book: await openCertificateBook(store.trust, () => undefined),
      calls: { act: once, read: once },
    },
    { kind: 'socket', path: '/s', isRoots: false, role: 'read', whoIs: async (peer) => `uid ${peer}` },
  )
  const method = gate.unary(
    'Status',
    () => ({ detail: '' }),
    async () => undefined,
  )
  const ask = (peer: string) => {
    const fake = { request: {}, getPeer: () => peer, getAuthContext: () => ({}) }
    return new Promise<boolean>((resolve) =>
      method(fake as unknown as Parameters<typeof method>[0], (error) => resolve(!error)),
    )
  }

  expect([await ask('1'), await ask('1'), await ask('2')]).toEqual([true, false, true])
})

/** A call of RevokeNode by root's socket; what was done, and what was answered. */
async function call(who: Promise<string>, trust = store.trust) {
  const clock = { now: () => 1_000, monotonic: () => 0 }
  const log = createLogger('test', 'silent')
  const gate = createGatekeeper(
    {
      ...{ clock, log, guests: createGuestBook(), turnedAway: { refused: () => undefined } },
      audit: createAuditLog(trust, clock, log),
      book: await openCertificateBook(store.trust, () => undefined),
    },
    { kind: 'socket', path: '/s', isRoots: true, role: 'administer', whoIs: () => who },
  )
  const heard: string[] = []
  const method = gate.unary(
    'RevokeNode',
    () => ({ detail: 'n1' }),
    async () => {
      const record = await store.trust.audit({ limit: 9, sinceMs: 0 })
      heard.push(`done after ${record.map(({ what, outcome }) => `${what} ${outcome}`).join()}`)
    },
  )
  // Of the call only this is used.
  const fake = { request: {}, getPeer: () => 'unix-1', getAuthContext: () => ({}) }
  const answered = new Promise<void>((resolve) =>
    method(fake as unknown as Parameters<typeof method>[0], (error) => {
      heard.push(error && 'details' in error ? (String(error.details).split(':')[0] ?? '') : 'ok')
      resolve()
    }),
  )
  return { heard, answered }
}

test('an act is written down before it is done, however long it takes to know whose it is', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { heard, answered } = await call(promise)
  await new Promise((next) => setTimeout(next, 20))
  expect(heard).toEqual([])

  resolve('uid 0 (root)')
  await answered

  expect(heard).toEqual(['done after RevokeNode begun', 'ok'])
})

test('an act that cannot be written down is not done', async () => {
  const full = { ...store.trust, addAudit: () => Promise.reject(new Error('database or disk is full')) }
  const { heard, answered } = await call(Promise.resolve('uid 0 (root)'), full)
  await answered

  expect(heard).toEqual(['AUDIT_UNWRITABLE'])
})
