import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { whyNewCertificate } from '../../../controller/enroll/node-certificate.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { mintOf } from '../../support/mint.ts'

const dir = mkdtempSync(join(tmpdir(), 'pgsvc-on-node-'))

afterAll(() => rmSync(dir, { recursive: true }))

test('an enrolment mends authorities that the agent could not read', () => {
  const ca = readFileSync(initAuthority(dir, Date.now()).cert, 'utf8')
  const cert = mintOf(dir).issue({ kind: 'node', name: 'n1' }).cert.toString()
  const { serialNumber: serial } = new X509Certificate(cert)
  const known = {
    certificates: [{ kind: 'node', name: 'n1', serial, state: 'CERTIFICATE_STATE_VALID' }],
    authorities: [{ fingerprint: new X509Certificate(ca).fingerprint256, signs: true }],
  }
  const why = (text: string) => whyNewCertificate({ cert, ca: text, hasKey: true }, known)

  expect(why(`# Pigsty's\n${ca.trimEnd()}${ca}`)).toBe(undefined)
  expect(why(ca + ca.slice(0, -30))).toBe('the authorities on the node cannot be read')
})
