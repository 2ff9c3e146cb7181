/** `pgsvc agent install-certificate`: puts a signed certificate in place, together with its key. */
import { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { parseIdentity } from '../../shared/pki/identity.ts'
import { isPair, replacePair } from '../../shared/pki/pair-files.ts'
import { certificatesIn } from '../../shared/pki/pem.ts'
import type { Files } from '../../shared/ports/files.ts'
import { type IdentityPaths, pendingKeyPath } from './paths.ts'
import { replaceAuthorities } from './replace-authorities.ts'

/**
 * @param pem - the certificate, and after it the authorities to be trusted, if they are to be replaced
 * @returns until when it is valid, as the certificate says it
 * @throws AppError `CERTIFICATE_UNFIT`, `PAIR_UNWRITABLE`
 */
export async function installSigned(
  files: Files,
  paths: IdentityPaths,
  node: string,
  pem: string,
): Promise<string> {
  const [certPem, ...authorities] = certificatesIn(pem)
  const certificate = certPem === undefined ? undefined : parsed(certPem)
  if (certPem === undefined || certificate === undefined) throw unfit('what came in is no PEM certificate')
  const identity = parseIdentity(certificate.subjectAltName ?? '')
  if (identity?.kind !== 'node' || identity.name !== node) {
    throw unfit(`it is for ${certificate.subjectAltName ?? 'nobody'}, and this node is ${node}`)
  }
  const key = await keyOf(files, paths, certPem)
  // First of all whom to believe: with the old authorities the new pair might be of no use.
  if (authorities.length > 0) await replaceAuthorities(files, paths.ca, authorities.join(''))
  await replacePair(files, paths, { certPem, keyPem: key })
  await files.remove(pendingKeyPath(paths))
  return certificate.validTo
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
