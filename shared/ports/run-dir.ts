/**
 * The directory of sockets and states, /run/pgsvc. Controller and agent share it where they share a host, and Patroni has to
 * get through to the agent's socket: who may open what is in it is for its own mode to say.
 */
import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes the directory, if need be, so that everybody may pass through it, whatever the umask. */
export async function makeRunDir(dir: string): Promise<void> {
  const made = await mkdir(dir, { recursive: true, mode: 0o755 })
  if (made !== undefined) await chmod(dir, 0o755)
}

/** @returns the first directory on the way to `path` that others may not pass through; undefined when there is none */
export async function closedDir(path: string): Promise<string | undefined> {
  const dir = dirname(path)
  const above = dir === path ? undefined : await closedDir(dir)
  if (above !== undefined || dir === path) return above
  const { mode } = await stat(dir)
  return (mode & 0o001) === 0 ? dir : undefined
}
