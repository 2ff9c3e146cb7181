/**
 * A certificate authority of our own, and certificates from it, made by `openssl`.
 *
 * Identity stands in a URI subject alternative name (controller/stream/identity.ts). The controller also has the
 * DNS name that agents check. Keys are EC P-256 and never leave mode 0600.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import { identityName } from '../stream/identity.ts'

/** Whom a certificate is for. */
export type Subject =
  | { readonly kind: 'controller' }
  | { readonly kind: 'node' | 'operator'; readonly name: string }

/** The name agents expect in the controller's certificate, wherever it runs. */
const controllerDnsName = 'pgsvc-controller'

const caDays = 3_650
const opensslMs = 30_000

/**
 * Makes the authority: `ca.key` and `ca.crt` in `dir`, valid for ten years.
 *
 * @throws AppError `PKI_EXISTS` when there is one already, `OPENSSL_FAILED`, `OPENSSL_MISSING`
 */
export async function initAuthority(exec: Exec, dir: string): Promise<{ cert: string; key: string }> {
  const [key, cert] = [join(dir, 'ca.key'), join(dir, 'ca.crt')]
  refuseExisting([key, cert], 'it is the root of all trust in place; move it away by hand if you mean it')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  await inScratch(dir, async (scratch) => {
    const config = writeScratch(scratch, 'ca.cnf', [
      ...subjectLines('pgsvc authority'),
      '[ext]',
      'basicConstraints = critical, CA:TRUE, pathlen:0',
      'keyUsage = critical, keyCertSign, cRLSign',
      'subjectKeyIdentifier = hash',
    ])
    await newKey(exec, join(scratch, 'key'))
    await openssl(exec, [
      ...['req', '-x509', '-new', '-sha256', '-config', config, '-extensions', 'ext'],
      ...['-key', join(scratch, 'key'), '-days', String(caDays), '-set_serial', serial()],
      ...['-out', join(scratch, 'crt')],
    ])
    place(scratch, key, cert)
  })
  return { cert, key }
}

export interface IssueOptions {
  /** Directory of the authority. */
  readonly dir: string
  /** Where the key, the certificate and a copy of the authority's certificate go. */
  readonly out: string
  readonly days: number
}

/**
 * Issues a certificate: `<base>.key` and `<base>.crt` in `out`.
 *
 * @throws AppError `NAME_INVALID`, `PKI_MISSING`, `PKI_EXISTS`, `OPENSSL_FAILED`, `OPENSSL_MISSING`
 */
export async function issueCertificate(
  exec: Exec,
  subject: Subject,
  { dir, out, days }: IssueOptions,
): Promise<{ cert: string; key: string }> {
  const name = subject.kind === 'controller' ? 'controller' : checkedName(subject.name)
  const [caKey, caCert] = [join(dir, 'ca.key'), join(dir, 'ca.crt')]
  if (!existsSync(caKey) || !existsSync(caCert)) {
    throw new AppError('PKI_MISSING', `no certificate authority in ${dir}`, {
      hint: 'make one: pgsvc pki init',
    })
  }
  const base = subject.kind === 'controller' ? 'controller' : `${subject.kind}-${name}`
  const [key, cert] = [join(out, `${base}.key`), join(out, `${base}.crt`)]
  refuseExisting([key, cert], 'move the old pair away, or choose another --out')
  mkdirSync(out, { recursive: true, mode: 0o700 })
  await inScratch(out, async (scratch) => {
    const config = writeScratch(scratch, 'req.cnf', [
      ...subjectLines(name),
      '[ext]',
      ...extensions(subject, name),
    ])
    await newKey(exec, join(scratch, 'key'))
    await openssl(exec, [
      ...['req', '-new', '-sha256', '-config', config],
      ...['-key', join(scratch, 'key'), '-out', join(scratch, 'csr')],
    ])
    await openssl(exec, [
      ...['x509', '-req', '-sha256', '-in', join(scratch, 'csr'), '-CA', caCert, '-CAkey', caKey],
      ...['-set_serial', serial(), '-days', String(days), '-extfile', config, '-extensions', 'ext'],
      ...['-out', join(scratch, 'crt')],
    ])
    place(scratch, key, cert)
  })
  return { cert, key }
}

function checkedName(name: string): string {
  if (identityName.test(name)) return name
  throw new AppError('NAME_INVALID', `not a name a certificate can carry: ${JSON.stringify(name)}`, {
    hint: 'letters, digits, dots, colons, dashes and underscores; a node is called as in the inventory',
  })
}

function extensions(subject: Subject, name: string): string[] {
  const uri = subject.kind === 'controller' ? 'pgsvc://controller' : `pgsvc://${subject.kind}/${name}`
  const names = [`URI:${uri}`, ...dnsNames(subject, name).map((dns) => `DNS:${dns}`)]
  return [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    `extendedKeyUsage = ${subject.kind === 'controller' ? 'serverAuth' : 'clientAuth'}`,
    `subjectAltName = ${names.join(', ')}`,
    'subjectKeyIdentifier = hash',
    'authorityKeyIdentifier = keyid',
  ]
}

/** A name with a colon (IPv6) is no DNS name; the URI alone carries identity. */
function dnsNames(subject: Subject, name: string): string[] {
  if (subject.kind === 'controller') return [controllerDnsName]
  return subject.kind === 'node' && /^[A-Za-z0-9.-]+$/.test(name) ? [name] : []
}

/** Sections of an openssl configuration; with one of our own the system's adds nothing. */
function subjectLines(commonName: string): string[] {
  // X.509 allows 64 characters; the full name is in the URI.
  return ['[req]', 'prompt = no', 'distinguished_name = dn', '[dn]', `CN = ${commonName.slice(0, 64)}`]
}

async function newKey(exec: Exec, path: string): Promise<void> {
  await openssl(exec, ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path])
}

function serial(): string {
  // 127 random bits: positive and at most 20 bytes, as RFC 5280 asks.
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  return `0x${bytes.toString('hex')}`
}

async function openssl(exec: Exec, args: readonly string[]): Promise<void> {
  const result = await exec.run('openssl', args, { timeoutMs: opensslMs }).catch((cause: unknown) => {
    throw new AppError('OPENSSL_MISSING', 'cannot start openssl', {
      cause,
      hint: 'install the package openssl',
    })
  })
  if (result.status === 0) return
  throw new AppError('OPENSSL_FAILED', `openssl ${args[0]}: ${result.stderr.trim() || 'no answer in time'}`)
}

function refuseExisting(paths: readonly string[], hint: string): void {
  const there = paths.find((path) => existsSync(path))
  if (there !== undefined) throw new AppError('PKI_EXISTS', `${there} exists already`, { hint })
}

/** Half-made files never carry the real names. */
async function inScratch(dir: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(dir, '.pki-')) // mode 0700
  try {
    await work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function writeScratch(scratch: string, name: string, lines: readonly string[]): string {
  const path = join(scratch, name)
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return path
}

/** A link, unlike a rename, never replaces what came to be there meanwhile. */
function place(scratch: string, key: string, cert: string): void {
  chmodSync(join(scratch, 'key'), 0o600)
  chmodSync(join(scratch, 'crt'), 0o644)
  linkSync(join(scratch, 'key'), key)
  linkSync(join(scratch, 'crt'), cert)
}
