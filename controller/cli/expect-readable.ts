/** Files that options of SSH name. */
import { accessSync, constants } from 'node:fs'
import { AppError } from '../../shared/errors/app-error.ts'
import type { SshFlags } from './ssh-flags.ts'

/**
 * ssh would go on without them, and with another key or account than the operator thinks.
 *
 * @throws AppError `USAGE`
 */
export function expectReadableFiles({ privateKey, sshConfig }: SshFlags): void {
  expectReadable('--private-key', privateKey)
  expectReadable('--ssh-config', sshConfig)
}

/**
 * @param path - undefined when the option was not given
 * @throws AppError `USAGE`
 */
export function expectReadable(flag: string, path: string | undefined): void {
  if (path === undefined) return
  try {
    accessSync(path, constants.R_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('USAGE', `${flag}: ${why}`, { hint: 'name a file that is there', cause })
  }
}
