/** The group that may use the second socket, as the system knows it (files, LDAP, whatever getent asks). */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'

/**
 * @returns undefined when no group is named
 * @throws AppError `GROUP_UNKNOWN`
 */
export async function groupAccess(
  config: { readonly socket_group: string },
  exec: Exec,
): Promise<{ readonly mode: number; readonly gid: number } | undefined> {
  const { socket_group: name } = config
  if (name === '') return undefined
  const found = await exec.run('getent', ['group', name], { timeoutMs: 10_000 }).catch(() => undefined)
  const gid = /^[^:]*:[^:]*:(\d+):/.exec(found?.stdout ?? '')?.[1]
  if (gid !== undefined) return { mode: 0o660, gid: Number(gid) }
  throw new AppError('GROUP_UNKNOWN', `there is no group ${name} (socket_group)`, {
    hint: `make it, or name another: getent group ${name}`,
  })
}
