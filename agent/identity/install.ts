/** `pgsvc agent install-certificate`: puts a signed certificate in place, together with its key. */
import { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { isPair, replacePair } from '../../shared/pki/pair-files.ts'
import { certificatesIn } from '../../shared/pki/pem.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import { type IdentityPaths, pendingKeyPath } from './paths.ts'
import { replaceAuthorities } from './replace-authorities.ts'
import { type Offered, unfitness } from './unfit.ts'

/**
 * @param pem - the certificate, and after it the authorities to be trusted, if they are to be replaced
 * @returns until when it is valid, as the certificate says it
 * @throws AppError `CERTIFICATE_UNFIT`, `PAIR_UNWRITABLE`
 */
export async function installSigned(
  { files, clock }: { readonly files: Files; readonly clock: Pick<Clock, 'now'> },
  paths: IdentityPaths,
  node: string,
  pem: string,
): Promise<string> {
  const [certPem, ...authorities] = certificatesIn(pem)
  const certificate = certPem === undefined ? undefined : parsed(certPem)
  if (certPem === undefined || certificate === undefined) throw unfit('what came in is no PEM certificate')
  const keyPem = await keyOf(files, paths, certPem)
  const known = (await files.read(paths.ca))?.toString('utf8') ?? ''
  // Everything is looked at before anything is replaced: a right pair must not give way to a wrong one.
  const caPem = authorities.length > 0 ? authorities.join('') : known
  const fault = faultOf({ certPem, keyPem, caPem }, node, clock.now())
  if (fault !== undefined) throw unfit(fault)
  // First of all whom to believe: with the old authorities the new pair might be of no use.
  if (authorities.length > 0) await replaceAuthorities(files, paths.ca, caPem)
  await replacePair(files, paths, { certPem, keyPem })
  await files.remove(pendingKeyPath(paths))
  return certificate.validTo
}

function faultOf(offered: Offered, node: string, nowMs: number): string | undefined {
  try {
    return unfitness(offered, node, nowMs)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** The key that waits for its certificate, or the one in use. */
async function keyOf(files: Files, paths: IdentityPaths, certPem: string): Promise<string> {
  for (const path of [pendingKeyPath(paths), paths.key]) {
    const keyPem = (await files.read(path))?.toString('utf8')
    if (keyPem !== undefined && fits({ certPem, keyPem })) return keyPem
  }
  throw unfit(`neither ${paths.key} nor ${pendingKeyPath(paths)} is its key`)
}

function fits(pair: Parameters<typeof isPair>[0]): boolean {
  try {
    return isPair(pair)
  } catch {
    return false // a key that cannot be read is nobody's
  }
}

function unfit(why: string): AppError {
  return new AppError('CERTIFICATE_UNFIT', `the certificate is not installed: ${why}`, {
    hint: 'sign what `pgsvc agent request-certificate` prints on this node, and give that certificate',
  })
}
