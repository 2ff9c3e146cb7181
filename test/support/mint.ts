/** Certificates of every kind for tests, right and wrong ones, in memory. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAuthority } from '../../controller/pki/authority.ts'
import { buildCertificate, selfIssuer, type Use } from '../../controller/pki/build-certificate.ts'
import type { Identity } from '../../shared/pki/identity.ts'
import { pemOf } from '../../shared/pki/pem.ts'
import { keyPem, newKey } from '../../shared/pki/signing-request.ts'
import type { Pem } from '../integration/controller-agent.ts'

export interface Mint {
  /** As the authority signs it; `ageMs` ago. */
  issue(identity: Identity, how?: { readonly days?: number; readonly ageMs?: number }): Pem
  /** With any names, as an authority that signs for other things too might. */
  forge(names: { readonly uris?: readonly string[]; readonly dnsNames?: readonly string[] }, use?: Use): Pem
}

const dayMs = 86_400_000

/** @param trusted - directory of the authority that peers of the certificate's owner are to come from */
export function mintOf(dir: string, trusted = dir): Mint {
  const pemFor = (cert: string, key: KeyObject): Pem => ({
    ca: readFileSync(join(trusted, 'ca.crt')),
    cert: Buffer.from(cert),
    key: Buffer.from(keyPem(key)),
  })
  return {
    issue: (identity, { days = 1, ageMs = 0 } = {}) => {
      const key = newKey()
      const life = { nowMs: Date.now() - ageMs, days }
      const certificate = openAuthority(dir, Date.now()).sign(identity, createPublicKey(key), life)
      return pemFor(certificate.toString(), key)
    },
    forge: ({ uris = [], dnsNames = [] }, use = 'client') => {
      const key = newKey()
      const issuer = selfIssuer('pgsvc authority', createPrivateKey(readFileSync(join(dir, 'ca.key'))))
      const [notBeforeMs, notAfterMs] = [Date.now() - 60_000, Date.now() + dayMs]
      const content = {
        commonName: 'x',
        uris,
        dnsNames,
        use,
        notBeforeMs,
        notAfterMs,
        key: createPublicKey(key),
      }
      return pemFor(pemOf('CERTIFICATE', buildCertificate(content, issuer)), key)
    },
  }
}
