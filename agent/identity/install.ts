/** `pgsvc agent install-certificate`: puts a signed certificate in place, together with its key. */
import type { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { authoritiesIn, bundleOf } from '../../shared/pki/authorities.ts'
import { isPair, type OnLeft, replacePair } from '../../shared/pki/pair-files.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import { readAuthorities } from './authorities-file.ts'
import { type IdentityPaths, pendingKeyPath } from './paths.ts'
import { replaceAuthorities } from './replace-authorities.ts'
import { type Offered, unfitness } from './unfit.ts'

/**
 * @param pem - the certificate, and after it the authorities to be trusted, if they are to be replaced
 * @returns until when it is valid, as the certificate says it
 * @throws AppError `CERTIFICATE_UNFIT`, `PAIR_UNWRITABLE`; `CERTIFICATE_UNREADABLE` when none come along and those in
 *   place cannot be read
 */
export async function installSigned(
  {
    files,
    clock,
    onLeft,
  }: { readonly files: Files; readonly clock: Pick<Clock, 'now'>; readonly onLeft: OnLeft },
  paths: IdentityPaths,
  node: string,
  pem: string,
): Promise<string> {
  const { certificate, brought } = cameIn(pem)
  const certPem = bundleOf([certificate])
  const keyPem = await keyOf(files, paths, certPem)
  // Everything is looked at before anything is replaced: a right pair must not give way to a wrong one.
  const authorities = brought.length > 0 ? brought : await readAuthorities(files, paths.ca)
  const fault = faultOf({ certPem, keyPem, authorities }, node, clock.now())
  if (fault !== undefined) throw unfit(fault)
  // First of all whom to believe: with the old authorities the new pair might be of no use.
  if (brought.length > 0) await replaceAuthorities(files, paths.ca, bundleOf(brought))
  await replacePair(files, paths, { certPem, keyPem }, onLeft)
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

interface CameIn {
  readonly certificate: X509Certificate
  readonly brought: readonly X509Certificate[]
}

function cameIn(pem: string): CameIn {
  try {
    const [certificate, ...brought] = authoritiesIn(pem, { code: 'CERTIFICATE_UNFIT', from: 'what came in' })
    if (certificate) return { certificate, brought }
  } catch (error) {
    throw unfit(error instanceof Error ? error.message : String(error))
  }
  throw new Error('a bundle without a certificate was read')
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
