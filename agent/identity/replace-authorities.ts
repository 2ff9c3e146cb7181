/** The authorities that this node believes, in one file. */
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'

const controllerCertificate = 'controller.crt'

/**
 * Not where a controller has its certificate beside it: that host's authorities are the operator's to change, and what an
 * answer said that was signed before would bring one back that was taken out.
 *
 * @throws AppError `PAIR_UNWRITABLE`
 */
export async function replaceAuthorities(files: Files, path: string, pem: string): Promise<void> {
  const isThere = (await files.kind(path)) !== undefined
  if (isThere && (await files.kind(join(dirname(path), controllerCertificate))) !== undefined) return
  const temporary = temporaryName(path)
  try {
    await makeDurableDir(files, dirname(path))
    await files.remove(temporary)
    await files.write(temporary, pem, 0o644)
    await files.sync(temporary)
    await files.rename(temporary, path)
    await files.sync(dirname(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PAIR_UNWRITABLE', `${path} cannot be replaced: ${why}`, { cause })
  }
}
