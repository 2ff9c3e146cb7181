/** The authorities that this node believes, in one file. */
import { dirname } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'

/** @throws AppError `PAIR_UNWRITABLE` */
export async function replaceAuthorities(files: Files, path: string, pem: string): Promise<void> {
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
