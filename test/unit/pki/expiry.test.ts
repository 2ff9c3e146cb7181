/** Ends are told of in time, and what an authority cuts short is not renewed faster and faster. */

import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { controllerCertificate, nodeCertificate } from '../../../controller/admin/certificate-status.ts'
import { openAuthority } from '../../../controller/pki/authority.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import type { CertificateRecord } from '../../../controller/store/trust-store.ts'
import { recordOf } from '../../../controller/trust/peer.ts'
import type { Identity } from '../../../shared/pki/identity.ts'
import { renewalDueMs } from '../../../shared/pki/renewal-time.ts'
import { newKey } from '../../../shared/pki/signing-request.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const madeMs = Date.UTC(2026, 0, 1)
const life = { nodeDays: 30, controllerDays: 90 }

let dir: string
let endMs: number
let ca: X509Certificate

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-expiry-'))
  initAuthority(dir, madeMs)
  ca = new X509Certificate(readFileSync(join(dir, 'ca.crt')))
  endMs = Date.parse(ca.validTo)
})

afterEach(() => rmSync(dir, { recursive: true }))

/** As the controller would sign it then. */
function sign(identity: Identity, nowMs: number, days: number): X509Certificate {
  return openAuthority(dir, nowMs).sign(identity, createPublicKey(newKey()), { nowMs, days })
}

function factsAt(
  nowMs: number,
  known: readonly CertificateRecord[],
  own = sign({ kind: 'controller' }, madeMs, 90_000),
) {
  return {
    book: { certificates: () => known, isRevoked: () => false },
    nowMs,
    own: own.toString(),
    filesProblem: '',
    authorities: { trusted: [ca], signing: ca.fingerprint256 },
    life,
  }
}

test.each([
  [181, []],
  [
    179.5,
    [
      expect.stringMatching(
        /^the authority pgsvc authority \(SHA-256 [0-9A-F]{16}\) ends in 179 days, and all/,
      ),
    ],
  ],
  [0.5, [expect.stringContaining('ends in less than a day')]],
  [-1, [expect.stringMatching(/has expired$/)]],
])('%d days before the end of the authority', (days, problems) => {
  const { problems: told } = controllerCertificate(factsAt(endMs - days * dayMs, []))

  expect(told.filter((one) => one.startsWith('the authority'))).toEqual(problems)
})

test('an authority that is trusted and does not sign is told of as such', () => {
  const facts = { ...factsAt(endMs - dayMs, []), authorities: { trusted: [ca], signing: 'another' } }

  expect(controllerCertificate(facts).problems.join()).toContain(
    'which is trusted and does not sign, ends in a day',
  )
})

test('a certificate that its authority cuts short is told of as early as a full one', () => {
  const identity = { kind: 'node', name: 'n1' } as const
  // Renewed again and again, it is never in the last sixth of its own life.
  const signedMs = endMs - 3 * dayMs
  const cut = recordOf(sign(identity, signedMs, life.nodeDays), identity)

  expect(cut.notAfterMs).toBe(endMs)
  expect(nodeCertificate(factsAt(signedMs, [cut]), 'n1', undefined).problems).toEqual([
    'its certificate ends in 3 days, with its authority',
  ])
  const whole = recordOf(sign(identity, madeMs, 3), identity)
  expect(nodeCertificate(factsAt(madeMs, [whole]), 'n1', undefined).problems).toEqual([])
})

test('a node that believes an authority which is not trusted here is a problem', () => {
  const said = (authorities: string[]) => {
    const report = { serial: 'AB', notAfterMs: madeMs + 30 * dayMs, problem: '', authorities }
    return nodeCertificate(factsAt(madeMs, []), 'n1', report).problems
  }
  const stranger = ca.fingerprint256.replaceAll(/[0-9]/g, 'F')

  expect(said([])).toEqual([])
  expect(said([ca.fingerprint256])).toEqual([])
  expect(said([ca.fingerprint256, stranger])).toEqual([
    `it believes an authority that is not trusted here (SHA-256 ${stranger.replaceAll(':', '').slice(0, 16)}): pgsvc pki renew nodes has it forgotten; with "authorities: fixed", and where controller.crt is beside the agent's tls_ca, take it out of that file by hand`,
  ])
})

test("operators' certificates are told of 30 days before, the newest of each name, and not when they are over", () => {
  const of = (name: string, days: number) => {
    const identity = { kind: 'operator', name, role: 'read' } as const
    return recordOf(sign(identity, madeMs, days), identity)
  }
  const known = [of('ann', 365), of('bob', 365), of('bob', 700), of('eve', 200)]

  const at = (days: number) =>
    controllerCertificate(factsAt(madeMs + days * dayMs, known)).problems.filter((one) =>
      one.includes('operator'),
    )

  expect(at(334)).toEqual([])
  expect(at(336)).toEqual(['the certificate of operator ann ends in 29 days'])
  expect(at(366)).toEqual([])
})

test('renewals under an authority that ends do not come faster and faster', () => {
  const renewals: number[] = []
  let atMs = endMs - 20 * dayMs
  while (atMs < endMs && renewals.length < 1_000) {
    renewals.push((endMs - atMs) / hourMs)
    atMs = renewalDueMs({ notBeforeMs: atMs, notAfterMs: endMs }, 0.5)
  }

  expect(renewals.map(Math.round)).toEqual([480, 160, 53, 18, 6])
})

test.each([0, 0.5, 0.999])('a certificate of a day is still renewed before it ends (%d)', (random) => {
  const dueMs = renewalDueMs({ notBeforeMs: 0, notAfterMs: dayMs }, random)

  expect(dueMs).toBeGreaterThan(14 * hourMs)
  expect(dueMs).toBeLessThan(18 * hourMs)
})
