/**
 * `pgsvc agent request-certificate`: the key is made on this node and stays here, mode 0600; only a request to sign it
 * goes out. No program is needed for it.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { dirname } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { keyPem, newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'
import { type IdentityPaths, pendingKeyPath } from './paths.ts'

/**
 * The request, for the key that is there; where there is none, one is made. So asking twice does no harm, and a pair
 * that is in use stays a pair until its certificate is replaced.
 *
 * @param isNewWanted - make a new key in any case; beside a key that is there it waits as `<key>.new` until its
 *   certificate is installed
 * @returns PEM
 * @throws AppError `KEY_UNUSABLE`, `KEY_UNWRITABLE`
 */
export async function requestFor(files: Files, paths: IdentityPaths, isNewWanted: boolean): Promise<string> {
  const known = await files.read(paths.key)
  if (known && !isNewWanted) return signingRequest(keyFrom(known, paths.key))
  const key = newKey()
  await writeKey(files, known ? pendingKeyPath(paths) : paths.key, key)
  return signingRequest(key)
}

function keyFrom(pem: Buffer, path: string): KeyObject {
  const key = parsed(pem)
  if (key?.asymmetricKeyType === 'ec') return key
  throw new AppError('KEY_UNUSABLE', `${path} is no EC private key in PEM`, {
    hint: 'add --new-key to make one beside it',
  })
}

function parsed(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined // what it is instead does not matter
  }
}

async function writeKey(files: Files, path: string, key: KeyObject): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await makeDurableDir(files, dirname(path))
    await files.remove(temporary) // of an attempt that was cut off, perhaps with another mode
    await files.write(temporary, keyPem(key), 0o600)
    await files.sync(temporary)
    await files.rename(temporary, path)
    await files.sync(dirname(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('KEY_UNWRITABLE', `${path} cannot be written: ${why}`, {
      cause,
      hint: 'run it as root, and look for room on the disk',
    })
  }
}
