/** Files of `pgsvc pki`: an authority of our own, and pairs of key and certificate that it signs. */
import { createPublicKey } from 'node:crypto'
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Identity } from '../../shared/pki/identity.ts'
import { pemOf } from '../../shared/pki/pem.ts'
import { keyPem, newKey } from '../../shared/pki/signing-request.ts'
import { backdateMs, openAuthority } from './authority.ts'
import { buildCertificate, selfIssuer } from './build-certificate.ts'

const caYears = 10
const authorityName = 'pgsvc authority'

/**
 * Makes the authority: `ca.key` and `ca.crt` in `dir`, valid for ten years.
 *
 * @throws AppError `PKI_EXISTS` when there is one already
 */
export function initAuthority(dir: string, nowMs: number): { cert: string; key: string } {
  const [key, cert] = [join(dir, 'ca.key'), join(dir, 'ca.crt')]
  refuseExisting([key, cert], 'it is the root of all trust in place; move it away by hand if you mean it')
  const privateKey = newKey()
  const notAfter = new Date(nowMs)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + caYears)
  const bytes = buildCertificate(
    {
      commonName: authorityName,
      uris: [],
      dnsNames: [],
      use: 'authority',
      notBeforeMs: nowMs - backdateMs,
      notAfterMs: notAfter.getTime(),
      key: createPublicKey(privateKey),
    },
    selfIssuer(authorityName, privateKey),
  )
  makeDir(dir)
  place(dir, { key, cert }, keyPem(privateKey), pemOf('CERTIFICATE', bytes))
  return { cert, key }
}

export interface IssueOptions {
  /** Directory of the authority. */
  readonly dir: string
  /** Where the key and the certificate go. */
  readonly out: string
  readonly days: number
  readonly nowMs: number
}

/**
 * Issues a certificate: `<base>.key` and `<base>.crt` in `out`, and beside them the authority's `ca.crt`, which whoever uses
 * the pair trusts, unless there is one.
 *
 * @throws AppError `NAME_INVALID`, `PKI_MISSING`, `PKI_UNREADABLE`, `PKI_EXISTS`, `PKI_UNWRITABLE`
 */
export function issueCertificate(
  identity: Identity,
  { dir, out, days, nowMs }: IssueOptions,
): { readonly cert: string; readonly key: string; readonly ca: string | undefined } {
  const privateKey = newKey()
  const authority = openAuthority(dir, nowMs)
  const issued = authority.sign(identity, createPublicKey(privateKey), { nowMs, days })
  const base = identity.kind === 'controller' ? 'controller' : `${identity.kind}-${identity.name}`
  const [key, cert] = [join(out, `${base}.key`), join(out, `${base}.crt`)]
  refuseExisting([key, cert], 'move the old pair away, or choose another --out')
  makeDir(out)
  place(out, { key, cert }, keyPem(privateKey), issued.toString())
  const ca = join(out, 'ca.crt')
  const isNew = !existsSync(ca)
  if (isNew) copyFileSync(join(dir, 'ca.crt'), ca, constants.COPYFILE_EXCL)
  return { cert, key, ca: isNew ? ca : undefined }
}

function makeDir(dir: string): void {
  try {
    makeWithParents(dir)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PKI_UNWRITABLE', `${dir} cannot be made: ${why}`, {
      hint: 'choose a directory that you may write to',
      cause,
    })
  }
}

/** One after the other: Node's own `recursive` goes round for ever below /proc (seen on 24.21). */
function makeWithParents(dir: string): void {
  if (existsSync(dir)) return
  makeWithParents(dirname(dir))
  mkdirSync(dir, { mode: 0o700 })
}

function refuseExisting(paths: readonly string[], hint: string): void {
  const there = paths.find((path) => existsSync(path))
  if (there !== undefined) throw new AppError('PKI_EXISTS', `${there} exists already`, { hint })
}

/**
 * Half-made files never carry the real names, and a link, unlike a rename, never replaces what came to be there
 * meanwhile.
 */
function place(
  dir: string,
  paths: { readonly key: string; readonly cert: string },
  key: string,
  cert: string,
): void {
  const scratch = mkdtempSync(join(dir, '.pki-')) // mode 0700
  try {
    writeFileSync(join(scratch, 'key'), key, { mode: 0o600, flush: true })
    writeFileSync(join(scratch, 'crt'), cert, { mode: 0o644, flush: true })
    chmodSync(join(scratch, 'crt'), 0o644)
    linkSync(join(scratch, 'key'), paths.key)
    linkSync(join(scratch, 'crt'), paths.cert)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
