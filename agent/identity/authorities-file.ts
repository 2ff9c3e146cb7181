/** The file of the authorities that this node believes, read as a whole or not at all. */
import type { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { authoritiesIn } from '../../shared/pki/authorities.ts'
import type { Files } from '../../shared/ports/files.ts'

/**
 * @returns none where there is no file
 * @throws AppError `CERTIFICATE_UNREADABLE`
 */
export async function readAuthorities(files: Files, path: string): Promise<readonly X509Certificate[]> {
  const content = await files.read(path).catch((cause: unknown) => {
    throw new AppError('CERTIFICATE_UNREADABLE', `${path} cannot be read`, { cause })
  })
  return content
    ? authoritiesIn(content.toString('utf8'), { code: 'CERTIFICATE_UNREADABLE', from: path })
    : []
}

/**
 * For each connection anew. As long as the file cannot be read as a whole, those that were read before go on: a part of
 * them would be other authorities, and with none there is no controller.
 *
 * @returns throws AppError `CERTIFICATE_UNREADABLE` when none were ever read
 */
export function keepAuthorities(files: Files, path: string): () => Promise<readonly X509Certificate[]> {
  let known: readonly X509Certificate[] = []
  return async () => {
    try {
      known = await readAuthorities(files, path)
    } catch (error) {
      if (known.length === 0) throw error
    }
    return known
  }
}
